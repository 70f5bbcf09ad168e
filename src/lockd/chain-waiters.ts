// How one waits for a chain of a TDB file without libtdb: by an OFD byte lock, or by a thread that locks the chain's mutex.
import { closeSync, openSync } from "node:fs";
import { constants } from "node:os";
import koffi from "koffi";
import { type FileMapping, mapFile } from "../tdb/libc.js";
import { ALLRECORD_MUTEX_WORD, ALLRECORD_STATE_WORD, ALLRECORD_UNLOCKED, chainMutexWord } from "../tdb/mutex-layout.js";
import { MutexThreads, ownThreadOf, tryMutex, unlockOwnMutex } from "./mutex-threads.js";
import { ByteLock } from "./system-calls.js";
import { threadScriptsWork } from "./thread-script.js";

/** First byte of the chain locks. */
export const FIRST_CHAIN_LOCK_BYTE = 168;
const { EAGAIN, EACCES, EINTR } = constants.errno;
const RETRY_MS = 10;

/** "had": the lock is ours, until `giveBack`. "busy": block for it. Else it cannot be had, and why. */
export type Attempt = "had" | "busy" | { readonly failed: string };

/** One wait, as the table of waits sees it. */
export interface ChainWait {
  tryNow(): Attempt;
  /** Blocks a pool thread, then calls `done` with whether the lock is ours; if not, begin again with `tryNow`. */
  block(done: (had: boolean) => void, threadIsFree: () => void): void;
  giveBack(): void;
  /** Which thread has the lock that is ours; 0 where locks have no thread. */
  readonly ownerThread: number;
}

export interface ChainWaiter {
  newWait(chain: number): ChainWait;
  close(): void;
}

export class FcntlWaiter implements ChainWaiter {
  private readonly fd: number;

  constructor(path: string) {
    this.fd = openSync(path, "r+");
  }

  newWait(chain: number): ChainWait {
    const lock = new ByteLock(this.fd, FIRST_CHAIN_LOCK_BYTE + 4 * chain);
    return {
      ownerThread: 0,
      tryNow() {
        const errno = lock.tryLock();
        if (errno === 0) return "had";
        return errno === EAGAIN || errno === EACCES || errno === EINTR ? "busy" : { failed: `errno ${errno}` };
      },
      block(done, threadIsFree) {
        lock.wait((locked) => {
          threadIsFree();
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

let threads: MutexThreads | undefined;

export class MutexWaiter implements ChainWaiter {
  private readonly fd: number;
  private readonly mapping: FileMapping;
  private readonly words: Int32Array;
  private readonly states: Int16Array;
  private readonly address: number;
  /** Threads that may still touch the mapping. */
  private busyThreads = 0;
  private closing = false;

  constructor(path: string, hashSize: number) {
    if (!threadScriptsWork) throw new Error(`waiting for mutexes is not supported on ${process.arch}`);
    this.fd = openSync(path, "r+");
    const mapping = mapFile(this.fd, 4 * chainMutexWord(hashSize), true);
    if (mapping === undefined) throw new Error(`cannot map the mutexes of ${path}`);
    this.mapping = mapping;
    this.words = new Int32Array(mapping.bytes);
    this.states = new Int16Array(mapping.bytes);
    this.address = Number(koffi.address(new Uint8Array(mapping.bytes)));
  }

  newWait(chain: number): ChainWait {
    return new MutexChainWait(this, chainMutexWord(chain));
  }

  close(): void {
    this.closing = true;
    if (this.busyThreads > 0) return;
    this.mapping.unmap();
    closeSync(this.fd);
  }

  addressOf(word: number): number {
    return this.address + 4 * word;
  }

  load(word: number): number {
    return Atomics.load(this.words, word);
  }

  /** All records are locked by somebody: who gets a chain's mutex now must not use it. */
  get allLocked(): boolean {
    return (this.load(ALLRECORD_STATE_WORD) & 0xffff) !== ALLRECORD_UNLOCKED;
  }

  /** To be called with the mutex of all records held: then nobody has locked all records, whatever a dead owner left behind. */
  resetAllRecordState(): void {
    Atomics.store(this.states, 2 * ALLRECORD_STATE_WORD, ALLRECORD_UNLOCKED);
  }

  /** A thread locks a mutex; see MutexThreads. */
  lockOnThread(word: number, onLocked: () => void, threadIsFree: () => void): () => void {
    threads ??= new MutexThreads();
    this.busyThreads++;
    return threads.lock(this.addressOf(word), onLocked, () => {
      this.busyThreads--;
      if (this.closing) this.close();
      threadIsFree();
    });
  }
}

class MutexChainWait implements ChainWait {
  ownerThread = 0;
  /** Unlocks on the thread that has the lock; undefined: the main thread has it. */
  private unlock: (() => void) | undefined;

  constructor(
    private readonly waiter: MutexWaiter,
    private readonly word: number,
  ) {}

  tryNow(): Attempt {
    const { waiter, word } = this;
    if (!tryMutex(waiter.addressOf(word))) return "busy";
    if (waiter.allLocked) {
      unlockOwnMutex(waiter.addressOf(word));
      return "busy";
    }
    this.ownerThread = process.pid;
    this.unlock = undefined;
    return "had";
  }

  block(done: (had: boolean) => void, threadIsFree: () => void): void {
    const { waiter, word } = this;
    if (waiter.allLocked) {
      // Wait until whoever locked all records is done.
      const unlock = waiter.lockOnThread(
        ALLRECORD_MUTEX_WORD,
        () => {
          if (ownThreadOf(waiter.load(ALLRECORD_MUTEX_WORD)) !== 0) waiter.resetAllRecordState();
          unlock();
          setTimeout(() => done(false), 0);
        },
        threadIsFree,
      );
      return;
    }
    const unlock = waiter.lockOnThread(
      word,
      () => {
        this.ownerThread = ownThreadOf(waiter.load(word));
        if (this.ownerThread === 0 || waiter.allLocked) {
          // The mutex cannot be locked at all, or must not be used: not at once again.
          unlock();
          setTimeout(() => done(false), this.ownerThread === 0 ? RETRY_MS : 0);
        } else {
          this.unlock = unlock;
          done(true);
        }
      },
      threadIsFree,
    );
  }

  giveBack(): void {
    if (this.unlock === undefined) unlockOwnMutex(this.waiter.addressOf(this.word));
    else this.unlock();
    this.unlock = undefined;
    this.ownerThread = 0;
  }
}
