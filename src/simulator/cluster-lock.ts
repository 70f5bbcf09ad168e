// The cluster lock of a world: a lock on a file of the cluster file system, and the helper program that takes it. Scenarios let it
// hang, fail, or get lost.
import type { Program, RunningProgram } from "./process-runner.js";
import type { Trace } from "./trace.js";
import type { VirtualTime } from "./virtual-time.js";

/** normal: as it should be. hang: nobody gets an answer. fail: the file system says no. */
export type ClusterLockMode = "normal" | "hang" | "fail";

/** What the file system takes for a request. */
const ANSWER_MS = 3;
/** How long the file system keeps the locks of a machine that vanished. */
const LEASE_MS = 5000;
/** A helper looks so often whether the file is still what it has locked. */
const RECHECK_MS = 5000;

const ANSWER = { taken: "0", contention: "1", error: "3" } as const;

interface Holder {
  readonly program: RunningProgram;
  /** The lock is not there any more, and the helper does not know yet. */
  lost: boolean;
}

export class ClusterLockFile {
  private mode: ClusterLockMode = "normal";
  private holder: Holder | undefined;
  private hanging: Array<() => void> = [];
  /** Machines that lost the lock, and when the helper there came to know it; Infinity: it does not yet. */
  private readonly lostBy = new Map<number, number>();

  constructor(
    private readonly time: VirtualTime,
    private readonly trace: Trace,
  ) {}

  /** Machine that holds the lock. */
  get heldBy(): number | undefined {
    return this.holder?.program.machine.index;
  }

  /**
   * A process of the machine has the lock; or it has lost it, and its helper did not know before `sinceMs`. Given up is given up: who
   * releases the lock has no such time.
   */
  mayBelieve(machine: number, sinceMs: number): boolean {
    const { holder } = this;
    if (holder?.program.process.alive === true && holder.program.machine.index === machine) return true;
    return (this.lostBy.get(machine) ?? Number.NEGATIVE_INFINITY) >= sinceMs;
  }

  setMode(mode: ClusterLockMode): void {
    this.trace.add("fault", "", `cluster lock: ${mode}`);
    this.mode = mode;
    if (mode === "hang") return;
    const hanging = this.hanging;
    this.hanging = [];
    for (const answer of hanging) answer();
  }

  /** The holder loses the lock: others can take it at once, the helper notices at its next look, or now. */
  lose(options: { readonly noticed?: "later" | "now" } = {}): void {
    const { holder, time } = this;
    this.trace.add("fault", "", `cluster lock is lost (held by ${holder === undefined ? "nobody" : this.heldBy})`);
    if (holder === undefined) return;
    this.holder = undefined;
    holder.lost = true;
    this.lostBy.set(holder.program.machine.index, Number.POSITIVE_INFINITY);
    const afterMs = options.noticed === "now" ? 0 : RECHECK_MS;
    const { process } = holder.program;
    time.at(time.nowMs + afterMs, process, () => process.end({ code: 1, signal: null }));
  }

  /** The program ctdb_mutex_fcntl_helper. */
  readonly helper: Program = (program) => {
    const { time } = this;
    time.at(time.nowMs + ANSWER_MS, program.process, () => this.request(program));
  };

  private request(program: RunningProgram): void {
    if (this.mode === "hang") {
      this.hanging.push(() => {
        const { time } = this;
        time.at(time.nowMs + ANSWER_MS, program.process, () => this.request(program));
      });
      return;
    }
    if (this.mode === "fail") {
      this.refuse(program, ANSWER.error);
      return;
    }
    if (this.holder !== undefined) {
      this.refuse(program, ANSWER.contention);
      return;
    }
    const holder: Holder = { program, lost: false };
    this.holder = holder;
    this.trace.add("state", program.machine.name, "holds the cluster lock");
    program.process.onEnd(() => this.holderEnded(holder));
    program.writeStdout(Buffer.from(ANSWER.taken));
  }

  private refuse(program: RunningProgram, answer: string): void {
    program.writeStdout(Buffer.from(answer));
    program.process.end({ code: 0, signal: null });
  }

  private holderEnded(holder: Holder): void {
    if (holder.lost) this.lostBy.set(holder.program.machine.index, this.time.nowMs);
    const free = (): void => {
      if (this.holder !== holder) return;
      this.holder = undefined;
      this.trace.add("state", holder.program.machine.name, "cluster lock is free");
    };
    // A machine that is gone keeps its locks until its lease has run out.
    if (holder.program.machine.isUp) free();
    else this.time.at(this.time.nowMs + LEASE_MS, undefined, free);
  }
}
