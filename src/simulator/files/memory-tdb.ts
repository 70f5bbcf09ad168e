// A TDB file in memory, as one process has it open: the twin of the binding of libtdb. It counts nested locks and marks as libtdb
// does; the locks themselves are in file-locks.ts. What would block a real process throws WouldBlockError here.
import { basename } from "node:path";
import { hashRange, oldTdbHash } from "../../protocol/hash.js";
import { TdbFlag } from "../../protocol/index.js";
import { TdbClosedError, TdbError, type TdbErrorCode } from "../../tdb/errors.js";
import {
  type LockedCursor,
  StoreFlag,
  type TdbCounters,
  type TdbCursor,
  type TdbFile,
  type TdbOpenOptions,
} from "../../tdb/tdb-file.js";
import type { DiskProcess } from "./disk-process.js";
import { UnlockedMarkError, WouldBlockError } from "./errors.js";
import { poisonLastView, viewOf } from "./fetched-view.js";
import { type FileLocks, FREELIST, type LockWait, type WaitKind } from "./file-locks.js";
import { MemoryChainCursor, MemoryLockedCursor } from "./memory-cursor.js";
import type { DiskFile } from "./memory-disk.js";
import { StoredRecords } from "./stored-records.js";

/** Stands among the chains for the lock that transactions take. */
const TRANSACTION = -2;
/** Bytes of a file without chains and records. */
const HEADER_BYTES = 172;
const PAGE_BYTES = 8192;
const JOINED_BYTES_FIRST = 8192;

let joined = Buffer.allocUnsafeSlow(JOINED_BYTES_FIRST);

/** A lock that a blocked process waits for. */
export interface PendingLock {
  /** The process stops waiting; a lock that it was just given is given back. Idempotent. */
  cancel(): void;
}

export class MemoryTdb implements TdbFile {
  readonly path: string;
  readonly name: string;
  readonly usesMutexes: boolean;
  readonly counters: TdbCounters = {
    chainLocks: 0,
    chainLocksBusy: 0,
    fetches: 0,
    stores: 0,
    deletes: 0,
    transactions: 0,
    traversedRecords: 0,
  };
  private readonly locks: FileLocks;
  private readonly readOnly: boolean;
  private flagWord: number;
  /** Locked or marked chains, FREELIST and TRANSACTION, and how often. */
  private readonly nested = new Map<number, number>();
  /** How often all records are locked or marked. */
  private allCount = 0;
  private overlay: StoredRecords | undefined;
  private prepared = false;
  /** Something in the transaction has failed: it cannot be committed. */
  private transactionFailed = false;
  private closed = false;

  constructor(
    private readonly process: DiskProcess,
    private readonly file: DiskFile,
    options: TdbOpenOptions,
    private readonly onClose: () => void,
  ) {
    this.path = options.path;
    this.name = basename(options.path);
    this.locks = file.locks;
    this.readOnly = options.readOnly === true;
    this.usesMutexes = file.usesMutexes && !this.readOnly;
    this.flagWord = options.flags;
    if (this.readOnly) {
      this.flagWord = (this.flagWord & ~(TdbFlag.CLEAR_IF_FIRST | TdbFlag.MUTEX_LOCKING)) | TdbFlag.NOLOCK;
    }
    if (this.isInternal) this.flagWord = (this.flagWord & ~TdbFlag.CLEAR_IF_FIRST) | TdbFlag.NOLOCK | TdbFlag.NOMMAP;
  }

  get hashSize(): number {
    return this.file.hashSize;
  }

  chainOf(key: Uint8Array): number {
    return this.chainOfRange(key, 0, key.length);
  }

  // ------------------------------------------------------------------ locks

  chainLock(key: Uint8Array): void {
    this.counters.chainLocks++;
    const chain = this.chainOf(key);
    if (!this.lock(chain)) throw this.wouldBlock("chain lock", chain);
  }

  chainLockNonblock(key: Uint8Array): boolean {
    this.counters.chainLocks++;
    if (this.lock(this.chainOf(key))) return true;
    this.counters.chainLocksBusy++;
    return false;
  }

  chainUnlock(key: Uint8Array): void {
    this.unlock(this.chainOf(key), "chain unlock");
  }

  chainLockMark(key: Uint8Array): void {
    this.assertOpen();
    if (this.hasNoLocks) return;
    const chain = this.chainOf(key);
    const count = this.nested.get(chain) ?? 0;
    if (count === 0 && this.process.disk.checkMarks && this.locks.holderOf(chain) === undefined) {
      throw new UnlockedMarkError(`chain ${chain}`, this.path);
    }
    this.nested.set(chain, count + 1);
  }

