// Starts workers that raise counter records under fetch-lock, each in a process of its own on its own node, and reads what they
// confirmed. Used by the tests on counters, killed nodes and hop counts.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { awaitCondition } from "../cluster/await-condition.js";
import type { ClusterNode } from "../cluster/cluster-node.js";
import { WORKER_VARIABLE, type WorkerArguments } from "./client-counter-worker.js";

/** python: as Samba does it, with libtdb and nothing of ours. client: our client library. */
export type WorkerKind = "python" | "client";
export const DAEMON_GONE = 3;

export interface Increment {
  readonly key: number;
  /** Nanoseconds of CLOCK_MONOTONIC, the clock of process.hrtime. */
  readonly beginNs: number;
  readonly endNs: number;
  readonly value: number;
}

export interface WorkerOptions {
  readonly kind: WorkerKind;
  readonly database: string;
  /** Number of records, raised in turns (default 1). */
  readonly keys?: number;
  /** Increments; 0: until `stop` (default). */
  readonly count?: number;
  /** Pause after each increment (default 0). */
  readonly pauseMs?: number;
}

/** Monotonic nanoseconds now, in the clock of `Increment`. */
export function nowNs(): number {
  return Number(process.hrtime.bigint());
}

let workersMade = 0;

export class CounterWorker {
  private constructor(
    readonly node: ClusterNode,
    private readonly child: ChildProcess,
    private readonly logPath: string,
    private readonly output: { text: string; errors: string },
    private readonly exit: Promise<number | null>,
  ) {}

  /** Starts a worker; resolves when it is attached. */
  static async start(node: ClusterNode, options: WorkerOptions): Promise<CounterWorker> {
    const logPath = join(node.base, `worker-${workersMade++}.log`);
    const child = startProcess(node, options, logPath);
    const output = { text: "", errors: "" };
    child.stdout?.on("data", (bytes: Buffer) => {
      output.text += bytes.toString();
    });
    child.stderr?.on("data", (bytes: Buffer) => {
      output.errors += bytes.toString();
    });
    const exit = new Promise<number | null>((resolve, reject) => {
      child.once("exit", (code) => resolve(code));
      child.once("error", reject);
    });
    const worker = new CounterWorker(node, child, logPath, output, exit);
    await awaitCondition(`worker on node ${node.pnn} ready`, { timeoutMs: 30_000 }, () => {
      // It may have been ready, and done, before the first look.
      if (output.text.includes("ready")) return true;
      if (child.exitCode !== null) throw new Error(`it ended: ${output.errors}`);
      return false;
    });
    return worker;
  }

  /** What was confirmed so far. */
  increments(): Increment[] {
    if (!existsSync(this.logPath)) return [];
    const lines = readFileSync(this.logPath, "latin1").split("\n");
    lines.pop(); // What follows the last newline is not complete.
    return lines.map((line) => {
      const [key, beginNs, endNs, value] = line.split(" ").map(Number);
      return { key: key ?? -1, beginNs: beginNs ?? 0, endNs: endNs ?? 0, value: value ?? -1 };
    });
  }

  get errors(): string {
    return this.output.errors;
  }

  /** Waits for the end; the exit status. */
  async ended(timeoutMs: number): Promise<number | null> {
    await awaitCondition(`end of the worker on node ${this.node.pnn}`, { timeoutMs }, () => this.isEnded());
    return this.exit;
  }

  isEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Lets it finish its increment and end. */
  async stop(timeoutMs = 20_000): Promise<number | null> {
    this.child.stdin?.end();
    return this.ended(timeoutMs);
  }

  async kill(): Promise<void> {
    if (!this.isEnded()) this.child.kill("SIGKILL");
    await this.exit;
  }
}

function startProcess(node: ClusterNode, options: WorkerOptions, logPath: string): ChildProcess {
  const { database, keys = 1, count = 0, pauseMs = 0 } = options;
  if (options.kind === "python") {
    const program = join(__PROJECT_ROOT__, "test/interop/counter_worker.py");
    const directory = dirname(node.volatileFile(database));
    const words = [program, node.socketPath, directory, node.pnn, database, keys, count, pauseMs, logPath];
    return spawn("/usr/bin/python3", words.map(String), { stdio: "pipe" });
  }
  const worker: WorkerArguments = { socketPath: node.socketPath, database, keys, count, pauseMs, logPath };
  return spawn(process.execPath, [fileURLToPath(import.meta.url)], {
    stdio: "pipe",
    env: { ...process.env, [WORKER_VARIABLE]: JSON.stringify(worker) },
  });
}
