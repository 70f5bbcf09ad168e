// How one waits for a chain of a TDB file without libtdb: by an OFD byte lock, or by sleeping on the futex of a robust mutex.
import { closeSync, openSync } from "node:fs";
import { constants } from "node:os";
import { type FileMapping, mapFile } from "../tdb/libc.js";
import {
  ALLRECORD_MUTEX_WORD,
  ALLRECORD_STATE_WORD,
  ALLRECORD_UNLOCKED,
  chainMutexWord,
  FUTEX_OWNER_DIED,
  FUTEX_WAITERS,
} from "../tdb/mutex-layout.js";
import { ByteLock, FutexWords } from "./system-calls.js";

/** First byte of the chain locks. */
export const FIRST_CHAIN_LOCK_BYTE = 168;
const { EAGAIN, EACCES, EINTR } = constants.errno;
const RETRY_MS = 10;

/** One wait, as the table of waits sees it. */
export interface ChainWait {
  /** Is the lock (fcntl), or the chance of it (mutex), to be had right now? `undefined`: no, wait. Else it is had, or failed. */
  tryNow(): { failed?: string } | undefined;
  /** Blocks a pool thread for a while, then calls `done`; ask `tryNow` again, unless `done` says that it is had. */
  block(done: (had: boolean) => void): void;
  /** Gives back what was had. `taken`: the daemon used it. */
  giveBack(taken: boolean): void;
}

export interface ChainWaiter {
  newWait(chain: number): ChainWait;
  close(): void;
}

export class FcntlWaiter implements ChainWaiter {
  readonly fd: number;

  constructor(path: string) {
    this.fd = openSync(path, "r+");
  }

  newWait(chain: number): ChainWait {
    const lock = new ByteLock(this.fd, FIRST_CHAIN_LOCK_BYTE + 4 * chain);
    return {
      tryNow() {
        const errno = lock.tryLock();
        if (errno === 0) return {};
        if (errno === EAGAIN || errno === EACCES || errno === EINTR) return undefined;
        return { failed: `errno ${errno}` };
      },
      block(done) {
        lock.wait((locked) => {
          // Interrupted, or out of kernel memory: not at once again.
          if (locked) done(true);
          else setTimeout(() => done(false), RETRY_MS);
        });
      },
      giveBack: () => lock.unlock(),
    };
  }

  close(): void {
    closeSync(this.fd);
  }
}

export class MutexWaiter implements ChainWaiter {
  readonly fd: number;
  private readonly mapping: FileMapping;
  private readonly futexes: FutexWords;

  constructor(path: string, hashSize: number) {
    this.fd = openSync(path, "r+");
    const mapping = mapFile(this.fd, 4 * chainMutexWord(hashSize), true);
    if (mapping === undefined) throw new Error(`cannot map the mutexes of ${path}`);
    this.mapping = mapping;
    this.futexes = new FutexWords(mapping.bytes);
  }

  newWait(chain: number): ChainWait {
    const { futexes } = this;
    const chainWord = chainMutexWord(chain);
    let wokenOn = chainWord;
    return {
      tryNow: () => (this.blockingWord(chain) < 0 ? {} : undefined),
      block: (done) => {
        const word = this.blockingWord(chain);
        if (word < 0) {
          setImmediate(() => done(false));
          return;
        }
        const value = Atomics.load(futexes.words, word);
        const marked = value | FUTEX_WAITERS;
        if (value === 0 || Atomics.compareExchange(futexes.words, word, value, marked) !== value) {
          setImmediate(() => done(false));
          return;
        }
        wokenOn = word;
        futexes.wait(word, marked, () => {
          // Nobody takes the mutex of all records after us, so the next sleeper must be woken in any case.
          if (word === ALLRECORD_MUTEX_WORD) futexes.wakeOne(word);
          done(false);
        });
      },
      giveBack(taken) {
        if (!taken) futexes.wakeOne(wokenOn);
      },
    };
  }

  close(): void {
    this.mapping.unmap();
    closeSync(this.fd);
  }

  /** The lock word that keeps us from locking the chain, or -1: none. */
  private blockingWord(chain: number): number {
    const { words } = this.futexes;
    const word = chainMutexWord(chain);
    if (isOwned(Atomics.load(words, word))) return word;
    if ((Atomics.load(words, ALLRECORD_STATE_WORD) & 0xffff) === ALLRECORD_UNLOCKED) return -1;
    return isOwned(Atomics.load(words, ALLRECORD_MUTEX_WORD)) ? ALLRECORD_MUTEX_WORD : -1;
  }
}

function isOwned(value: number): boolean {
  return (value & ~FUTEX_WAITERS) !== 0 && (value & FUTEX_OWNER_DIED) === 0;
}
