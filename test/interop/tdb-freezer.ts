// A stand-in for a daemon that is killed: opens a file, freezes it, asks for a record of a second file, says so, and waits for its end.
// usage: tdb-freezer PATH-TO-FREEZE PATH-TO-WAIT-ON FLAGS LOCKD-BUNDLE
import { LockdClient } from "../../src/lockd/lockd-client.js";
import { LockScheduler } from "../../src/locks/lock-scheduler.js";
import { nodeTimers } from "../../src/platform/node-timers.js";
import { systemClock } from "../../src/platform/system-clock.js";
import { libtdbOpener } from "../../src/tdb/libtdb.js";
import { RecordingLogger } from "../unit/fake-time.js";
import { plainProcesses } from "./tdb-peer.js";

const [frozenPath = "", waitedPath = "", flags = "0", bundle = ""] = process.argv.slice(2);
const logger = new RecordingLogger();
const client = new LockdClient(
  { processes: plainProcesses, clock: systemClock, timers: nodeTimers, logger },
  { program: process.execPath, args: [bundle], ownPid: process.pid },
);
const locks = new LockScheduler({ clock: systemClock, timers: nodeTimers, logger, helper: client });
const open = (path: string): { name: string; file: ReturnType<typeof libtdbOpener.open> } => ({
  name: path,
  file: libtdbOpener.open({ path, flags: Number(flags) }),
});
const frozen = open(frozenPath);
const waited = open(waitedPath);
const record = Buffer.from("record");
locks.requestRecordLock(waited, record, () => {
  console.log("granted");
  // Dies with the lock held.
  process.kill(process.pid, "SIGKILL");
});
const lock = locks.requestDatabaseLock(frozen, {
  onResult: (ok) => {
    clearInterval(watch);
    console.log(ok ? `frozen by ${lock.state === "own" ? "itself" : "a helper"}` : "failed");
  },
  onLost: () => console.log("lost"),
});
const watch = setInterval(() => {
  if (lock.state !== "waiting") return;
  clearInterval(watch);
  console.log("waiting");
}, 5);
