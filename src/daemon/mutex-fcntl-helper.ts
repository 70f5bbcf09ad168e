// The program ctdb_mutex_fcntl_helper FILE [RECHECK_SECONDS [PING_TIMEOUT_SECONDS]]: holds the cluster lock, a POSIX write lock on
// byte 0 of FILE, for the process that started it. Says "0" taken, "1" contention or "3" error on stdout, and ends, which gives
// the lock back, on SIGTERM, when its parent is gone, or when the file is no longer the one that it locked.
import { constants, fstatSync, openSync, writeSync } from "node:fs";
import { stat } from "node:fs/promises";
import { endProcessNow, lockOpenFile, setParentDeathSignal, tryLockFile, unlockOpenFile } from "../platform/libc.js";

const TAKEN = "0";
const CONTENTION = "1";
const FAILED = "3";
const LOCK_FILE_MODE = 0o600;
const RECHECK_DEFAULT_SECONDS = 5;
const LOCK_BYTE = 0;
/** Locked for a moment by every check: a lock service that hangs or fails shows. C helpers do the same. */
const CHECK_BYTE = 1;
/** The kernel kills us with our parent; this is for a parent that died before we could ask for that. */
const PARENT_CHECK_MS = 1000;

function complain(text: string): void {
  process.stderr.write(`ctdb_mutex_fcntl_helper: ${text}\n`);
}

/** The digits in front of `text`, as strtoul() reads them; 0 switches the check off. */
function seconds(text: string | undefined, whenAbsent: number): number {
  return text === undefined ? whenAbsent : Number(/^\s*(\d+)/.exec(text)?.[1] ?? 0);
}

const [file, recheckText, pingText] = process.argv.slice(2);
if (file === undefined || process.argv.length > 5) {
  complain("usage: ctdb_mutex_fcntl_helper FILE [RECHECK_SECONDS [PING_TIMEOUT_SECONDS]]");
  process.exit(1);
}
const recheckMs = seconds(recheckText, RECHECK_DEFAULT_SECONDS) * 1000;
const pingTimeoutMs = seconds(pingText, 0) * 1000;
process.title = "ctdb_mutex_fcntl_helper";

const parent = process.ppid;
// Never wait for init: the one who wanted the lock is gone.
if (parent === 1) process.exit(0);
setParentDeathSignal("SIGKILL");
if (process.ppid !== parent) process.exit(0);

function open(path: string): number {
  return openSync(path, constants.O_RDWR | constants.O_CREAT, LOCK_FILE_MODE);
}

let outcome = FAILED;
/** For the checks. Opened before the lock is taken and never closed: closing any descriptor of the file drops our lock. */
let checkFd = -1;
let inode = 0n;
try {
  const fd = open(file);
  checkFd = open(file);
  inode = fstatSync(fd, { bigint: true }).ino;
  outcome = tryLockFile(fd, LOCK_BYTE, 1) ? TAKEN : CONTENTION;
} catch (error) {
  complain(`${file}: ${error instanceof Error ? error.message : String(error)}`);
}
writeSync(1, outcome);
if (outcome !== TAKEN) process.exit(0);

function lost(reason: string): void {
  complain(`${file}: lock lost - ${reason}`);
  release();
}

let isChecking = false;

/** The end of the process releases the lock. */
function release(): void {
  if (isChecking) endProcessNow();
  process.exit(0);
}

process.on("SIGTERM", release);
process.on("SIGINT", release);
// Whoever reads our answer is gone; the parent check decides what that means.
process.stdout.on("error", () => {});
setInterval(() => {
  if (process.ppid !== parent) release();
}, PARENT_CHECK_MS);

/** The path must lead to the file that we locked, and locking must work. `done` is called when it is so. */
function check(path: string, done: () => void): void {
  isChecking = true;
  stat(path, { bigint: true }).then(
    (now) => {
      if (now.ino !== inode) lost("inode changed");
      lockOpenFile(checkFd, CHECK_BYTE, 1, (failure) => {
        if (failure !== undefined) lost(failure);
        unlockOpenFile(checkFd, CHECK_BYTE, 1);
        isChecking = false;
        done();
      });
    },
    (error: unknown) => lost(error instanceof Error ? error.message : String(error)),
  );
}

function checkAgainAndAgain(path: string): void {
  setTimeout(() => {
    const limit =
      pingTimeoutMs > 0
        ? setTimeout(() => lost(`no answer from the file system for ${pingTimeoutMs / 1000} seconds`), pingTimeoutMs)
        : undefined;
    check(path, () => {
      clearTimeout(limit);
      checkAgainAndAgain(path);
    });
  }, recheckMs);
}
if (recheckMs > 0) checkAgainAndAgain(file);
