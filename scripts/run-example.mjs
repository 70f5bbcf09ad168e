// Bundles one of the examples with the library of this checkout and runs it.
// usage: node scripts/run-example.mjs examples/NAME.ts [ARGUMENT...]
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const [example, ...args] = process.argv.slice(2);
if (example === undefined) {
  console.error("usage: node scripts/run-example.mjs examples/NAME.ts [ARGUMENT...]");
  process.exit(2);
}
const out = join(root, "build", `example-${process.pid}`);
mkdirSync(out, { recursive: true });
let status = 1;
try {
  await build({
    entryPoints: [resolve(example)],
    outfile: join(out, "example.mjs"),
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    sourcemap: "inline",
    alias: { "ctdb-ts": join(root, "src/client/index.ts") },
    external: ["koffi"],
    logLevel: "warning",
  });
  const child = spawn(process.execPath, ["--enable-source-maps", join(out, "example.mjs"), ...args], {
    stdio: "inherit",
  });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  const [code] = await once(child, "exit");
  status = code ?? 1;
} finally {
  rmSync(out, { recursive: true, force: true });
}
process.exit(status);
