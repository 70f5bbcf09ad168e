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
const prctl: (option: number, argument: number) => number = libc.func("prctl", "int", ["int", "ulong"]);

const F_OFD_SETLK = 37;
const F_OFD_SETLKW = 38;
const F_WRLCK = 1;
const F_UNLCK = 2;
const FLOCK_BYTES = 32;
const PR_SET_PDEATHSIG = 1;

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
