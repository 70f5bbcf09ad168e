// Bundles programs of the project that tests start as processes, or load a second time.
import { rmSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "esbuild";

let bundles = 0;

/** Bundles `entry`, a path in the project, into a file of its own in build/, where it finds koffi. The file has the name of `entry`. */
export async function bundleProgram(entry: string): Promise<{ readonly path: string; remove(): void }> {
  const path = join(__PROJECT_ROOT__, `build/${basename(entry, ".ts")}-${process.pid}-${++bundles}.mjs`);
  await build({
    entryPoints: [join(__PROJECT_ROOT__, entry)],
    outfile: path,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    logLevel: "warning",
    define: { __PROJECT_ROOT__: JSON.stringify(__PROJECT_ROOT__) },
  });
  return { path, remove: () => rmSync(path, { force: true }) };
}
