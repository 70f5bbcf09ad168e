// ctdb-lockd and its client against the contract of the lock helper: real processes, real locks.
import { after, before } from "node:test";
import { LockdClient } from "../../src/lockd/lockd-client.js";
import { nodeTimers } from "../../src/platform/node-timers.js";
import { systemClock } from "../../src/platform/system-clock.js";
import { libtdbOpener } from "../../src/tdb/libtdb.js";
import { bundleLockd, HolderProcesses, scratchFolder } from "../interop/tdb-peer.js";
import { RecordingLogger } from "../unit/fake-time.js";
import { describeLockHelper } from "../unit/locks/lock-helper-contract.js";
import { LibtdbPeers } from "../unit/tdb/libtdb-peer.js";

const PASS_MS = 20;
const folder = scratchFolder();
const peers = new LibtdbPeers();
let lockd: Awaited<ReturnType<typeof bundleLockd>>;
let files = 0;

before(async () => {
  lockd = await bundleLockd();
});
after(async () => {
  await peers.end();
  lockd.remove();
  folder.remove();
});

describeLockHelper("ctdb-lockd", async (flags) => {
  const processes = new HolderProcesses();
  const helper = new LockdClient(
    { processes, clock: systemClock, timers: nodeTimers, logger: new RecordingLogger() },
    lockd,
  );
  const file = libtdbOpener.open({ path: `${folder.path}/${++files}.tdb`, flags, hashSize: 101 });
  const opened: { kill(): Promise<void> }[] = [];
  return {
    helper,
    file,
    openPeer: async () => {
      const peer = await peers.open(file.path, flags);
      opened.push(peer);
      return peer;
    },
    killWaiting: () => process.kill(helper.pid, "SIGKILL"),
    killHolding: () => processes.killHolders(),
    pass: () => new Promise((resolve) => setTimeout(resolve, PASS_MS)),
    until: (promise) => promise,
    end: async () => {
      for (const peer of opened) await peer.kill();
      helper.stop();
      file.close();
    },
  };
});
