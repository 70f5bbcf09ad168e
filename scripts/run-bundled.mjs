// Bundles one TypeScript entry of the checkout (a benchmark, the demo) with esbuild and runs it with the remaining arguments,
// and with the options of node that this script has.
// usage: node scripts/run-bundled.mjs ENTRY.ts [ARGUMENT...]
import { spawn } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const [entry, ...args] = process.argv.slice(2);
if (entry === undefined) {
  console.error("usage: node scripts/run-bundled.mjs ENTRY.ts [ARGUMENT...]");
  process.exit(2);
}

// Below the checkout, so that packages left out of the bundle are found.
const out = join(root, "build", `run-${process.pid}`);
mkdirSync(out, { recursive: true });
const bundle = join(out, basename(entry).replace(/\.ts$/, ".mjs"));
await build({
  entryPoints: [resolve(entry)],
  outfile: bundle,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  sourcemap: "inline",
  packages: "external",
  logLevel: "warning",
  define: { __PROJECT_ROOT__: JSON.stringify(root) },
});

const child = spawn(process.execPath, [...process.execArgv, "--enable-source-maps", bundle, ...args], {
  stdio: "inherit",
});
// The child has the same terminal and gets the same signals; it decides how to end.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => {
  rmSync(out, { recursive: true, force: true });
  process.exit(code ?? (signal === null ? 1 : 130));
});
