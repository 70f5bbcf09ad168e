// Bundles the test files below the given paths with esbuild and runs them with node's own test runner.
// usage: node scripts/test-files.mjs [--serial] PATH... [-- node options]
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

function testFilesBelow(path) {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .flatMap((entry) => {
      const child = join(path, entry.name);
      return entry.isDirectory() ? testFilesBelow(child) : entry.name.endsWith(".test.ts") ? [child] : [];
    })
    .sort();
}

const argv = process.argv.slice(2);
const separator = argv.indexOf("--");
const nodeOptions = separator < 0 ? [] : argv.slice(separator + 1);
const words = separator < 0 ? argv : argv.slice(0, separator);
const serial = words.includes("--serial");
const paths = words.filter((word) => !word.startsWith("--")).map((path) => resolve(path));
if (paths.length === 0) {
  console.error("usage: node scripts/test-files.mjs [--serial] PATH... [-- node options]");
  process.exit(2);
}

const files = paths.flatMap(testFilesBelow);
const out = join(root, "build", `tests-${process.pid}`);
mkdirSync(out, { recursive: true });
let status = 1;
try {
  await build({
    entryPoints: files.map((file) => ({ in: file, out: relative(root, file).replace(/\.ts$/, "") })),
    outdir: out,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    sourcemap: "inline",
    packages: "external",
    outExtension: { ".js": ".mjs" },
    logLevel: "warning",
    define: { __PROJECT_ROOT__: JSON.stringify(root) },
  });
  const bundles = files.map((file) => join(out, relative(root, file).replace(/\.ts$/, ".mjs")));
  const run = spawnSync(
    process.execPath,
    ["--enable-source-maps", ...nodeOptions, "--test", ...(serial ? ["--test-concurrency=1"] : []), ...bundles],
    { stdio: "inherit", cwd: root },
  );
  status = run.status ?? 1;
} finally {
  rmSync(out, { recursive: true, force: true });
}
process.exit(status);
