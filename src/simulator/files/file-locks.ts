// The kernel's side of the locks of one simulated TDB file: which process holds which chain, the list of free space, all records, the
// right to run a transaction; and who waits. Whoever waits longest has no privilege: one of those who wait gets a lock, after a delay.
import type { Random, Timers } from "../../platform/ports.js";

/** Who holds locks: a process, or the open file of a lock helper. */
export interface LockOwner {
  readonly pid: number;
  readonly commandLine: string;
  /** Its chain locks belong to an open file description or a thread that `isChainHeldByHelper` knows. */
  readonly isLockHelper: boolean;
}

/** Number of the list of free space among the chains. */
export const FREELIST = -1;

/** How long after a release one who waits gets the lock; milliseconds. */
export interface WakeDelay {
  readonly minMs: number;
  readonly maxMs: number;
}

export interface LockModules {
  readonly timers: Timers;
  readonly random: Random;
  readonly wakeDelay: WakeDelay;
}

export interface LockedFile {
  readonly hashSize: number;
  readonly usesMutexes: boolean;
}

interface AllLock {
  readonly owner: LockOwner;
  /** false: a transaction that is not being committed yet; others may read. */
  exclusive: boolean;
  /** Chains below this number are locked; all of them once it is the hash size. */
  chains: number;
}

export type WaitKind = "chain" | "all" | "transaction";

/** One process that is blocked in the kernel. */
export class LockWait {
  state: "waiting" | "granted" | "over" = "waiting";

  constructor(
    readonly owner: LockOwner,
    readonly kind: WaitKind,
    readonly chain: number,
    /** Of all records: for a lock of them (true), or for a transaction. */
    readonly exclusive: boolean,
    readonly onGranted: () => void,
  ) {}
}

export interface HeldLock {
  readonly owner: LockOwner;
  /** undefined: all records, or as many of them as a waiting process has by now. */
  readonly chain: number | undefined;
  readonly text: string;
}

export class FileLocks {
  private readonly chains = new Map<number, LockOwner>();
  private all: AllLock | undefined;
  private transaction: LockOwner | undefined;
  /** The last one who had locked all records died with that lock: who relied on it may not know yet. */
  private lostAll = false;
  private waits: LockWait[] = [];
  private wakeScheduled = false;

  constructor(
    private readonly file: LockedFile,
    private readonly modules: LockModules,
  ) {}

  // ------------------------------------------------------------------ one chain, or the list of free space

  /** Could `owner` take the lock of `chain` now? */
  isFree(owner: LockOwner, chain: number, exclusive: boolean): boolean {
    if (this.chains.size > 0) {
      const holder = this.chains.get(chain);
      if (holder !== undefined && holder !== owner) return false;
    }
    const { all } = this;
    if (all === undefined || all.owner === owner || chain === FREELIST) return true;
    if (!exclusive && !all.exclusive) return true;
    // Who has a mutex does not look whether all records are locked, or are about to be. Our own helper always looks.
    return this.file.usesMutexes ? !owner.isLockHelper && this.hasChain(owner) : chain >= all.chains;
  }

  tryChain(owner: LockOwner, chain: number): boolean {
    if (!this.isFree(owner, chain, true)) return false;
    this.chains.set(chain, owner);
    return true;
  }

  unlockChain(owner: LockOwner, chain: number): void {
    if (this.chains.get(chain) !== owner) return;
    this.chains.delete(chain);
    this.wakeOne();
  }

  holderOf(chain: number): LockOwner | undefined {
    return this.chains.get(chain);
  }

  // ------------------------------------------------------------------ all records

  tryAll(owner: LockOwner, exclusive: boolean): boolean {
    if (this.all !== undefined && this.all.owner !== owner) return false;
    if (this.firstForeignChain(owner, 0) !== undefined) return false;
    this.all = { owner, exclusive, chains: this.file.hashSize };
    this.lostAll = false;
    return true;
  }

  /** From now on nobody may read, either. */
  upgradeAll(owner: LockOwner): void {
    if (this.all?.owner === owner) this.all.exclusive = true;
  }

  unlockAll(owner: LockOwner): void {
    if (this.all?.owner !== owner) return;
    this.all = undefined;
    this.wakeOne();
  }

  /** Are all records locked, or were they until their holder died just now? */
  get allAreLocked(): boolean {
    return this.lostAll || (this.all !== undefined && this.all.chains === this.file.hashSize);
  }

  // ------------------------------------------------------------------ the right to run a transaction

  tryTransaction(owner: LockOwner): boolean {
    if (this.transaction !== undefined && this.transaction !== owner) return false;
    this.transaction = owner;
    return true;
  }

  unlockTransaction(owner: LockOwner): void {
    if (this.transaction !== owner) return;
    this.transaction = undefined;
    this.wakeOne();
  }

