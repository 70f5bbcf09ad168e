// One open TDB file of this process with its chain locks. All databases and clients of the process that use the file share it:
// a second descriptor would drop the first one's locks, and locks of one process do not exclude each other in the kernel.
import { resolve } from "node:path";
import type { TdbFile, TdbOpener } from "../tdb/tdb-file.js";
import type { FetchLockTask } from "./fetch-lock.js";
import { type ClientModules, DeadlineTimer, NEVER_MS } from "./time.js";

/** Wants the lock of the chain of `key`. */
export interface ChainWaiter {
  readonly key: Uint8Array;
  /** The lock is held now; `release` must follow, in this turn or later. Must not throw. */
  granted(): void;
  /** The file layer failed: the waiter has left the queue, nothing is locked. Must not throw. */
  lockFailed(error: unknown): void;
}

/** In-process hand-overs of one chain before the lock is left free for a moment, so that other processes get their turn. */
const HANDOVERS_MAX = 16;
/** Tries in consecutive turns of the event loop before waiting is left to timers. */
const TURN_TRIES_MAX = 4;
const POLL_SHORT_MS = 1;
const POLL_MEDIUM_MS = 2;
const POLL_LONG_MS = 4;
const MEDIUM_AFTER_MS = 20;
const LONG_AFTER_MS = 200;
/** Tries in a row in one poll, once the short and the medium waiting were in vain: to hit a gap of a lock in heavy use. */
const TRIES_MEDIUM = 16;
const TRIES_LONG = 128;

/** free: nobody has it, it is about to be tried. busy: another process has it, polling. held: this process has it. */
type ChainPhase = "free" | "busy" | "held";

class Chain {
  phase: ChainPhase = "free";
  readonly waiters: ChainWaiter[] = [];
  waitingSinceMs = 0;
  tries = 0;
  handovers = 0;
  dueMs = NEVER_MS;
  constructor(readonly index: number) {}
}

export class SharedFile {
  private readonly chains = new Map<number, Chain>();
  /** Chains that another process holds. */
  private readonly polling = new Set<Chain>();
  private readonly pollTimer: DeadlineTimer;
  /** fetchLocks whose record is on its way to this node, by key; others for the same key follow them. */
  readonly migrating = new Map<string, FetchLockTask>();
  private users = 0;

  constructor(
    readonly file: TdbFile,
    private readonly modules: ClientModules,
    private readonly forget: () => void,
  ) {
    this.pollTimer = new DeadlineTimer(modules, (nowMs) => this.pollDue(nowMs));
  }

  addUser(): void {
    this.users += 1;
  }

  /** The last user closes the file; all locks go with it. */
  removeUser(): void {
    this.users -= 1;
    if (this.users > 0) return;
    this.pollTimer.stop();
    this.polling.clear();
    this.chains.clear();
    this.forget();
    this.file.close();
  }

  /** Between `tryNow` and `releaseNow`. */
  private lockedNow = false;

  /**
   * Takes the chain lock of `key` at once. False: somebody holds it or waits for it, here or in another process. A lock that was
   * taken must be given back by `releaseNow` in the same turn, before the next `tryNow`.
   */
  tryNow(key: Uint8Array): boolean {
    if (this.lockedNow) throw new Error("withRecordSync must not be nested in one database file");
    if (this.chains.size > 0 && this.chains.has(this.file.chainOf(key))) return false;
    this.lockedNow = this.file.chainLockNonblock(key);
    return this.lockedNow;
  }

  releaseNow(key: Uint8Array): void {
    this.lockedNow = false;
    this.file.chainUnlock(key);
  }

  /**
   * Like `tryNow` for a look without change: it also succeeds on a chain that this process holds. `chainUnlock` of the file gives
   * the lock back.
   */
  tryNowToRead(key: Uint8Array): boolean {
    if (this.chains.size > 0) {
      const chain = this.chains.get(this.file.chainOf(key));
      if (chain !== undefined && chain.phase !== "held") return false;
    }
    return this.file.chainLockNonblock(key);
  }

  /**
   * Asks for the chain lock of `waiter.key`; `granted` is called when it is held, maybe before this returns. First come first
   * served within this process, except `front`: for one that has waited in the queue before.
   */
  acquire(waiter: ChainWaiter, front: boolean): void {
    const index = this.file.chainOf(waiter.key);
    let chain = this.chains.get(index);
    if (chain === undefined) {
      chain = new Chain(index);
      chain.waitingSinceMs = this.modules.clock.now();
      this.chains.set(index, chain);
    }
    if (front) chain.waiters.unshift(waiter);
    else chain.waiters.push(waiter);
    if (chain.phase === "free") this.pump(chain);
  }

  /** Gives up waiting; nothing happens if it does not wait. */
  cancel(waiter: ChainWaiter): void {
    const chain = this.chains.get(this.file.chainOf(waiter.key));
    if (chain === undefined) return;
    const at = chain.waiters.indexOf(waiter);
    if (at >= 0) chain.waiters.splice(at, 1);
    if (chain.phase !== "held" && chain.waiters.length === 0) this.drop(chain);
  }

