// Writes what is generated from the protocol schema: src/protocol/generated/*.ts and docs/protocol.md.
// usage: node scripts/generate.mjs [--check]     --check writes nothing and exits 1 if a file is stale
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const generatedFolder = "src/protocol/generated";
const check = process.argv.includes("--check");

/** The generator is TypeScript and reads a TypeScript schema: bundle it, then load it. */
async function loadGenerator() {
  const bundle = join(root, "build", `generate-${process.pid}.mjs`);
  mkdirSync(dirname(bundle), { recursive: true });
  await build({
    entryPoints: [join(root, "scripts/generate/main.ts")],
    outfile: bundle,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    logLevel: "warning",
  });
  try {
    return await import(pathToFileURL(bundle).href);
  } finally {
    rmSync(bundle, { force: true });
  }
}

/** Formats TypeScript as the rest of the project is formatted. */
function format(path, text) {
  if (!path.endsWith(".ts")) return text;
  // Biome leaves generated/ alone; under another name it formats the same text.
  const name = path.replace("/generated/", "/");
  const run = spawnSync(join(root, "node_modules/.bin/biome"), ["format", `--stdin-file-path=${name}`], {
    cwd: root,
    input: text,
    encoding: "utf8",
  });
  if (run.status !== 0) throw new Error(`biome cannot format ${path}: ${run.error?.message ?? run.stderr}`);
  return run.stdout;
}

function readOrEmpty(path) {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return "";
    throw error;
  }
}

const { generateFiles } = await loadGenerator();
const files = generateFiles().map(({ path, text }) => ({ path, text: format(path, text) }));
const stale = files.filter(({ path, text }) => readOrEmpty(join(root, path)) !== text);
mkdirSync(join(root, generatedFolder), { recursive: true });
const known = new Set(files.map(({ path }) => path));
const leftOver = readdirSync(join(root, generatedFolder))
  .map((name) => `${generatedFolder}/${name}`)
  .filter((path) => !known.has(path));

if (check) {
  for (const { path } of stale) console.error(`stale: ${path}`);
  for (const path of leftOver) console.error(`not generated any more: ${path}`);
  if (stale.length + leftOver.length > 0) {
    console.error("run `npm run generate` and commit the result");
    process.exit(1);
  }
} else {
  for (const { path, text } of stale) {
    writeFileSync(join(root, path), text);
    console.log(`wrote ${path}`);
  }
  for (const path of leftOver) {
    rmSync(join(root, path));
    console.log(`removed ${path}`);
  }
}
