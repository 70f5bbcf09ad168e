// Starts peers on libtdb for the conformance suite: real processes.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { bundleProgram } from "../../bundled-program.js";
import type { Peer } from "./peer.js";

export class LibtdbPeers {
  private bundled: ReturnType<typeof bundleProgram> | undefined;
  private readonly children = new Set<ChildProcessByStdio<Writable, Readable, null>>();

  /** Rejects with "error ERRNO" when the peer cannot open the file. */
  async open(path: string, flags: number): Promise<Peer & { readonly pid: number }> {
    this.bundled ??= bundleProgram("test/unit/tdb/peer-process.ts");
    const child = spawn(process.execPath, [(await this.bundled).path, path, String(flags)], {
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
    (await this.bundled)?.remove();
  }
}
