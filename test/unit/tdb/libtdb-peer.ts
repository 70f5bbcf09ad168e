// Starts peers on libtdb for the conformance suite: real processes.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { build } from "esbuild";
import type { Peer } from "./peer.js";

export class LibtdbPeers {
  private bundled: Promise<string> | undefined;
  private readonly children = new Set<ChildProcessByStdio<Writable, Readable, null>>();

  /** Rejects with "error ERRNO" when the peer cannot open the file. */
  async open(path: string, flags: number): Promise<Peer & { readonly pid: number }> {
    this.bundled ??= bundle();
    const child = spawn(process.execPath, [await this.bundled, path, String(flags)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.children.add(child);
    const exited = new Promise<void>((resolve) => {
      child.once("exit", () => {
        this.children.delete(child);
        resolve();
      });
    });
    const waiting: Array<(line: string) => void> = [];
    createInterface({ input: child.stdout }).on("line", (line) => waiting.shift()?.(line));
    const answer = (): Promise<string> => new Promise((resolve) => waiting.push(resolve));
    const ask = (...words: string[]): Promise<string> => {
      child.stdin.write(`${JSON.stringify(words)}\n`);
      return answer();
    };
    const opened = await answer();
    if (opened !== "open") throw new Error(opened);
    return {
      pid: child.pid ?? 0,
      ask: (command, key = "", value = "") => ask(command, key, value),
      block: async (command, key = "") => {
        const result = await ask(command, key);
        if (result !== "undefined") throw new Error(`${command}: ${result}`);
      },
      kill: async () => {
        child.kill("SIGKILL");
        await exited;
      },
    };
  }

  async end(): Promise<void> {
    for (const child of this.children) child.kill("SIGKILL");
    if (this.bundled !== undefined) rmSync(await this.bundled, { force: true });
  }
}

async function bundle(): Promise<string> {
  mkdirSync(join(__PROJECT_ROOT__, "build"), { recursive: true });
  const outfile = join(__PROJECT_ROOT__, `build/tdb-peer-${process.pid}.mjs`);
  await build({
    entryPoints: [join(__PROJECT_ROOT__, "test/unit/tdb/peer-process.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    external: ["koffi"],
    logLevel: "warning",
  });
  return outfile;
}
