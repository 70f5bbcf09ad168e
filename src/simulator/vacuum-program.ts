// ctdb-vacuumd in the simulator: the real runs, on simulated files, as a client of the simulated daemon.
import { connect } from "../client/index.js";
import { FrameCutter } from "../platform/frame-cutter.js";
import { RunTable } from "../vacuumd/run-table.js";
import type { MemoryDisk } from "./files/memory-disk.js";
import type { Program } from "./process-runner.js";

/** The program on a machine with this disk. */
export function vacuumProgram(disk: MemoryDisk, socketPath: string): Program {
  return (running) => {
    const { process, machine } = running;
    const { clock, timers, random, logger } = process.modules;
    const files = disk.startProcess(process.pid, "ctdb-vacuumd", timers);
    process.own({ processEnded: () => files.exit() });
    const end = (): void => process.end({ code: 1, signal: null });
    const early: Buffer[] = [];
    running.onStdin = (bytes) => early.push(bytes);
    connect({ transport: machine.transportOf(process, socketPath), modules: { clock, timers, random } }).then(
      (client) => {
        client.events.on("closed", end);
        const runs = new RunTable({
          clock,
          timers,
          logger,
          link: client,
          files,
          send: (frame) => running.writeStdout(frame),
        });
        const cutter = new FrameCutter((frame) => runs.received(frame));
        for (const bytes of early) cutter.push(bytes);
        running.onStdin = (bytes) => cutter.push(bytes);
      },
      end,
    );
  };
}
