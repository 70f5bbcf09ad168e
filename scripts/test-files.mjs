// Bundles the test files below the given paths with esbuild and runs them with node's own test runner: one file more than there are
// CPUs at a time, as most wait for daemons. Then those named *.alone.test.ts one after the other: they need the whole machine.
// What failed is printed once more at the end.
// usage: node scripts/test-files.mjs [--serial] PATH... [-- node options]
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
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
  const failures = [];
  const run = (group, atOnce) => {
    if (group.length === 0) return 0;
    const bundles = group.map((file) => join(out, relative(root, file).replace(/\.ts$/, ".mjs")));
    const failed = join(out, `failures-${failures.length}`);
    failures.push(failed);
    const reporters = [
      `--test-reporter=${process.stdout.isTTY ? "spec" : "tap"}`,
      "--test-reporter-destination=stdout",
      `--test-reporter=${join(root, "scripts/failures-reporter.mjs")}`,
      `--test-reporter-destination=${failed}`,
    ];
    const argv = [
      "--enable-source-maps",
      ...nodeOptions,
      "--test",
      `--test-concurrency=${atOnce}`,
      ...reporters,
      ...bundles,
    ];
    return spawnSync(process.execPath, argv, { stdio: "inherit", cwd: root }).status ?? 1;
  };
  const isAlone = (file) => file.endsWith(".alone.test.ts");
  const together = run(
    files.filter((file) => !isAlone(file)),
    serial ? 1 : availableParallelism() + 1,
  );
  const alone = run(files.filter(isAlone), 1);
  status = together || alone;
  if (status !== 0)
    console.log(
      `\nFailed:\n\n${failures.map((file) => (existsSync(file) ? readFileSync(file, "utf8") : "")).join("")}`,
    );
} finally {
  rmSync(out, { recursive: true, force: true });
}
process.exit(status);