  /** True if nobody in this process holds the chain of `key` or waits for it. */
  isIdle(key: Uint8Array): boolean {
    return !this.lockedNow && (this.chains.size === 0 || !this.chains.has(this.file.chainOf(key)));
  }

  /** True if this process holds the chain of `key`. */
  heldHere(key: Uint8Array): boolean {
    return this.chains.get(this.file.chainOf(key))?.phase === "held";
  }

  /** Gives the chain lock back that `granted` brought. */
  release(key: Uint8Array): void {
    const chain = this.chains.get(this.file.chainOf(key));
    if (chain === undefined || chain.phase !== "held") throw new Error("the chain of this key is not locked: a bug");
    this.file.chainUnlock(key);
    chain.phase = "free";
    if (this.pumping !== chain) this.pump(chain);
  }

  private pumping: Chain | undefined;

  /** Hands a free chain to its waiters, one after the other as long as they give it back in the same turn. */
  private pump(chain: Chain): void {
    const outer = this.pumping;
    this.pumping = chain;
    try {
      while (chain.phase === "free") {
        const waiter = chain.waiters[0];
        if (waiter === undefined) {
          this.drop(chain);
          return;
        }
        if (chain.handovers >= HANDOVERS_MAX) {
          chain.handovers = 0;
          this.waitBusy(chain, POLL_SHORT_MS);
          return;
        }
        try {
          if (!this.tryLock(chain, waiter.key)) return;
        } catch (error) {
          chain.waiters.shift();
          waiter.lockFailed(error);
          continue;
        }
        chain.waiters.shift();
        chain.phase = "held";
        chain.tries = 0;
        chain.handovers += 1;
        waiter.granted();
      }
    } finally {
      this.pumping = outer;
    }
  }

  private tryLock(chain: Chain, key: Uint8Array): boolean {
    const waitedMs = chain.tries === 0 ? 0 : this.modules.clock.now() - chain.waitingSinceMs;
    let left = waitedMs < MEDIUM_AFTER_MS ? 1 : waitedMs < LONG_AFTER_MS ? TRIES_MEDIUM : TRIES_LONG;
    // Between tryNow and releaseNow libtdb would let this process in a second time.
    if (this.lockedNow) left = 0;
    for (; left > 0; left -= 1) {
      if (this.file.chainLockNonblock(key)) return true;
    }
    if (chain.tries === 0) chain.waitingSinceMs = this.modules.clock.now();
    chain.tries += 1;
    chain.handovers = 0;
    if (chain.tries <= TURN_TRIES_MAX) {
      chain.phase = "busy";
      this.modules.timers.nextTurn(() => {
        if (chain.phase === "busy" && this.chains.get(chain.index) === chain) this.retry(chain);
      });
    } else {
      const pauseMs =
        waitedMs < MEDIUM_AFTER_MS ? POLL_SHORT_MS : waitedMs < LONG_AFTER_MS ? POLL_MEDIUM_MS : POLL_LONG_MS;
      this.waitBusy(chain, pauseMs);
    }
    return false;
  }

  private waitBusy(chain: Chain, pauseMs: number): void {
    chain.phase = "busy";
    chain.dueMs = this.modules.clock.now() + pauseMs;
    this.polling.add(chain);
    this.pollTimer.watch(chain.dueMs);
  }

  private retry(chain: Chain): void {
    this.polling.delete(chain);
    chain.dueMs = NEVER_MS;
    chain.phase = "free";
    this.pump(chain);
  }

  private pollDue(nowMs: number): number {
    for (const chain of [...this.polling]) if (chain.dueMs <= nowMs) this.retry(chain);
    let earliestMs = NEVER_MS;
    for (const chain of this.polling) earliestMs = Math.min(earliestMs, chain.dueMs);
    return earliestMs;
  }

  private drop(chain: Chain): void {
    this.polling.delete(chain);
    this.chains.delete(chain.index);
  }
}

/** The files that this process has open, for each way of opening files. */
const openFiles = new WeakMap<TdbOpener, Map<string, SharedFile>>();

/**
 * The file at `path`, opened with `flags` if this process has not opened it yet. The caller must call `removeUser` in the end.
 * Throws what the opener throws.
 */
export function shareFile(opener: TdbOpener, path: string, flags: number, modules: ClientModules): SharedFile {
  const byPath = openFiles.get(opener) ?? new Map<string, SharedFile>();
  openFiles.set(opener, byPath);
  const absolute = resolve(path);
  let shared = byPath.get(absolute);
  if (shared === undefined) {
    shared = new SharedFile(opener.open({ path: absolute, flags, create: false }), modules, () =>
      byPath.delete(absolute),
    );
    byPath.set(absolute, shared);
  }
  shared.addUser();
  return shared;
}