  chainLockUnmark(key: Uint8Array): void {
    this.assertOpen();
    if (!this.hasNoLocks) this.countDown(this.chainOf(key), "chain lock unmark");
  }

  isChainHeldByHelper(key: Uint8Array, ownerThread: number): boolean {
    this.assertOpen();
    const holder = this.locks.holderOf(this.chainOf(key));
    return holder?.isLockHelper === true && (!this.usesMutexes || holder.pid === ownerThread);
  }

  lockAll(): void {
    if (!this.lockAllNonblock()) throw this.wouldBlock("lock of all records", undefined);
  }

  lockAllNonblock(): boolean {
    this.assertMayLockAll("lock of all records");
    if (this.allCount === 0 && !this.hasNoLocks && !this.locks.tryAll(this.process, true)) return false;
    this.allCount++;
    return true;
  }

  unlockAll(): void {
    this.leaveAll("unlock of all records", true);
  }

  lockAllMark(): void {
    this.assertMayLockAll("mark of all records");
    if (this.allCount === 0 && this.process.disk.checkMarks && !this.locks.allAreLocked) {
      throw new UnlockedMarkError("the lock of all records", this.path);
    }
    this.allCount++;
  }

  lockAllUnmark(): void {
    this.leaveAll("unmark of all records", false);
  }

  transactionWriteLockMark(): void {
    this.assertOpen();
    if (!this.hasNoLocks) this.nested.set(TRANSACTION, (this.nested.get(TRANSACTION) ?? 0) + 1);
  }

  transactionWriteLockUnmark(): void {
    this.assertOpen();
    if (!this.hasNoLocks) this.countDown(TRANSACTION, "transaction lock unmark");
  }

  freelistLockNonblock(): boolean {
    return this.lock(FREELIST);
  }

  freelistUnlock(): void {
    this.unlock(FREELIST, "freelist unlock");
  }

  // ------------------------------------------------------------------ locks that a blocking process waits for

  /** As `chainLock` of a process that may block: `done` is called in a later turn, with the chain locked. */
  whenChainLocked(key: Uint8Array, done: () => void): PendingLock {
    this.counters.chainLocks++;
    this.assertOpen();
    const chain = this.chainOf(key);
    if (this.allCount > 0 || this.hasNoLocks || this.nested.has(chain)) {
      this.lock(chain);
      return this.tell(done, () => this.unlock(chain, "chain unlock"));
    }
    return this.whenGranted("chain", chain, true, done, {
      had: () => void this.nested.set(chain, 1),
      giveBack: () => this.unlock(chain, "chain unlock"),
    });
  }

  /** As `lockAll` of a process that may block. */
  whenAllLocked(done: () => void): PendingLock {
    this.assertMayLockAll("lock of all records");
    if (this.allCount > 0 || this.hasNoLocks) {
      this.allCount++;
      return this.tell(done, () => this.unlockAll());
    }
    return this.whenGranted("all", 0, true, done, {
      had: () => {
        this.allCount = 1;
      },
      giveBack: () => this.unlockAll(),
    });
  }

  /** As `transactionStart` of a process that may block. */
  whenTransactionStarted(done: () => void): PendingLock {
    this.assertMayStartTransaction();
    this.counters.transactions++;
    if (this.hasNoLocks) {
      this.begin();
      return this.tell(done, () => this.transactionCancel());
    }
    let second: PendingLock | undefined;
    const first = this.whenGranted(
      "transaction",
      0,
      true,
      () => {
        second = this.whenGranted("all", 0, false, done, {
          had: () => this.begin(),
          giveBack: () => this.transactionCancel(),
        });
      },
      { had: () => {}, giveBack: () => this.locks.unlockTransaction(this.process) },
    );
    return {
      cancel: () => {
        first.cancel();
        second?.cancel();
        if (!this.closed && this.overlay === undefined) this.locks.unlockTransaction(this.process);
      },
    };
  }

  // ------------------------------------------------------------------ records

  fetch(key: Uint8Array): Buffer | undefined {
    this.counters.fetches++;
    this.assertOpen();
    const chain = this.chainOf(key);
    this.assertAccess("fetch", chain, false);
    const record = this.records.find(chain, key, 0, key.length);
    if (record === undefined) {
      poisonLastView();
      return undefined;
    }
    return viewOf(record.bytes, record.keyLength, record.dataLength);
  }

