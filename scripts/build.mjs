// Bundles the programs and the library into dist/: one file each, koffi beside them in node_modules.
// usage: node scripts/build.mjs [--no-types] [NAME...]      (all programs, or those named)
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(root, "dist");

const entries = {
  ctdbd: "src/daemon/ctdbd.ts",
  "ctdb-clusterd": "src/daemon/clusterd.ts",
  "ctdb-lockd": "src/daemon/lockd.ts",
  "ctdb-commitd": "src/daemon/commitd.ts",
  "ctdb-vacuumd": "src/daemon/vacuumd.ts",
  ctdb_mutex_fcntl_helper: "src/daemon/mutex-fcntl-helper.ts",
  ctdb: "src/tool/main.ts",
  "ctdb-event": "src/tool/companions/ctdb-event.ts",
  "ctdb-path": "src/tool/companions/ctdb-path.ts",
  "ctdb-config": "src/tool/companions/ctdb-config.ts",
  "ctdb-local": "src/tool/companions/ctdb-local.ts",
  onnode: "src/tool/companions/onnode.ts",
  ltdbtool: "src/tool/companions/ltdbtool.ts",
  ping_pong: "src/tool/companions/ping-pong.ts",
  ctdb_diagnostics: "src/tool/companions/ctdb-diagnostics.ts",
  index: "src/client/index.ts",
  protocol: "src/protocol/index.ts",
  demo: "demo/main.ts",
};

const named = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const unknown = named.filter((name) => !Object.hasOwn(entries, name));
if (unknown.length > 0) {
  console.error(`there is no program ${unknown.join(", ")}; there are ${Object.keys(entries).join(", ")}`);
  process.exit(2);
}
const wanted = Object.entries(entries).filter(([name]) => named.length === 0 || named.includes(name));

/** Programs that are started often and end at once: as CommonJS, node starts them faster and loads koffi only when it is used. */
const shortLived = new Set([
  "ctdb",
  "ctdb-event",
  "ctdb-path",
  "ctdb-config",
  "ctdb-local",
  "onnode",
  "ltdbtool",
  "ctdb_diagnostics",
]);
const [short, long] = [true, false].map((isShort) => wanted.filter(([name]) => shortLived.has(name) === isShort));

mkdirSync(dist, { recursive: true });
const common = {
  absWorkingDir: root,
  outdir: dist,
  bundle: true,
  platform: "node",
  target: "node20",
  external: ["koffi"],
  legalComments: "none",
  define: { __PROJECT_ROOT__: JSON.stringify(root) },
  logLevel: "warning",
};
await build({ ...common, entryPoints: Object.fromEntries(short), format: "cjs", outExtension: { ".js": ".cjs" } });
await build({
  ...common,
  entryPoints: Object.fromEntries(long),
  format: "esm",
  // Bundled CommonJS packages still ask for node's own modules through require.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
});
// The launchers in bin/ start what was built with the node that built it, whatever PATH says.
writeFileSync(join(dist, "node-path"), `${process.execPath}\n`);

if (!process.argv.includes("--no-types")) {
  rmSync(join(dist, "types"), { recursive: true, force: true });
  const tsc = spawnSync(
    process.execPath,
    [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.types.json"],
    {
      cwd: root,
      stdio: "inherit",
    },
  );
  if (tsc.status !== 0) process.exit(tsc.status ?? 1);
}
