// The ProcessRunner port of a simulated process: children are simulated processes of the same machine that run one of the world's
// programs. They die with their parent, as the real ones do.
import type { ChildProcessHandle, ChildProcessHandlers, ProcessRunner } from "../platform/ports.js";
import type { Machine } from "./machine.js";
import type { SimulatedProcess } from "./simulated-process.js";

/** From fork to the first instruction, and what a signal, a pipe or SIGCHLD takes. */
const START_MIN_MS = 5;
const START_MAX_MS = 60;
const WAKE_MS = 0.02;

type Signal = Parameters<ChildProcessHandle["kill"]>[0];

/** What a program has of the outside world. */
export interface RunningProgram {
  readonly process: SimulatedProcess;
  readonly machine: Machine;
  readonly args: readonly string[];
  writeStdout(bytes: Uint8Array): void;
  /** Gets what the parent writes. Set it in the first turn. */
  onStdin: (bytes: Buffer) => void;
  /** SIGTERM and SIGHUP; by default the process ends. */
  onSignal: (signal: Signal) => void;
}

/** The main function of a program, called in the child. */
export type Program = (program: RunningProgram) => void;

export class SimulatedProcessRunner implements ProcessRunner {
  constructor(
    private readonly parent: SimulatedProcess,
    private readonly machine: Machine,
    /** By the name that the command line begins with. */
    private readonly programs: ReadonlyMap<string, Program>,
  ) {}

  spawn(
    program: string,
    args: readonly string[],
    options: { readonly title?: string },
    handlers: ChildProcessHandlers,
  ): ChildProcessHandle {
    const main = this.programs.get(program);
    if (main === undefined) throw new Error(`there is no program ${program} in this world`);
    const { parent, machine } = this;
    const { time } = parent.context;
    const child = machine.spawn(options.title ?? program);
    const inParent = (callback: () => void): void => void time.at(time.nowMs + WAKE_MS, parent, callback);
    const inChild = (callback: () => void): void => {
      time.at(Math.max(time.nowMs + WAKE_MS, startsAtMs), child, callback);
    };
    const startsAtMs = time.nowMs + machine.random.between(START_MIN_MS, START_MAX_MS);
    const running: RunningProgram = {
      process: child,
      machine,
      args,
      writeStdout: (bytes) => {
        const copy = Buffer.from(bytes);
        inParent(() => handlers.onStdout(copy));
      },
      onStdin: () => {},
      onSignal: (signal) => child.end({ code: null, signal }),
    };
    parent.own({ processEnded: (kind) => child.end({ code: null, signal: "SIGKILL" }, kind) });
    child.onEnd(({ code, signal }) => inParent(() => handlers.onExit(code, signal)));
    time.at(startsAtMs, child, () => main(running));
    return {
      pid: child.pid,
      write: (bytes) => {
        const copy = Buffer.from(bytes);
        inChild(() => running.onStdin(copy));
      },
      kill: (signal) => {
        if (signal === "SIGKILL") child.end({ code: null, signal });
        else inChild(() => running.onSignal(signal));
      },
    };
  }

  exists(pid: number): boolean {
    return this.machine.processes.has(pid);
  }
}