  exists(key: Uint8Array): boolean {
    this.assertOpen();
    const chain = this.chainOf(key);
    this.assertAccess("exists", chain, false);
    return this.records.find(chain, key, 0, key.length) !== undefined;
  }

  store(key: Uint8Array, data: Uint8Array, flag: StoreFlag = StoreFlag.REPLACE): void {
    this.write(key, 0, key.length, data, 0, data.length, flag);
  }

  storeWithHeader(key: Uint8Array, header: Uint8Array, data: Uint8Array, flag: StoreFlag = StoreFlag.REPLACE): void {
    const length = header.length + data.length;
    if (length > joined.length) joined = Buffer.allocUnsafeSlow(2 * length);
    joined.set(header, 0);
    joined.set(data, header.length);
    this.write(key, 0, key.length, joined, 0, length, flag);
  }

  storeRange(bytes: Buffer, keyStart: number, keyLength: number, dataStart: number, dataLength: number): void {
    if (Math.max(keyStart + keyLength, dataStart + dataLength) > bytes.length) {
      throw new RangeError(`a range ends beyond the ${bytes.length} bytes that are there`);
    }
    this.write(bytes, keyStart, keyLength, bytes, dataStart, dataLength, StoreFlag.REPLACE);
  }

  delete(key: Uint8Array): boolean {
    this.counters.deletes++;
    const chain = this.chainOf(key);
    this.assertWritable("delete");
    this.assertAccess("delete", chain, true);
    const { records } = this;
    if (records.find(chain, key, 0, key.length) === undefined) return false;
    this.assertFreelist("delete");
    this.assertUnprepared("delete");
    records.remove(chain, key);
    this.countChange();
    return true;
  }

  openCursor(): TdbCursor {
    this.assertOpen();
    return new MemoryChainCursor(() => this.records.chains(), {
      counters: this.counters,
      assertOpen: () => this.assertOpen(),
      canRead: (chain) => this.canRead(chain),
      head: (chain) => this.records.head(chain),
    });
  }

  openLockedCursor(): LockedCursor | undefined {
    this.assertOpen();
    if (this.isInternal) return undefined;
    const { records } = this.file;
    return new MemoryLockedCursor(records, this.counters, () => {
      this.assertOpen();
      if (this.allCount === 0) throw this.error("traverse of a locked file", "LOCK", "the lock was given up meanwhile");
      if (this.overlay?.changed === true) {
        throw this.error("traverse of a locked file", "EINVAL", "a transaction has changed it meanwhile");
      }
    });
  }

  // ------------------------------------------------------------------ transactions

  get inTransaction(): boolean {
    this.assertOpen();
    return this.overlay !== undefined;
  }

  transactionStart(): void {
    this.counters.transactions++;
    this.assertMayStartTransaction();
    if (!this.hasNoLocks) {
      if (!this.locks.tryTransaction(this.process)) throw this.wouldBlock("transaction start", undefined);
      if (!this.locks.tryAll(this.process, false)) {
        this.locks.unlockTransaction(this.process);
        throw this.wouldBlock("transaction start", undefined);
      }
    }
    this.begin();
  }

  transactionPrepareCommit(): void {
    const overlay = this.openOverlay("transaction prepare");
    const operation = "transaction prepare";
    if (this.prepared) throw this.failedTransaction(operation, "EINVAL");
    if (this.transactionFailed) throw this.failedTransaction(operation, "IO");
    if (!overlay.changed) return;
    if (this.nested.size > 0) throw this.failedTransaction(operation, "LOCK");
    if (!this.hasNoLocks) {
      this.locks.upgradeAll(this.process);
      this.file.openLock = this.process;
    }
    this.prepared = true;
  }

  transactionCommit(): void {
    const overlay = this.openOverlay("transaction commit");
    if (this.transactionFailed) throw this.failedTransaction("transaction commit", "IO");
    if (overlay.changed) {
      if (!this.prepared) this.transactionPrepareCommit();
      overlay.commit();
    }
    this.endTransaction();
  }

  transactionCancel(): void {
    this.openOverlay("transaction cancel");
    this.endTransaction();
  }

  wipeAll(): void {
    this.lockAll();
    try {
      this.assertUnprepared("wipe");
      this.records.clear();
      this.countChange();
    } finally {
      this.unlockAll();
    }
  }

  repack(): void {
    this.transactionStart();
    // All records are removed and stored again.
    this.countChange();
    this.records.joinFreeSpace();
    for (const chain of this.records.chains()) {
      for (let record = this.records.head(chain); record !== undefined; record = record.next) this.countChange();
    }
    this.transactionCommit();
  }