  // ------------------------------------------------------------------ waiting

  /** Blocks `owner` until it has the lock. `onGranted` may be called at once. */
  wait(owner: LockOwner, kind: WaitKind, chain: number, exclusive: boolean, onGranted: () => void): LockWait {
    const wait = new LockWait(owner, kind, chain, exclusive, onGranted);
    if (this.attempt(wait)) {
      wait.state = "granted";
      onGranted();
    } else {
      this.waits.push(wait);
    }
    return wait;
  }

  /** Ends a wait that has not been granted. */
  endWait(wait: LockWait): void {
    if (wait.state !== "waiting") return;
    wait.state = "over";
    this.waits.splice(this.waits.indexOf(wait), 1);
    // With the machine the timer may be gone.
    if (this.waits.length === 0) this.wakeScheduled = false;
    // What it had locked on its way.
    if (wait.kind === "all") this.unlockAll(wait.owner);
  }

  /** The owner is gone, or has closed the file. */
  releaseEverything(owner: LockOwner): void {
    for (const wait of this.waits.filter((one) => one.owner === owner)) this.endWait(wait);
    for (const [chain, holder] of this.chains) if (holder === owner) this.chains.delete(chain);
    if (this.all?.owner === owner) {
      this.lostAll = this.allAreLocked;
      this.all = undefined;
    }
    if (this.transaction === owner) this.transaction = undefined;
    this.wakeOne();
  }

  /** Who holds the lock of `chain`, or any lock where it is undefined. */
  held(chain: number | undefined): HeldLock[] {
    const { usesMutexes, hashSize } = this.file;
    const found: HeldLock[] = [];
    const { all } = this;
    if (all !== undefined && (chain === undefined || usesMutexes || chain < all.chains)) {
      const kind = all.exclusive ? "WRITE" : "READ";
      const end = all.chains === hashSize ? "EOF" : String(167 + 4 * all.chains);
      found.push({
        owner: all.owner,
        chain: undefined,
        text: usesMutexes ? "mutex of all records" : `${kind} lock of bytes 168..${end}`,
      });
    }
    for (const [one, owner] of [...this.chains].sort(([a], [b]) => a - b)) {
      if (one === FREELIST || (chain !== undefined && one !== chain)) continue;
      found.push({ owner, chain: one, text: usesMutexes ? `mutex of chain ${one}` : `WRITE lock of chain ${one}` });
    }
    return found;
  }

  private attempt(wait: LockWait): boolean {
    switch (wait.kind) {
      case "chain":
        return this.tryChain(wait.owner, wait.chain);
      case "transaction":
        return this.tryTransaction(wait.owner);
      case "all":
        return this.advance(wait);
    }
  }

  /** All records are locked chain by chain: those that are had by then are kept. */
  private advance({ owner, exclusive }: LockWait): boolean {
    if (this.all !== undefined && this.all.owner !== owner) return false;
    const { hashSize, usesMutexes } = this.file;
    const chains = this.firstForeignChain(owner, this.all?.chains ?? 0) ?? hashSize;
    if (this.all !== undefined) this.all.chains = chains;
    else if (chains > 0 || usesMutexes) this.all = { owner, exclusive, chains };
    if (chains < hashSize) return false;
    this.lostAll = false;
    return true;
  }

  /** The first chain from `from` on that another process holds. */
  private firstForeignChain(owner: LockOwner, from: number): number | undefined {
    let first: number | undefined;
    for (const [chain, holder] of this.chains) {
      if (holder !== owner && chain >= from && (first === undefined || chain < first)) first = chain;
    }
    return first;
  }

  private hasChain(owner: LockOwner): boolean {
    for (const [chain, holder] of this.chains) if (holder === owner && chain !== FREELIST) return true;
    return false;
  }

  private wakeOne(): void {
    if (this.waits.length === 0 || this.wakeScheduled) return;
    this.wakeScheduled = true;
    const { timers, random, wakeDelay } = this.modules;
    const { minMs, maxMs } = wakeDelay;
    timers.after(minMs + ((maxMs - minMs) * random.uint32()) / 2 ** 32, () => this.wake());
  }

  /** Those who wait try in turn, from one of them on. */
  private wake(): void {
    this.wakeScheduled = false;
    const { waits } = this;
    if (waits.length === 0) return;
    const first = this.modules.random.uint32() % waits.length;
    const granted: LockWait[] = [];
    for (let i = 0; i < waits.length; i++) {
      const wait = waits[(first + i) % waits.length];
      if (wait === undefined || !this.attempt(wait)) continue;
      wait.state = "granted";
      granted.push(wait);
    }
    if (granted.length === 0) return;
    this.waits = waits.filter((wait) => wait.state === "waiting");
    for (const wait of granted) wait.onGranted();
  }
}
