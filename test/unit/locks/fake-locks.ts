// A TDB file that only has locks, and a lock helper in memory: what the lock scheduler's tests need of the world.
import type {
  HeldDatabase,
  HeldDatabaseEvents,
  LockHelperEvents,
  LockHelperPort,
  LockHolder,
} from "../../../src/locks/lock-helper-port.js";
import type { LockableFile } from "../../../src/locks/lockable-file.js";
import { TdbError } from "../../../src/tdb/errors.js";

const NOLOCK = 0x4;

/** Keys are decimal numbers; their chain is the number modulo the hash size. */
export class FakeFile implements LockableFile {
  readonly path: string;
  inTransaction = false;
  /** Chains that other processes hold. */
  readonly foreign = new Set<number>();
  /** Chains that the helper holds. */
  readonly helper = new Set<number>();
  /** Chains that this handle has locked or marked, with the depth. */
  readonly own = new Map<number, number>();
  /** "kernel": we hold all records; "mark": somebody does for us. */
  all: "none" | "kernel" | "mark" = "none";
  /** Somebody else holds the lock of all records. */
  allForeign = false;
  private flagWord = 0;

  constructor(
    name: string,
    readonly usesMutexes: boolean,
    readonly hashSize = 10,
  ) {
    this.path = `/fake/${name}`;
  }

  chainOf(key: Uint8Array): number {
    return Number(Buffer.from(key).toString()) % this.hashSize;
  }
  chainLockNonblock(key: Uint8Array): boolean {
    const chain = this.chainOf(key);
    if (this.all === "none" && !this.own.has(chain)) {
      if (this.foreign.has(chain) || this.helper.has(chain) || this.allForeign) return false;
    }
    this.own.set(chain, (this.own.get(chain) ?? 0) + 1);
    return true;
  }
  chainUnlock(key: Uint8Array): void {
    this.leave(this.chainOf(key));
  }
  chainLockMark(key: Uint8Array): void {
    const chain = this.chainOf(key);
    if (!this.helper.has(chain)) throw new Error(`chain ${chain} is marked without a lock`);
    this.own.set(chain, (this.own.get(chain) ?? 0) + 1);
  }
  chainLockUnmark(key: Uint8Array): void {
    this.leave(this.chainOf(key));
  }
  isChainHeldByHelper(key: Uint8Array): boolean {
    return this.helper.has(this.chainOf(key));
  }
  lockAllNonblock(): boolean {
    if (this.own.size > 0) throw new TdbError("lock of all records", this.path, "LOCK");
    if (this.foreign.size > 0 || this.helper.size > 0 || this.allForeign) return false;
    this.all = "kernel";
    return true;
  }
  unlockAll(): void {
    this.all = "none";
  }
  lockAllMark(): void {
    this.all = "mark";
  }
  lockAllUnmark(): void {
    this.all = "none";
  }
  flags(): number {
    return this.flagWord;
  }
  addFlags(flags: number): void {
    this.flagWord |= flags;
  }
  removeFlags(flags: number): void {
    this.flagWord &= ~flags;
  }
  transactionStart(): void {
    if (this.all !== "none" || (this.flagWord & NOLOCK) === 0) throw new TdbError("transaction", this.path, "LOCK");
    this.inTransaction = true;
  }
  transactionCommit(): void {
    this.inTransaction = false;
  }
  transactionCancel(): void {
    this.inTransaction = false;
  }

  private leave(chain: number): void {
    const depth = this.own.get(chain);
    if (depth === undefined) throw new TdbError("unlock", this.path, "LOCK");
    if (depth === 1) this.own.delete(chain);
    else this.own.set(chain, depth - 1);
  }
}

interface FakeWait {
  readonly db: number;
  readonly chain: number;
  granted: boolean;
}

export class FakeHolder implements HeldDatabase {
  released = false;
  constructor(
    readonly path: string,
    readonly events: HeldDatabaseEvents,
  ) {}
  release(): void {
    this.released = true;
  }
}

/** Grants only when the test says so. */
export class FakeHelper implements LockHelperPort {
  readonly waits = new Map<number, FakeWait>();
  readonly holders: FakeHolder[] = [];
  readonly files = new Map<number, FakeFile>();
  readonly log: string[] = [];
  found: LockHolder[] = [];
  waitsStarted = 0;
  events: LockHelperEvents = { granted: () => {}, failed: () => {}, died: () => {} };

  constructor(private readonly fileOf: (path: string) => FakeFile) {}

  start(events: LockHelperEvents): void {
    this.events = events;
  }
  openDatabase(db: number, path: string): void {
    this.files.set(db, this.fileOf(path));
  }
  closeDatabase(db: number): void {
    this.files.delete(db);
  }
  wait(waitId: number, db: number, chain: number): void {
    for (const wait of this.waits.values()) {
      if (wait.db === db && wait.chain === chain) throw new Error(`two waits for chain ${chain}`);
    }
    this.waitsStarted++;
    this.waits.set(waitId, { db, chain, granted: false });
  }
  release(waitId: number): void {
    const wait = this.waits.get(waitId);
    if (wait === undefined) return;
    this.waits.delete(waitId);
    this.files.get(wait.db)?.helper.delete(wait.chain);
    this.log.push(`release ${wait.chain}`);
  }
  holdDatabase(path: string, _flags: number, events: HeldDatabaseEvents): FakeHolder {
    const holder = new FakeHolder(path, events);
    this.holders.push(holder);
    return holder;
  }
  findHolders(_db: number, _chain: number | undefined, done: (holders: readonly LockHolder[]) => void): void {
    done(this.found);
  }

  /** The other process gives the chain up, and the helper gets it. */
  grant(chain: number): void {
    for (const [id, wait] of this.waits) {
      if (wait.chain !== chain || wait.granted) continue;
      const file = this.files.get(wait.db);
      file?.foreign.delete(chain);
      file?.helper.add(chain);
      wait.granted = true;
      this.events.granted(id, 0);
      return;
    }
    throw new Error(`nobody waits for chain ${chain}`);
  }

  /** The process is gone, with all it had. */
  die(): void {
    this.waits.clear();
    for (const file of this.files.values()) file.helper.clear();
    this.files.clear();
    this.events.died();
  }
}
