// Processes for the TDB tests: a second process on a file (C library, driven line by line), and a runner for ctdb-lockd.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { ProcessRunner } from "../../src/platform/ports.js";
import { bundleProgram } from "../bundled-program.js";

/** A fresh folder in memory. */
export function scratchFolder(): { path: string; remove(): void } {
  const path = mkdtempSync("/dev/shm/ctdb-ts-tdb-");
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

const running = new Set<LineProcess>();

/** Ends what a failed test left behind; for the end of each test file. */
export async function killLeftovers(): Promise<void> {
  await Promise.all([...running].map((process) => process.kill()));
}

/** A child that is driven line by line. */
class LineProcess {
  private readonly waiting: Array<(line: string) => void> = [];
  private readonly lines: string[] = [];
  protected readonly child;
  readonly exited: Promise<void>;

  protected constructor(program: string, args: string[]) {
    this.child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
    running.add(this);
    this.exited = new Promise((resolve) => {
      this.child.once("exit", () => {
        running.delete(this);
        resolve();
      });
    });
    createInterface({ input: this.child.stdout }).on("line", (line) => {
      const next = this.waiting.shift();
      if (next === undefined) this.lines.push(line);
      else next(line);
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  line(): Promise<string> {
    const line = this.lines.shift();
    return line === undefined ? new Promise((resolve) => this.waiting.push(resolve)) : Promise.resolve(line);
  }

  /** Sends a command and gives its answer. */
  ask(command: string): Promise<string> {
    this.child.stdin.write(`${command}\n`);
    return this.line();
  }

  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.exited;
  }
}

export class TdbPeer extends LineProcess {
  /** Starts the process and waits until it has the file open. */
  static async open(path: string, flags: number): Promise<TdbPeer> {
    const peer = new TdbPeer("/usr/bin/python3", [
      join(__PROJECT_ROOT__, "test/interop/tdb_peer.py"),
      path,
      String(flags),
    ]);
    const answer = await peer.line();
    if (answer !== "open") throw new Error(`the C library cannot open ${path}: ${answer}`);
    return peer;
  }
}

/** tdb-freezer.ts, bundled. */
export class FreezerProcess extends LineProcess {
  static async start(args: string[]): Promise<FreezerProcess> {
    const bundle = await bundleProgram("test/interop/tdb-freezer.ts");
    const freezer = new FreezerProcess(process.execPath, [bundle.path, ...args]);
    void freezer.exited.then(() => bundle.remove());
    return freezer;
  }
}

/** Starts programs as plain children. */
export const plainProcesses: ProcessRunner = {
  spawn(program, args, options, handlers) {
    const env: NodeJS.ProcessEnv = { ...process.env, ...options.env };
    delete env["NODE_EXTRA_CA_CERTS"];
    const child = spawn(program, [...args], { stdio: ["pipe", "pipe", "inherit"], env });
    child.stdout.on("data", (bytes: Buffer) => handlers.onStdout(bytes));
    child.once("exit", (code, signal) => handlers.onExit(code, signal));
    child.stdin.on("error", () => {});
    return {
      pid: child.pid ?? 0,
      write: (bytes) => {
        child.stdin.write(bytes);
      },
      kill: (signal) => {
        child.kill(signal);
      },
    };
  },
  exists(pid) {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  },
};

/** Starts programs as plain children, and knows which helpers hold the lock of a database, or wait for it. */
export class HolderProcesses implements ProcessRunner {
  private readonly holders = new Set<number>();
  readonly exists = plainProcesses.exists;

  readonly spawn: ProcessRunner["spawn"] = (program, args, options, handlers) => {
    const child = plainProcesses.spawn(program, args, options, {
      ...handlers,
      onExit: (code, signal) => {
        this.holders.delete(child.pid);
        handlers.onExit(code, signal);
      },
    });
    if (args.includes("hold")) this.holders.add(child.pid);
    return child;
  };

  /** SIGKILL. */
  killHolders(): void {
    for (const pid of this.holders) process.kill(pid, "SIGKILL");
  }
}

/** Bundles ctdb-lockd, and gives the arguments that start it. */
export async function bundleLockd(): Promise<{ program: string; args: string[]; ownPid: number; remove(): void }> {
  const { path, remove } = await bundleProgram("src/daemon/lockd.ts");
  return { program: process.execPath, args: [path], ownPid: process.pid, remove };
}