  // ------------------------------------------------------------------ the file as a whole

  freelistSize(): number {
    this.assertOpen();
    return this.records.freePieces;
  }

  mapSize(): number {
    this.assertOpen();
    const bytes = HEADER_BYTES + 4 * this.hashSize + this.records.usedBytes;
    return PAGE_BYTES * Math.ceil(bytes / PAGE_BYTES);
  }

  check(): boolean {
    this.assertOpen();
    if (!this.hasNoLocks && this.allCount === 0) {
      if (this.nested.size > 0) return false;
      if (!this.locks.tryAll(this.process, false)) throw this.wouldBlock("check", undefined);
      this.locks.unlockAll(this.process);
    }
    return !this.file.damaged;
  }

  seqnum(): number {
    this.assertOpen();
    return this.records.seqnum;
  }

  incrementSeqnum(): void {
    this.assertOpen();
    this.countChange();
  }

  flags(): number {
    this.assertOpen();
    return this.flagWord;
  }

  addFlags(flags: number): void {
    this.assertOpen();
    this.flagWord |= flags;
  }

  removeFlags(flags: number): void {
    this.assertOpen();
    this.flagWord &= ~flags;
  }

  enableSeqnum(): void {
    this.addFlags(TdbFlag.SEQNUM);
  }

  setMaxDead(_count: number): void {
    this.assertOpen();
  }

  close(): void {
    if (this.closed) return;
    this.abandon();
    this.onClose();
  }

  /** The process ends: what is open is closed as the kernel does it. */
  abandon(): void {
    this.closed = true;
    this.overlay = undefined;
    if (this.file.openLock === this.process) this.file.openLock = undefined;
    this.locks.releaseEverything(this.process);
  }

  // ------------------------------------------------------------------ inside

  private get isInternal(): boolean {
    return (this.flagWord & TdbFlag.INTERNAL) !== 0;
  }

  private get hasNoLocks(): boolean {
    return (this.flagWord & TdbFlag.NOLOCK) !== 0;
  }

  /** What this handle sees. */
  private get records(): StoredRecords {
    return this.overlay ?? this.file.records;
  }

  private chainOfRange(bytes: Uint8Array, start: number, length: number): number {
    const hash = this.file.jenkins
      ? hashRange(bytes, start, length)
      : oldTdbHash(start === 0 && length === bytes.length ? bytes : bytes.subarray(start, start + length));
    return hash % this.file.hashSize;
  }

  private lock(chain: number): boolean {
    this.assertOpen();
    if (this.allCount > 0 || this.hasNoLocks) return true;
    const count = this.nested.get(chain);
    if (count === undefined && !this.locks.tryChain(this.process, chain)) return false;
    this.nested.set(chain, (count ?? 0) + 1);
    return true;
  }

  private unlock(chain: number, operation: string): void {
    this.assertOpen();
    if (this.allCount > 0 || this.hasNoLocks) return;
    if (this.countDown(chain, operation)) this.locks.unlockChain(this.process, chain);
  }

  /** Says whether it was the last lock or mark of that chain. */
  private countDown(chain: number, operation: string): boolean {
    const count = this.nested.get(chain);
    if (count === undefined) throw this.error(operation, "LOCK", "it is not locked");
    if (count > 1) {
      this.nested.set(chain, count - 1);
      return false;
    }
    this.nested.delete(chain);
    return true;
  }

  private assertMayLockAll(operation: string): void {
    this.assertOpen();
    if (this.readOnly) throw this.error(operation, "LOCK", "the file is open for reading only");
    if (this.allCount === 0 && this.nested.size > 0) throw this.error(operation, "LOCK", "chains are locked here");
  }

  private leaveAll(operation: string, unlocks: boolean): void {
    this.assertOpen();
    if (this.allCount === 0) throw this.error(operation, "LOCK", "all records are not locked");
    this.allCount--;
    if (this.allCount === 0 && unlocks && !this.hasNoLocks) this.locks.unlockAll(this.process);
  }

  private canRead(chain: number): boolean {
    if (this.allCount > 0 || this.hasNoLocks || this.nested.has(chain)) return true;
    return this.locks.isFree(this.process, chain, false);
  }

  private assertAccess(operation: string, chain: number, exclusive: boolean): void {
    if (this.allCount > 0 || this.hasNoLocks || this.nested.has(chain)) return;
    if (!this.locks.isFree(this.process, chain, exclusive)) throw this.wouldBlock(operation, chain);
  }

