// `ping_pong`: how fast the file system passes fcntl byte range locks (and what is written under them) from node to node; one
// process is started on each node, on the same file. Works without CTDB. Bundled to dist/ping_pong.js.
import { closeSync, constants, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { changeLockWaiting, conflictingLock, type HeldLock, tryLockFile } from "../../platform/libc.js";
import { mapFile } from "../../tdb/libc.js";
import { atoi } from "../arguments/numbers.js";
import { processTerminal as terminal } from "../terminal.js";

const USAGE = `ping_pong -rwmc <file> <num_locks>
ping_pong -l <file>

Options
 -r    do reads
 -w    do writes
 -m    use mmap
 -c    check locks
 -l    test for working byte range locks
`;
const FILE_MODE = 0o600;
const REPORT_INTERVAL_MS = 1000;
const RATE_WIDTH = 8;

interface Options {
  readonly flags: ReadonlySet<string>;
  readonly words: readonly string[];
}

/** As getopt: options may stand behind the words too. Undefined after a complaint about an unknown one. */
function parseOptions(argv: readonly string[]): Options | undefined {
  const flags = new Set<string>();
  const words: string[] = [];
  for (const [at, word] of argv.entries()) {
    if (word === "--") return { flags, words: [...words, ...argv.slice(at + 1)] };
    if (!word.startsWith("-") || word === "-") {
      words.push(word);
      continue;
    }
    for (const letter of word.slice(1)) {
      if (!"rwmcl".includes(letter)) {
        terminal.complain(`ping_pong: invalid option -- '${letter}'`);
        terminal.complain("Unknown option '?'");
        return undefined;
      }
      flags.add(letter);
    }
  }
  return { flags, words };
}

function openFile(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDWR | constants.O_CREAT, FILE_MODE);
  } catch {
    return undefined;
  }
}

function showHolder(lock: HeldLock): void {
  const { pid, type, startByte, lengthBytes } = lock;
  terminal.out(
    `check_lock failed: lock held: pid='${pid}', type='${type}', start='${startByte}', len='${lengthBytes}'\n`,
  );
}

/** Holds a lock on the whole file until a key is pressed, or says who has it. */
function testLocking(fd: number): number {
  if (tryLockFile(fd, 0, 0)) {
    terminal.out("Holding lock, press any key to continue...\n");
    terminal.out("You should run the same command on another node now.\n");
    readSync(0, Buffer.alloc(1));
    terminal.out("Good bye.\n");
    return 0;
  }
  terminal.out("file already locked, calling check_lock to tell us who has it locked:\n");
  const holder = conflictingLock(fd, 0, 0);
  if (holder !== undefined) showHolder(holder);
  terminal.out("Working POSIX byte range locks\n");
  return 0;
}

/** The bytes under the locks, by system calls or in memory. */
interface LockedBytes {
  read(at: number): number;
  write(at: number, value: number): void;
}

function bytesByCalls(fd: number): LockedBytes {
  const one = Buffer.alloc(1);
  return {
    read(at) {
      if (readSync(fd, one, 0, 1, at) !== 1) throw new Error(`read failed: the file ends before byte ${at}`);
      return one[0] ?? 0;
    },
    write(at, value) {
      one[0] = value;
      writeSync(fd, one, 0, 1, at);
    },
  };
}

function bytesInMemory(fd: number, length: number): LockedBytes {
  const mapping = mapFile(fd, length, true);
  if (mapping === undefined) throw new Error("mmap failed");
  const bytes = new Uint8Array(mapping.bytes);
  return {
    read: (at) => bytes[at] ?? 0,
    write(at, value) {
      bytes[at] = value;
    },
  };
}

/** Goes round the locks for ever; ends only when `-c` finds somebody else's lock on a byte that is locked here. */
function pingPong(fd: number, lockCount: number, flags: ReadonlySet<string>): number {
  ftruncateSync(fd, lockCount + 1);
  const bytes = flags.has("m") ? bytesInMemory(fd, lockCount + 1) : bytesByCalls(fd);
  const [reads, writes, checks] = ["r", "w", "c"].map((flag) => flags.has(flag));
  /** What was read at each byte at our last visit. */
  const seen = new Uint8Array(lockCount);
  let lastIncrement = 0;
  let visits = 0;
  let visitsSinceReport = 0;
  let reportedAt = performance.now();
  changeLockWaiting(fd, "write", 0, 1);
  for (let at = 0; ; at = (at + 1) % lockCount) {
    changeLockWaiting(fd, "write", (at + 1) % lockCount, 1);
    const other = checks ? conflictingLock(fd, at, 1) : undefined;
    if (other !== undefined) {
      showHolder(other);
      return 1;
    }
    let increment = lastIncrement;
    if (reads) {
      const value = bytes.read(at);
      increment = (value - (seen[at] ?? 0)) & 0xff;
      seen[at] = value;
    }
    if (writes) bytes.write(at, ((seen[at] ?? 0) + 1) & 0xff);
    changeLockWaiting(fd, "unlock", at, 1);
    // The first round counts from zero, whatever was in the file.
    if (visits > lockCount && increment !== lastIncrement) {
      lastIncrement = increment;
      terminal.out(`data increment = ${increment}\n`);
    }
    visits += 1;
    visitsSinceReport += 1;
    const passedMs = performance.now() - reportedAt;
    if (passedMs <= REPORT_INTERVAL_MS) continue;
    // Each visit takes one lock and drops one.
    const rate = Math.floor((2 * visitsSinceReport * 1000) / passedMs);
    terminal.out(`${String(rate).padStart(RATE_WIDTH)} locks/sec\r`);
    reportedAt = performance.now();
    visitsSinceReport = 0;
  }
}

function run(argv: readonly string[]): number {
  const options = parseOptions(argv);
  if (options === undefined) return 1;
  const { flags, words } = options;
  const [path, countText] = words;
  const locksOnly = flags.has("l");
  if (path === undefined || (!locksOnly && countText === undefined)) {
    terminal.out(USAGE);
    return 1;
  }
  const lockCount = atoi(countText ?? "");
  if (!locksOnly && lockCount <= 0) {
    terminal.out("num_locks should be > 0\n");
    return 1;
  }
  const fd = openFile(path);
  if (fd === undefined) return 1;
  const status = locksOnly ? testLocking(fd) : pingPong(fd, lockCount, flags);
  closeSync(fd);
  return status;
}

try {
  process.exitCode = run(process.argv.slice(2));
} catch (error) {
  terminal.complain(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
