// Which processes hold locks of a TDB file: byte ranges from /proc/locks, robust mutexes from the thread id in their lock word.
import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import type { LockHolder } from "../locks/lock-helper-port.js";
import { ALLRECORD_MUTEX_WORD, chainMutexWord, FUTEX_OWNER_DIED, FUTEX_TID_MASK } from "../tdb/mutex-layout.js";
import { FIRST_CHAIN_LOCK_BYTE } from "./chain-waiters.js";

const HOLDERS_MAX = 64;
const KEYS_MAX = 8;
const KEY_BYTES_SHOWN_MAX = 64;

const HEADER_BYTES = 168;
const FIRST_CHAIN_HEAD = 172;
const RECORD_HEADER_BYTES = 24;

interface TdbLayout {
  readonly fd: number;
  readonly hashSize: number;
  /** Offset of everything behind the mutexes; 0 in a file without. */
  readonly base: number;
}

/** Reads everything it needs by itself; never throws for a file that is damaged, or a file or process that goes away meanwhile. */
export function findHolders(path: string, chain: number | undefined): LockHolder[] {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch {
    return [];
  }
  try {
    const layout = readLayout(fd);
    if (layout === undefined || (chain ?? 0) >= layout.hashSize) return [];
    const holders = [...mutexHolders(layout, chain), ...byteLockHolders(layout, chain)];
    return holders.slice(0, HOLDERS_MAX);
  } finally {
    closeSync(fd);
  }
}

function readLayout(fd: number): TdbLayout | undefined {
  const header = Buffer.alloc(HEADER_BYTES);
  if (readSync(fd, header, 0, HEADER_BYTES, 0) !== HEADER_BYTES) return undefined;
  const hasMutexes = (header.readUInt32LE(60) & 1) !== 0;
  const hashSize = header.readUInt32LE(36);
  const base = hasMutexes ? header.readUInt32LE(64) : 0;
  const isWhole = base + FIRST_CHAIN_HEAD + 4 * hashSize <= fstatSync(fd).size;
  const hasRoom = !hasMutexes || 4 * chainMutexWord(hashSize) <= base;
  return isWhole && hasRoom ? { fd, hashSize, base } : undefined;
}

function mutexHolders(layout: TdbLayout, chain: number | undefined): LockHolder[] {
  const { fd, hashSize, base } = layout;
  if (base === 0) return [];
  const area = Buffer.alloc(4 * chainMutexWord(hashSize));
  readSync(fd, area, 0, area.length, 0);
  const holders: LockHolder[] = [];
  const look = (word: number, lock: string, inChain: number | undefined): void => {
    const value = area.readUInt32LE(4 * word);
    const tid = value & FUTEX_TID_MASK;
    if (tid === 0 || (value & FUTEX_OWNER_DIED) !== 0) return;
    const keys = inChain === undefined ? [] : keysOfChain(layout, inChain);
    holders.push({ ...processOf(tid), chain: inChain, lock, keys });
  };
  look(ALLRECORD_MUTEX_WORD, "mutex of all records", undefined);
  if (chain !== undefined) {
    look(chainMutexWord(chain), `mutex of chain ${chain}`, chain);
    return holders;
  }
  for (let i = 0; i < hashSize && holders.length < HOLDERS_MAX; i++) look(chainMutexWord(i), `mutex of chain ${i}`, i);
  return holders;
}

// 12: POSIX  ADVISORY  WRITE 4711 08:01:131 168 171
const LOCK_LINE =
  /^\d+: (?:POSIX|OFDLCK)\s+\S+\s+(READ|WRITE)\s+(-?\d+)\s+[0-9a-f]+:[0-9a-f]+:(\d+)\s+(\d+)\s+(\d+|EOF)/;

function byteLockHolders(layout: TdbLayout, chain: number | undefined): LockHolder[] {
  const { fd, hashSize } = layout;
  const inode = String(fstatSync(fd, { bigint: true }).ino);
  const chainsEnd = FIRST_CHAIN_LOCK_BYTE + 4 * hashSize;
  const from = chain === undefined ? FIRST_CHAIN_LOCK_BYTE : FIRST_CHAIN_LOCK_BYTE + 4 * chain;
  const to = chain === undefined ? Number.POSITIVE_INFINITY : from;
  const holders: LockHolder[] = [];
  for (const line of readFileSync("/proc/locks", "latin1").split("\n")) {
    const match = LOCK_LINE.exec(line);
    if (match === null || match[3] !== inode) continue;
    const start = Number(match[4]);
    const end = match[5] === "EOF" ? Number.POSITIVE_INFINITY : Number(match[5]);
    if (end < from || start > to) continue;
    const pid = Number(match[2]);
    if (pid === process.pid || pid < 0) continue;
    const single = start === end && start < chainsEnd ? (start - FIRST_CHAIN_LOCK_BYTE) / 4 : undefined;
    holders.push({
      ...processOf(pid),
      chain: single,
      lock: `${match[1]} lock of ${single === undefined ? `bytes ${start}..${match[5]}` : `chain ${single}`}`,
      keys: single === undefined ? [] : keysOfChain(layout, single),
    });
  }
  return holders;
}

/** The process of a process or thread id. */
function processOf(tid: number): { pid: number; commandLine: string } {
  try {
    const status = readFileSync(`/proc/${tid}/status`, "latin1");
    const pid = Number(/^Tgid:\s+(\d+)/m.exec(status)?.[1] ?? tid);
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").join(" ").trim();
    return { pid, commandLine };
  } catch {
    return { pid: tid, commandLine: "" };
  }
}

/** Keys of a chain as hex, read without a lock: a hint for people, possibly out of date. */
function keysOfChain({ fd, base }: TdbLayout, chain: number): string[] {
  const word = Buffer.alloc(4);
  const header = Buffer.alloc(RECORD_HEADER_BYTES);
  const keys: string[] = [];
  if (readSync(fd, word, 0, 4, base + FIRST_CHAIN_HEAD + 4 * chain) !== 4) return keys;
  let offset = word.readUInt32LE(0);
  for (let i = 0; i < KEYS_MAX && offset !== 0; i++) {
    if (readSync(fd, header, 0, RECORD_HEADER_BYTES, base + offset) !== RECORD_HEADER_BYTES) break;
    const length = Math.min(header.readUInt32LE(8), KEY_BYTES_SHOWN_MAX);
    const key = Buffer.alloc(length);
    const read = readSync(fd, key, 0, length, base + offset + RECORD_HEADER_BYTES);
    keys.push(key.toString("hex", 0, read));
    offset = header.readUInt32LE(0);
  }
  return keys;
}
