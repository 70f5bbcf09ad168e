// The helper processes of one simulated daemon: ProcessRunner for programs that are written against `ChildEnd`. The pipes keep their
// order and are slow; a child that is killed loses its files and locks at once, and its parent hears of it later.
import type { ChildProcessHandle, ChildProcessHandlers, ProcessRunner, Random, Timers } from "../../platform/ports.js";
import type { DiskProcess } from "./disk-process.js";
import { MisusedFileError } from "./errors.js";
import type { MemoryDisk } from "./memory-disk.js";

/** What a program sees of the world. */
export interface ChildEnd {
  readonly process: DiskProcess;
  readonly timers: Timers;
  /** Arguments behind those of its name. */
  readonly args: readonly string[];
  /** To its parent. Nothing is sent once the process has ended. */
  write(bytes: Uint8Array): void;
}

/** A running program. Its timers and waits end with its process. */
export interface ChildProgram {
  /** Bytes from the parent. */
  onStdin(bytes: Uint8Array): void;
}

export interface ChildProgramKind {
  /** Its chain locks are those that `isChainHeldByHelper` knows. */
  isLockHelper(args: readonly string[]): boolean;
  start(end: ChildEnd): ChildProgram;
}

export interface ChildProcessesModules {
  readonly disk: MemoryDisk;
  readonly random: Random;
  /** Event loop of the daemon. */
  readonly timers: Timers;
  /** Event loops of the children; they go on while the daemon is busy. */
  readonly childTimers: Timers;
  newPid(): number;
}

export interface ChildProcessesOptions {
  /** Programs by the first argument of `spawn`. */
  readonly programs: ReadonlyMap<string, ChildProgramKind>;
  /** Milliseconds that bytes take through a pipe, and an exit takes to be known. */
  readonly pipeMs: { readonly min: number; readonly max: number };
}

/** Calls back in the order of the calls, each after a time. */
class Pipe {
  private readonly queue: Array<() => void> = [];

  constructor(
    private readonly timers: Timers,
    private readonly random: Random,
    private readonly delayMs: { readonly min: number; readonly max: number },
  ) {}

  push(arrives: () => void): void {
    this.queue.push(arrives);
    const { min, max } = this.delayMs;
    this.timers.after(min + ((max - min) * this.random.uint32()) / 2 ** 32, () => this.queue.shift()?.());
  }
}

class Child implements ChildProcessHandle {
  readonly pid: number;
  private readonly toChild: Pipe;
  readonly toParent: Pipe;

  constructor(
    readonly process: DiskProcess,
    private readonly program: () => ChildProgram,
    private readonly onKill: (signal: string) => void,
    modules: ChildProcessesModules,
    { pipeMs }: ChildProcessesOptions,
  ) {
    this.pid = process.pid;
    this.toChild = new Pipe(modules.childTimers, modules.random, pipeMs);
    this.toParent = new Pipe(modules.timers, modules.random, pipeMs);
  }

  write(bytes: Uint8Array): void {
    const copy = Uint8Array.from(bytes);
    this.toChild.push(() => {
      if (!this.process.hasExited) this.program().onStdin(copy);
    });
  }

  kill(signal: "SIGTERM" | "SIGKILL" | "SIGHUP"): void {
    this.onKill(signal);
  }
}

export class ChildProcesses implements ProcessRunner {
  private readonly children = new Map<number, Child>();
  private stopped = false;

  constructor(
    private readonly modules: ChildProcessesModules,
    private readonly options: ChildProcessesOptions,
  ) {}

  spawn(
    program: string,
    args: readonly string[],
    _options: unknown,
    handlers: ChildProcessHandlers,
  ): ChildProcessHandle {
    const kind = this.options.programs.get(program);
    if (kind === undefined) throw new MisusedFileError(`there is no program ${program} in the simulator`);
    const { disk, childTimers, newPid } = this.modules;
    const commandLine = [program, ...args].join(" ");
    const process = kind.isLockHelper(args)
      ? disk.startLockHelper(newPid(), commandLine, childTimers)
      : disk.startProcess(newPid(), commandLine, childTimers);
    let running: ChildProgram | undefined;
    const end: ChildEnd = {
      process,
      timers: childTimers,
      args,
      write: (bytes) => {
        if (process.hasExited) return;
        const copy = Uint8Array.from(bytes);
        child.toParent.push(() => {
          if (!this.stopped) handlers.onStdout(copy);
        });
      },
    };
    const onKill = (signal: string): void => {
      if (process.hasExited) return;
      process.exit();
      this.children.delete(process.pid);
      child.toParent.push(() => {
        if (!this.stopped) handlers.onExit(null, signal);
      });
    };
    const child: Child = new Child(
      process,
      () => {
        running ??= kind.start(end);
        return running;
      },
      onKill,
      this.modules,
      this.options,
    );
    this.children.set(process.pid, child);
    return child;
  }

  exists(pid: number): boolean {
    return this.children.has(pid);
  }

  /** Pids and command lines of the children that run, for faults. */
  get running(): readonly DiskProcess[] {
    return [...this.children.values()].map((child) => child.process);
  }

  /** SIGKILL for one of them. */
  kill(pid: number): void {
    this.children.get(pid)?.kill("SIGKILL");
  }

  /** The daemon is gone, and all of them with it; nothing is told any more. */
  stop(): void {
    this.stopped = true;
    for (const child of this.children.values()) child.process.exit();
    this.children.clear();
  }
}
