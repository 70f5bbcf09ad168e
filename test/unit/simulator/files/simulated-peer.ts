// A simulated process that has a file open, as the conformance suites drive it.

import type { Timers } from "../../../../src/platform/ports.js";
import type { MemoryDisk } from "../../../../src/simulator/files/memory-disk.js";
import type { MemoryTdb } from "../../../../src/simulator/files/memory-tdb.js";
import { type BlockingCommand, failure, type Peer, perform } from "../../tdb/peer.js";

function block(file: MemoryTdb, command: BlockingCommand, key: string, done: () => void): void {
  if (command === "chainLock") file.whenChainLocked(Buffer.from(key), done);
  else if (command === "lockAll") file.whenAllLocked(done);
  else file.whenTransactionStarted(done);
}

/** Throws "error ERRNO" when the file cannot be opened. */
export function openSimulatedPeer(
  disk: MemoryDisk,
  pid: number,
  timers: Timers,
  path: string,
  flags: number,
): Peer & { readonly pid: number } {
  const process = disk.startProcess(pid, "peer", timers);
  let file: MemoryTdb;
  try {
    file = process.open({ path, flags, create: false });
  } catch (error) {
    throw new Error(failure(error));
  }
  return {
    pid,
    ask: async (command, key, value) => perform(file, command, key, value),
    block: (command, key = "") => new Promise((resolve) => block(file, command, key, resolve)),
    kill: async () => process.exit(),
  };
}
