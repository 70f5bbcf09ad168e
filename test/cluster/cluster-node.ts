// One node of a local test cluster: a ctdbd (Debian's C daemon or ours) started from a node directory, and what a test does to it.
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { daemonProgram, LocalNode } from "../../src/tool/companions/local-cluster/local-node.js";
import { awaitCondition } from "./await-condition.js";
import { NodeProbe } from "./node-probe.js";
import { NODE_MARK, processesWithEnvironment } from "./process-guard.js";

/** "c": Debian's daemon. "ts": the one of this repository. */
export type NodeKind = "c" | "ts";

/** A process that writes to a slow disk at that moment ends when it is done with that. */
const KILL_LIMIT_MS = 60_000;
const OWN_BIN = join(__PROJECT_ROOT__, "bin");

export const daemonPrograms: Readonly<Record<NodeKind, string>> = {
  c: process.env["CTDB_TEST_C_DAEMON"] ?? daemonProgram("c", OWN_BIN),
  ts: process.env["CTDB_TEST_TS_DAEMON"] ?? daemonProgram("ts", OWN_BIN),
};
/** The C tool, with which both kinds are driven. */
export const C_TOOL = process.env["CTDB_TEST_C_TOOL"] ?? "/usr/bin/ctdb";

export interface ToolResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; it is killed after `timeoutMs`, which gives the status -1. */
export function runProgram(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (bytes: Buffer) => stdout.push(bytes));
    child.stderr.on("data", (bytes: Buffer) => stderr.push(bytes));
    const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(timer);
      resolve({
        status: code ?? -1,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      });
    });
  });
}

export class ClusterNode extends LocalNode {
  private child: ChildProcess | undefined;
  private exit: Promise<number | null> | undefined;
  private probeOpened: NodeProbe | undefined;

  constructor(
    pnn: number,
    base: string,
    readonly address: string,
    private currentKind: NodeKind,
    private readonly environment: Readonly<Record<string, string>>,
    /** Words in front of the daemon, such as taskset with its arguments. */
    private readonly launchPrefix: readonly string[],
  ) {
    super(pnn, base);
  }

  get kind(): NodeKind {
    return this.currentKind;
  }

  /** Changed between two starts: the same directory serves both daemons. */
  set kind(kind: NodeKind) {
    this.currentKind = kind;
    this.daemon = daemonPrograms[kind];
  }

  /** Process id of the daemon itself. */
  get daemonPid(): number | undefined {
    return this.child?.exitCode === null && this.child.signalCode === null ? this.child.pid : undefined;
  }

  get env(): Record<string, string> {
    return {
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      ...this.identity,
      ...this.environment,
    };
  }

  /** Path of a volatile database's file on this node. */
  volatileFile(database: string): string {
    return join(this.base, "db/volatile", `${database}.${this.pnn}`);
  }

  start(): void {
    if (this.daemonPid !== undefined) throw new Error(`node ${this.pnn} is running already`);
    // In the foreground the daemon's last words get into the log too, whatever ends it.
    const log = openSync(this.logPath, "a");
    const child = this.launch({
      interactive: true,
      environment: { ...this.env, [NODE_MARK]: this.base },
      prefix: this.launchPrefix,
      stdio: ["ignore", log, log],
      cwd: this.base,
    });
    closeSync(log);
    this.child = child;
    this.exit = new Promise((resolve) => {
      child.once("exit", (code) => resolve(code));
      child.once("error", () => resolve(null));
    });
  }

  /** Waits for the end of the daemon; its exit status, or null when a signal ended it. */
  async exited(timeoutMs: number): Promise<number | null> {
    await awaitCondition(`end of ctdbd of node ${this.pnn}`, { timeoutMs }, () => this.daemonPid === undefined);
    return (await this.exit) ?? null;
  }

  /** All processes of the node: the daemon, its helpers, what its scripts started. */
  pids(): number[] {
    return processesWithEnvironment(NODE_MARK, this.base);
  }

