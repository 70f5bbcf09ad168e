// The program ctdb_mutex_fcntl_helper FILE [RECHECK_SECONDS [PING_TIMEOUT_SECONDS]]: holds the cluster lock, a POSIX write lock on
// byte 0 of FILE, for the process that started it. Says "0" taken, "1" contention or "3" error on stdout, and ends, which gives
// the lock back, on SIGTERM, when its parent is gone, or when the file is no longer the one that it locked.
import { closeSync, constants, openSync, statSync, writeSync } from "node:fs";
import { stat } from "node:fs/promises";
import { setParentDeathSignal, tryLockFile } from "../platform/libc.js";

const TAKEN = "0";
const CONTENTION = "1";
const FAILED = "3";
const LOCK_FILE_MODE = 0o600;
const RECHECK_DEFAULT_SECONDS = 5;

function say(character: string): void {
  writeSync(1, character);
}

function seconds(text: string | undefined, whenAbsent: number, name: string): number {
  const value = text === undefined ? whenAbsent : Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  process.stderr.write(`ctdb_mutex_fcntl_helper: ${name} '${text}' is no number\n`);
  process.exit(1);
}

const [file, recheckText, pingText] = process.argv.slice(2);
if (file === undefined || process.argv.length > 5) {
  process.stderr.write("usage: ctdb_mutex_fcntl_helper FILE [RECHECK_SECONDS [PING_TIMEOUT_SECONDS]]\n");
  process.exit(1);
}
const recheckSeconds = seconds(recheckText, RECHECK_DEFAULT_SECONDS, "RECHECK_SECONDS");
const pingTimeoutSeconds = seconds(pingText, 0, "PING_TIMEOUT_SECONDS");
process.title = "ctdb_mutex_fcntl_helper";
const parent = process.ppid;
// Never wait for init: the one who wanted the lock is gone.
if (parent === 1) process.exit(0);
setParentDeathSignal("SIGKILL");
if (process.ppid !== parent) process.exit(0);

let locked = false;
let inode = 0n;
try {
  const fd = openSync(file, constants.O_RDWR | constants.O_CREAT, LOCK_FILE_MODE);
  inode = statSync(file, { bigint: true }).ino;
  locked = tryLockFile(fd, 0, 1);
  if (!locked) closeSync(fd);
} catch (error) {
  process.stderr.write(`ctdb_mutex_fcntl_helper: ${file}: ${String(error)}\n`);
  say(FAILED);
  process.exit(0);
}
if (!locked) {
  say(CONTENTION);
  process.exit(0);
}
say(TAKEN);
process.on("SIGTERM", () => process.exit(0));
process.on("SIGINT", () => process.exit(0));

// The parent's end closes this pipe; where stdin is something else, the death signal does.
process.stdin.on("error", () => {});
process.stdin.on("close", () => {
  if (process.ppid !== parent) process.exit(0);
});
process.stdin.resume();

const PARENT_CHECK_MS = 1000;
setInterval(() => {
  if (process.ppid !== parent) process.exit(0);
}, PARENT_CHECK_MS);

/** A lock file that was removed or replaced protects nothing any more; one that cannot be looked at, nobody knows. */
async function recheck(path: string): Promise<void> {
  const limit =
    pingTimeoutSeconds === 0
      ? undefined
      : setTimeout(() => lost(`no answer for ${pingTimeoutSeconds} seconds`), pingTimeoutSeconds * 1000);
  try {
    if ((await stat(path, { bigint: true })).ino !== inode) lost("inode changed");
  } catch (error) {
    lost(String(error));
  }
  clearTimeout(limit);
  setTimeout(() => void recheck(path), recheckSeconds * 1000);
}

function lost(reason: string): never {
  process.stderr.write(`ctdb_mutex_fcntl_helper: ${file}: lock lost - ${reason}\n`);
  process.exit(0);
}
if (recheckSeconds > 0) setTimeout(() => void recheck(file), recheckSeconds * 1000);
