// The workers of all nodes as the story sees them.
import { type ChildProcess, spawn } from "node:child_process";
import type { NodeScene } from "./scene.js";
import type { WorkerCommand, WorkerReport } from "./worker.js";

export const WORKER_WORD = "--worker";
const ANSWER_MAX_MS = 15_000;
/** Weight of the newest sample in a rate. */
const RATE_SMOOTHING = 0.4;

interface Member {
  readonly node: NodeScene;
  readonly child: ChildProcess;
  confirmed: number;
  confirmedAtLastSample: number;
  onPaused: (() => void) | undefined;
}

export class Crew {
  private readonly members = new Map<number, Member>();
  /** Increments of workers that are gone. */
  private confirmedByFormer = 0;
  private sampledAt = performance.now();

  constructor(private readonly environment: NodeJS.ProcessEnv) {}

  /** Starts the worker of a node; resolves when it is ready, and pausing. */
  async hire(node: NodeScene, socketPath: string): Promise<void> {
    const script = process.argv[1];
    if (script === undefined) throw new Error("this program does not know its own path");
    const child = spawn(process.execPath, [script, WORKER_WORD, socketPath], {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      env: this.environment,
    });
    const member: Member = { node, child, confirmed: 0, confirmedAtLastSample: 0, onPaused: undefined };
    this.members.set(node.pnn, member);
    const before = node.increments;
    let complaints = "";
    child.stderr?.on("data", (bytes: Buffer) => {
      complaints += bytes.toString();
    });
    child.on("message", (report: WorkerReport) => {
      member.confirmed = report.confirmed;
      node.increments = before + report.confirmed;
      if (report.paused) member.onPaused?.();
    });
    await this.answer(member, "is not ready", () => complaints);
  }

  private answer(member: Member, problem: string, complaints: () => string): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`the worker of node ${member.node.pnn} ${problem}\n${complaints()}`)),
        ANSWER_MAX_MS,
      );
      member.onPaused = () => {
        clearTimeout(timer);
        member.onPaused = undefined;
        resolve();
      };
    });
  }

  private send(command: WorkerCommand): void {
    for (const member of this.members.values()) member.child.send(command);
  }

  go(): void {
    this.send("go");
  }

  /** Resolves when no worker has an increment under way. */
  async pause(): Promise<void> {
    const answers = [...this.members.values()].map((member) => this.answer(member, "does not pause", () => ""));
    this.send("pause");
    await Promise.all(answers);
  }

  /** Waits for the worker of a node that was killed: it reports and ends by itself. What it had confirmed stays in the sum. */
  async lose(pnn: number): Promise<void> {
    const member = this.members.get(pnn);
    if (member === undefined) return;
    await ended(member.child);
    this.members.delete(pnn);
    this.confirmedByFormer += member.confirmed;
    member.node.perSecond = 0;
  }

  /** Increments confirmed by all workers so far; exact while they pause. */
  get confirmed(): number {
    let sum = this.confirmedByFormer;
    for (const member of this.members.values()) sum += member.confirmed;
    return sum;
  }

  /** Brings the rates up to date; gives the sum. Called regularly. */
  sample(): number {
    const now = performance.now();
    const seconds = (now - this.sampledAt) / 1000;
    this.sampledAt = now;
    let sum = 0;
    for (const member of this.members.values()) {
      const rate = (member.confirmed - member.confirmedAtLastSample) / seconds;
      member.confirmedAtLastSample = member.confirmed;
      member.node.perSecond += RATE_SMOOTHING * (rate - member.node.perSecond);
      if (member.node.perSecond < 1) member.node.perSecond = 0;
      sum += member.node.perSecond;
    }
    return sum;
  }

  async dismiss(): Promise<void> {
    const ends = [...this.members.values()].map(({ child }) => ended(child));
    this.send("stop");
    await Promise.all(ends);
    this.members.clear();
  }

  kill(): void {
    for (const { child } of this.members.values()) child.kill("SIGKILL");
    this.members.clear();
  }
}

/** Resolves when a worker has ended and its last report is here. */
function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("a worker does not end")), ANSWER_MAX_MS);
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    // "close" comes after the last message of the channel, "exit" may come before it.
    if (child.exitCode !== null && !child.connected) done();
    else child.once("close", done);
  });
}