  private signalAll(signal: "SIGKILL" | "SIGSTOP" | "SIGCONT"): void {
    const daemon = this.daemonPid;
    const others = this.pids().filter((pid) => pid !== daemon);
    for (const pid of daemon === undefined ? others : [daemon, ...others]) {
      try {
        process.kill(pid, signal);
      } catch (error) {
        if (!(error instanceof Error) || !("code" in error) || error.code !== "ESRCH") throw error;
      }
    }
  }

  /** SIGKILL to every process of the node, the daemon first. Gives back when the daemon was killed (performance.now()). */
  async kill(): Promise<number> {
    const daemon = this.daemonPid;
    if (daemon !== undefined) process.kill(daemon, "SIGKILL");
    const killedAt = performance.now();
    await awaitCondition(`all processes of node ${this.pnn} are gone`, { timeoutMs: KILL_LIMIT_MS }, () => {
      this.signalAll("SIGKILL");
      const left = this.pids();
      if (this.daemonPid === undefined && left.length === 0) return true;
      const unreaped = this.daemonPid === undefined ? [] : [this.daemonPid];
      throw new Error(`left: ${[...unreaped, ...left].map(describeProcess).join("; ")}`);
    });
    this.dropProbe();
    return killedAt;
  }

  /** SIGSTOP: the node falls silent while its connections stay open. */
  pause(): void {
    this.signalAll("SIGSTOP");
  }

  resume(): void {
    this.signalAll("SIGCONT");
  }

  /** Ends the node in the ordinary way, by SIGTERM; what is left after `timeoutMs` is killed. */
  async stop(timeoutMs = 10_000): Promise<void> {
    const daemon = this.daemonPid;
    if (daemon !== undefined) {
      this.resume();
      process.kill(daemon, "SIGTERM");
      try {
        await this.exited(timeoutMs);
      } catch {
        // Whatever hinders it, the next line ends it.
      }
    }
    await this.kill();
  }

  /** Runs Debian's `ctdb` tool against this node. */
  ctdb(args: readonly string[], timeoutMs = 30_000): Promise<ToolResult> {
    return runProgram(C_TOOL, args, this.env, timeoutMs);
  }

  /** As `ctdb`, for commands that must succeed: gives stdout, throws with stderr otherwise. */
  async ctdbOk(args: readonly string[], timeoutMs = 30_000): Promise<string> {
    const result = await this.ctdb(args, timeoutMs);
    if (result.status !== 0) {
      throw new Error(
        `ctdb ${args.join(" ")} on node ${this.pnn}: status ${result.status}: ${result.stderr}${result.stdout}`,
      );
    }
    return result.stdout;
  }

  /** A connection to the daemon that is kept open between calls; opened anew when the daemon was restarted. */
  async probe(): Promise<NodeProbe> {
    if (this.probeOpened === undefined) {
      const probe = await NodeProbe.open(this.socketPath);
      this.probeOpened = probe;
      void probe.closed.then(() => {
        if (this.probeOpened === probe) this.probeOpened = undefined;
      });
    }
    return this.probeOpened;
  }

  dropProbe(): void {
    this.probeOpened?.close();
    this.probeOpened = undefined;
  }

  /** Resident memory of the daemon in bytes. */
  residentBytes(): number {
    const pid = this.daemonPid;
    if (pid === undefined) throw new Error(`node ${this.pnn} does not run`);
    const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return Number(line?.[1]) * 1024;
  }
}

/** Name of a process, and of each thread its state and what it waits for in the kernel: why it may outlive a SIGKILL. */
function describeProcess(pid: number): string {
  const read = (name: string): string => {
    try {
      return readFileSync(`/proc/${pid}/${name}`, "latin1").trim();
    } catch {
      return "";
    }
  };
  let threads: string[] = [];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    // It ends at this moment.
  }
  const states = threads.map(
    (thread) => `${/\) (\S)/.exec(read(`task/${thread}/stat`))?.[1] ?? "?"} ${read(`task/${thread}/wchan`)}`,
  );
  return `${pid} ${read("comm")} (${states.join(", ")})`;
}
