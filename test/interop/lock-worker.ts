// A process that holds a g_lock, or is in the middle of transactions, until it is killed. A test file runs it by starting itself with
// WORKER_VARIABLE set.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { connect, type GLockOptions } from "../../src/client/index.js";
import type { ClusterNode } from "../cluster/cluster-node.js";
import { raiseCounters } from "../cluster/counter-writer.js";

export const WORKER_VARIABLE = "CTDB_TEST_LOCK_WORKER";

export type LockWork =
  /** Takes the lock `name`, says "held". */
  | { readonly kind: "hold"; readonly name: string; readonly options: GLockOptions }
  /** Raises counters for ever, says "raised" each time. */
  | { readonly kind: "raise"; readonly database: string; readonly name: string }
  /** Begins a transaction, says "begun", and does not end it. */
  | { readonly kind: "begin"; readonly database: string };

async function work(socketPath: string, what: LockWork): Promise<void> {
  const client = await connect({ socketPath });
  if (what.kind === "hold") {
    await client.gLock(what.name, what.options);
    process.stdout.write("held\n");
    return;
  }
  const database = await client.attach(what.database, { type: "persistent" });
  if (what.kind === "begin") {
    await database.transaction((transaction) => {
      transaction.store("of the dead", "must not be there");
      process.stdout.write("begun\n");
      return new Promise<void>(() => {});
    });
    return;
  }
  while (true) {
    await raiseCounters(database, what.name, {});
    process.stdout.write("raised\n");
  }
}

/** What the process does that was started for it. */
export function runLockWorker(argumentsJson: string): Promise<void> {
  const { socketPath, what }: { socketPath: string; what: LockWork } = JSON.parse(argumentsJson);
  return work(socketPath, what);
}

/** A worker on a node. Kill it in the end. */
export class LockWorker {
  /** Lines that it has said. */
  lines = 0;
  private readonly child: ChildProcess;
  private readonly firstLine: Promise<void>;
  private readonly ended: Promise<unknown>;

  constructor(node: ClusterNode, what: LockWork) {
    const words = JSON.stringify({ socketPath: node.socketPath, what });
    this.child = spawn(process.execPath, [fileURLToPath(import.meta.url)], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, [WORKER_VARIABLE]: words },
    });
    this.ended = once(this.child, "close");
    this.firstLine = new Promise((resolve, reject) => {
      this.child.stdout?.on("data", (bytes: Buffer) => {
        this.lines += bytes.toString().split("\n").length - 1;
        resolve();
      });
      this.child.once("exit", () => reject(new Error("the worker ended before it said anything")));
    });
  }

  /** Waits until it has said something. */
  ready(): Promise<void> {
    return this.firstLine;
  }

  /** SIGKILL; what it has said is in `lines` then. */
  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
  }
}