  /** Records are created and removed under the lock of the list of free space. */
  private assertFreelist(operation: string): void {
    if (this.hasNoLocks || this.overlay !== undefined) return;
    if (!this.locks.isFree(this.process, FREELIST, true)) throw this.wouldBlock(operation, FREELIST);
  }

  private assertWritable(operation: string): void {
    this.assertOpen();
    if (this.readOnly) throw this.error(operation, "RDONLY");
  }

  private assertUnprepared(operation: string): void {
    if (!this.prepared) return;
    this.transactionFailed = true;
    throw this.error(operation, "EINVAL", "the transaction is prepared already");
  }

  private write(
    key: Uint8Array,
    keyStart: number,
    keyLength: number,
    data: Uint8Array,
    dataStart: number,
    dataLength: number,
    flag: StoreFlag,
  ): void {
    this.counters.stores++;
    this.assertWritable("store");
    const chain = this.chainOfRange(key, keyStart, keyLength);
    this.assertAccess("store", chain, true);
    const { records } = this;
    const present = records.find(chain, key, keyStart, keyLength) !== undefined;
    if (present && flag === StoreFlag.INSERT) throw this.error("store", "EXISTS");
    if (!present && flag === StoreFlag.MODIFY) throw this.error("store", "NOEXIST");
    if (!present) this.assertFreelist("store");
    this.assertUnprepared("store");
    records.put(chain, key, keyStart, keyLength, data, dataStart, dataLength);
    this.countChange();
  }

  private countChange(): void {
    if ((this.flagWord & TdbFlag.SEQNUM) !== 0) this.records.seqnum = (this.records.seqnum + 1) >>> 0;
  }

  private assertMayStartTransaction(): void {
    this.assertOpen();
    const operation = "transaction start";
    if (this.readOnly || this.isInternal) throw this.error(operation, "EINVAL");
    if (this.overlay !== undefined) throw this.error(operation, "NESTING");
    if (this.nested.size > 0 || this.allCount > 0) throw this.error(operation, "LOCK", "records are locked here");
  }

  private begin(): void {
    this.overlay = new StoredRecords(this.file.records);
    this.prepared = false;
    this.transactionFailed = false;
    this.allCount = 1;
  }

  private openOverlay(operation: string): StoredRecords {
    this.assertOpen();
    if (this.overlay === undefined) throw this.error(operation, "EINVAL", "there is no transaction");
    return this.overlay;
  }

  /** Ends the transaction, and gives the reason. */
  private failedTransaction(operation: string, code: TdbErrorCode): TdbError {
    this.endTransaction();
    return this.error(operation, code);
  }

  private endTransaction(): void {
    this.overlay = undefined;
    this.prepared = false;
    this.allCount = 0;
    this.nested.clear();
    if (this.file.openLock === this.process) this.file.openLock = undefined;
    if (this.hasNoLocks) return;
    this.locks.unlockAll(this.process);
    this.locks.unlockTransaction(this.process);
  }

  private whenGranted(
    kind: WaitKind,
    chain: number,
    exclusive: boolean,
    done: () => void,
    lock: { had(): void; giveBack(): void },
  ): PendingLock {
    let wait: LockWait | undefined;
    let told: PendingLock | undefined;
    wait = this.locks.wait(this.process, kind, chain, exclusive, () => {
      lock.had();
      told = this.tell(done, lock.giveBack);
    });
    return {
      cancel: () => {
        if (wait !== undefined) this.locks.endWait(wait);
        told?.cancel();
      },
    };
  }

  /** Calls `done` in the next turn of the process, unless it is cancelled or the file closed before. */
  private tell(done: () => void, giveBack: () => void): PendingLock {
    let pending = true;
    this.process.timers.nextTurn(() => {
      if (!pending || this.closed) return;
      pending = false;
      done();
    });
    return {
      cancel: () => {
        if (!pending) return;
        pending = false;
        if (!this.closed) giveBack();
      },
    };
  }

  private wouldBlock(operation: string, chain: number | undefined): WouldBlockError {
    const holders = this.locks.held(chain).map(({ owner, text }) => `pid ${owner.pid} holds the ${text}`);
    return new WouldBlockError(operation, this.path, holders.join(", "));
  }

  private error(operation: string, code: TdbErrorCode, detail = ""): TdbError {
    return new TdbError(operation, this.path, code, detail);
  }

  private assertOpen(): void {
    if (this.closed) throw new TdbClosedError(this.path);
  }
}
