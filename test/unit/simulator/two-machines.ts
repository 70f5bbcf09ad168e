// Two simulated machines and the network between them, without any daemon. For tests of the network.
import assert from "node:assert/strict";
import { Machine } from "../../../src/simulator/machine.js";
import { Network } from "../../../src/simulator/network.js";
import { SeededRandom } from "../../../src/simulator/seeded-random.js";
import type { SimulatedProcess } from "../../../src/simulator/simulated-process.js";
import { Trace } from "../../../src/simulator/trace.js";
import { VirtualTime } from "../../../src/simulator/virtual-time.js";

export class TwoMachines {
  readonly time = new VirtualTime();
  readonly trace = new Trace(this.time);
  readonly random = new SeededRandom(1, "test");
  readonly network = new Network({ time: this.time, trace: this.trace, random: this.random, packetSent: () => {} }, {});
  private readonly machines = [0, 1].map((index) => this.machine(index));

  at(index: 0 | 1): Machine {
    const machine = this.machines[index];
    assert.ok(machine !== undefined);
    return machine;
  }

  run(ms: number): Promise<boolean> {
    return this.time.run(this.time.nowMs + ms, undefined);
  }

  private machine(index: number): Machine {
    const { time, trace, random } = this;
    const context = {
      time,
      trace,
      random,
      logLevel: 0,
      uncaught: (_process: SimulatedProcess, error: unknown) => {
        throw error;
      },
    };
    const machine = new Machine(context, index, `10.0.0.${index + 1}`, random, () => {});
    this.network.add(machine);
    return machine;
  }
}
