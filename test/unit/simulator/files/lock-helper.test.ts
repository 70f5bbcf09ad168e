// The twin of ctdb-lockd against the contract of the lock helper, on a machine in virtual time.
import { LockdClient } from "../../../../src/lockd/lockd-client.js";
import { lockdProgram } from "../../../../src/simulator/files/lockd-program.js";
import { SimulatedProcessRunner } from "../../../../src/simulator/process-runner.js";
import { describeLockHelper } from "../../locks/lock-helper-contract.js";
import { openSimulatedPeer } from "./simulated-peer.js";
import { SmallWorld } from "./small-world.js";

describeLockHelper("ctdb-lockd in memory", async (flags) => {
  const world = new SmallWorld();
  const { machine, disk, daemon } = world;
  const processes = new SimulatedProcessRunner(daemon, machine, new Map([["ctdb-lockd", lockdProgram(disk)]]));
  const helper = new LockdClient(
    { ...daemon.modules, processes },
    { program: "ctdb-lockd", args: [], ownPid: daemon.pid },
  );
  const { timers } = daemon.modules;
  const file = disk.startProcess(daemon.pid, "ctdbd", timers).open({ path: "/disk/a.tdb", flags, hashSize: 101 });
  let lastPid = 1;
  return {
    helper,
    file,
    openPeer: async () => openSimulatedPeer(disk, ++lastPid, machine.kernel.modules.timers, file.path, flags),
    killWaiting: () => machine.processes.get(helper.pid)?.end({ code: null, signal: "SIGKILL" }),
    killHolding: () => {
      for (const process of machine.processes.values()) {
        if (process.name.endsWith("ctdb-lockd") && process.pid !== helper.pid)
          process.end({ code: null, signal: "SIGKILL" });
      }
    },
    pass: () => world.pass(),
    until: async (promise) => {
      await world.pass();
      return promise;
    },
    end: async () => machine.crash(true),
  };
});
