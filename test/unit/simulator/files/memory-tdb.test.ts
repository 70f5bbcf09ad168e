// The simulated TDB files against the conformance suite of the real ones.
import { MemoryDisk } from "../../../../src/simulator/files/memory-disk.js";
import type { MemoryTdb, PendingLock } from "../../../../src/simulator/files/memory-tdb.js";
import { FakeTime } from "../../fake-time.js";
import { describeTdbFile } from "../../tdb/conformance.js";
import { type BlockingCommand, failure, type Peer, perform } from "../../tdb/peer.js";

const PASS_MS = 50;
const time = new FakeTime();
// The suite marks locks that nobody holds: libtdb does not look.
const disk = new MemoryDisk({ timers: time, random: { uint32: () => 0 } }, { checkMarks: false });
const daemon = disk.startProcess(1, "ctdbd", time);
let files = 0;
let lastPid = 1;

function blocked(file: MemoryTdb, command: BlockingCommand, key: string, done: () => void): PendingLock {
  if (command === "chainLock") return file.whenChainLocked(Buffer.from(key), done);
  return command === "lockAll" ? file.whenAllLocked(done) : file.whenTransactionStarted(done);
}

async function openPeer(path: string, flags: number): Promise<Peer> {
  const process = disk.startProcess(++lastPid, "peer", time);
  let file: MemoryTdb;
  try {
    file = process.open({ path, flags, create: false });
  } catch (error) {
    throw new Error(failure(error));
  }
  return {
    ask: async (command, key, value) => perform(file, command, key, value),
    block: (command, key = "") => new Promise((resolve) => void blocked(file, command, key, resolve)),
    kill: async () => process.exit(),
  };
}

describeTdbFile("in memory", {
  opener: daemon,
  newPath: () => `/disk/${++files}.tdb`,
  hasMutexes: true,
  openPeer,
  until: async (promise) => {
    time.advance(PASS_MS);
    return promise;
  },
  pass: async () => time.advance(PASS_MS),
});
