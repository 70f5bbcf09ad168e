// A machine in virtual time with a disk and one process, for tests of what runs on it.
import { LogLevel } from "../../../../src/platform/ports.js";
import { MemoryDisk } from "../../../../src/simulator/files/memory-disk.js";
import { Machine } from "../../../../src/simulator/machine.js";
import { SeededRandom } from "../../../../src/simulator/seeded-random.js";
import type { SimulatedProcess } from "../../../../src/simulator/simulated-process.js";
import { Trace } from "../../../../src/simulator/trace.js";
import { VirtualTime } from "../../../../src/simulator/virtual-time.js";

const PASS_MS = 100;

export class SmallWorld {
  readonly time = new VirtualTime();
  readonly trace = new Trace(this.time);
  readonly machine: Machine;
  readonly disk: MemoryDisk;
  readonly daemon: SimulatedProcess;
  private failure: unknown;

  constructor(seed = 1) {
    const random = new SeededRandom(seed, "test");
    const context = {
      time: this.time,
      trace: this.trace,
      random,
      logLevel: LogLevel.INFO,
      uncaught: (_process: SimulatedProcess, error: unknown) => {
        this.failure ??= error;
      },
    };
    this.machine = new Machine(context, 0, "10.0.0.1", random, () => {});
    this.disk = new MemoryDisk({ timers: this.machine.kernel.modules.timers, random: random.stream("disk") });
    this.daemon = this.machine.spawn("ctdbd");
  }

  /** Lets time pass. Throws what a process threw. */
  async pass(ms = PASS_MS): Promise<void> {
    await this.time.run(this.time.nowMs + ms, undefined);
    if (this.failure !== undefined) throw this.failure;
  }
}
