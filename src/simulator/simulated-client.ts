// A foreign process on a simulated machine: the real client library over the simulated unix socket, with TDB files of its own, as an
// smbd or a tool has them. It dies with its machine, or when a scenario kills it.
import { type Client, type ConnectOptions, connect } from "../client/index.js";
import { OwnProcess } from "../client/own-process.js";
import type { DiskProcess } from "./files/disk-process.js";
import type { SimulatedProcess } from "./simulated-process.js";

export class SimulatedClient {
  private readonly identity: OwnProcess;

  constructor(
    readonly process: SimulatedProcess,
    /** Opens TDB files; their locks go with the process. */
    readonly files: DiskProcess,
    private readonly transport: NonNullable<ConnectOptions["transport"]>,
  ) {
    this.identity = new OwnProcess(process.pid);
    process.own({ processEnded: () => files.exit() });
  }

  /**
   * Connects to the daemon of the machine. What it returns settles only while the world runs: see `World.settle`. Calls of a
   * client whose process has ended settle never.
   */
  connect(
    options: Omit<ConnectOptions, "transport" | "modules" | "files" | "process" | "socketPath"> = {},
  ): Promise<Client> {
    const { clock, timers, random } = this.process.modules;
    return connect({
      ...options,
      transport: this.transport,
      modules: { clock, timers, random },
      files: this.files,
      process: this.identity,
    });
  }

  /** Resolves after `ms` of the process's own time: never, once it is dead. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.process.modules.timers.after(ms, resolve);
    });
  }

  get alive(): boolean {
    return this.process.alive;
  }

  /** SIGKILL. */
  kill(): void {
    this.process.end({ code: null, signal: "SIGKILL" });
  }

  /** SIGSTOP, and SIGCONT after `durationMs`: what it has locked stays locked. */
  pause(durationMs: number): void {
    this.process.pause(durationMs);
  }
}
