// The system calls of the lock helper processes. The asynchronous ones block a thread of libuv's pool.
import { constants } from "node:os";
import koffi from "koffi";

const libc = koffi.load("libc.so.6");

type Callback = (error: Error | null, result: number) => void;
interface BlockingCall<Arguments extends unknown[]> {
  (...args: Arguments): number;
  async(...args: [...Arguments, Callback]): void;
}

const fcntlLock: BlockingCall<[fd: number, command: number, flock: Uint8Array]> = libc.func("fcntl", "int", [
  "int",
  "int",
  "void *",
]);
const syscall: BlockingCall<
  [number: number, address: number | bigint, operation: number, value: number, timeout: Uint8Array | null]
> = libc.func("syscall", "long", ["long", "uint64", "int", "uint32", "void *"]);
const prctl: (option: number, argument: number) => number = libc.func("prctl", "int", ["int", "ulong"]);

const F_OFD_SETLK = 37;
const F_OFD_SETLKW = 38;
const F_WRLCK = 1;
const F_UNLCK = 2;
const FLOCK_BYTES = 32;
const PR_SET_PDEATHSIG = 1;
const FUTEX_WAIT = 0;
const FUTEX_WAKE = 1;
const FUTEX_SYSCALL: Readonly<Record<string, number>> = { x64: 202, arm64: 98 };

/** Ends this process with SIGTERM when the process that started it ends. */
export function dieWithParent(parentPid: number): void {
  prctl(PR_SET_PDEATHSIG, constants.signals.SIGTERM);
  if (process.ppid !== parentPid) endProcess(0);
}

/** Ends at once, also with threads that are blocked in a lock (process.exit would wait for them for ever). */
export function endProcess(code: number): never {
  const { reallyExit } = process as unknown as { reallyExit(code: number): never };
  return reallyExit.call(process, code);
}

function flock(type: number, start: number, length: number): Buffer {
  const bytes = Buffer.alloc(FLOCK_BYTES);
  bytes.writeInt16LE(type, 0);
  bytes.writeBigInt64LE(BigInt(start), 8);
  bytes.writeBigInt64LE(BigInt(length), 16);
  return bytes;
}

/** A write lock of one byte of an open file, owned by that open file description. */
export class ByteLock {
  private readonly lockRequest: Buffer;

  constructor(
    private readonly fd: number,
    private readonly start: number,
  ) {
    this.lockRequest = flock(F_WRLCK, start, 1);
  }

  /** Takes the lock if it is free; else says the errno. */
  tryLock(): number {
    return fcntlLock(this.fd, F_OFD_SETLK, this.lockRequest) === 0 ? 0 : koffi.errno();
  }

  /** Waits on a pool thread; `done(false)`: interrupted or failed, `tryLock` says why. */
  wait(done: (locked: boolean) => void): void {
    fcntlLock.async(this.fd, F_OFD_SETLKW, this.lockRequest, (error, result) => done(error === null && result === 0));
  }

  unlock(): void {
    fcntlLock(this.fd, F_OFD_SETLK, flock(F_UNLCK, this.start, 1));
  }
}

const futexNumber = FUTEX_SYSCALL[process.arch] ?? -1;
const WAIT_SECONDS = 5;
const waitTimeout = Buffer.alloc(16);
waitTimeout.writeBigInt64LE(BigInt(WAIT_SECONDS), 0);

/** The mutex area of a mapped file; futexes are 32-bit words of it. */
export class FutexWords {
  private readonly address: bigint;
  readonly words: Int32Array;

  constructor(memory: ArrayBuffer) {
    this.words = new Int32Array(memory);
    this.address = koffi.address(new Uint8Array(memory));
  }

  /** Sleeps on a pool thread while the word has `value`, for 5 s at most, or until somebody wakes it. */
  wait(word: number, value: number, done: () => void): void {
    syscall.async(futexNumber, this.address + BigInt(4 * word), FUTEX_WAIT, value >>> 0, waitTimeout, () => done());
  }

  /** Wakes one sleeper, if there is one. */
  wakeOne(word: number): void {
    syscall(futexNumber, this.address + BigInt(4 * word), FUTEX_WAKE, 1, null);
  }
}

/** Can mutexes be waited for here? */
export const futexesWork = futexNumber > 0;
