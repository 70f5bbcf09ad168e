// The simulator with a mutation in it: bundled anew, and run as a process of its own. Called by the tool and by tests.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import { type Mutation, mutate } from "./mutation.js";

/** Tells the tool that the mutation of its command line is in it already. */
export const MUTATED_OPTION = "mutated";

function mutating(mutation: Mutation): Plugin {
  const path = join(__PROJECT_ROOT__, mutation.file);
  return {
    name: mutation.name,
    setup(bundle) {
      bundle.onLoad({ filter: /\.ts$/ }, async (file) =>
        file.path === path ? { contents: mutate(mutation, await readFile(path, "utf8")), loader: "ts" } : undefined,
      );
    },
  };
}

/**
 * Runs `npm run simulate` with `args` and the mutation in it. `onOutput` gets what it prints; without it that goes where this process's
 * output goes. Resolves to the exit status. Throws StaleMutationError, or what the bundler says.
 */
export async function runMutant(
  mutation: Mutation,
  args: readonly string[],
  onOutput?: (text: string) => void,
): Promise<number> {
  // Below the checkout, so that packages left out of the bundle are found.
  const directory = await mkdtemp(join(__PROJECT_ROOT__, "build/mutant-"));
  try {
    const outfile = join(directory, "simulate.mjs");
    await build({
      entryPoints: [join(__PROJECT_ROOT__, "src/simulator/tool/main.ts")],
      outfile,
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node20",
      sourcemap: "inline",
      packages: "external",
      logLevel: "warning",
      define: { __PROJECT_ROOT__: JSON.stringify(__PROJECT_ROOT__) },
      plugins: [mutating(mutation)],
    });
    const words = ["--enable-source-maps", outfile, ...args, "--mutation", mutation.name, `--${MUTATED_OPTION}`];
    const child = spawn(process.execPath, words, {
      stdio: ["ignore", onOutput === undefined ? "inherit" : "pipe", "inherit"],
    });
    child.stdout?.setEncoding("utf8").on("data", (text: string) => onOutput?.(text));
    return await new Promise<number>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => resolve(code ?? 1));
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
