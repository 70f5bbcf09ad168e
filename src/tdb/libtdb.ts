// TdbFile on the system's libtdb.so.1, so that smbd, the tools and we share files and locks exactly. Main thread only: tdb's
// robust mutexes belong to a thread.
import { constants as fsConstants, fstatSync, statSync } from "node:fs";
import { constants as osConstants } from "node:os";
import { basename } from "node:path";
import type { Logger } from "../platform/ports.js";
import { hashKey, oldTdbHash } from "../protocol/hash.js";
import { errnoName } from "./errno-names.js";
import {
  LibtdbUnusableError,
  TDB_ERROR_NAMES,
  TdbAlreadyOpenError,
  TdbClosedError,
  TdbError,
  type TdbErrorCode,
  TdbOpenError,
} from "./errors.js";
import { copyFromAddress, descriptionHoldsByte, type FileMapping, formatMessage, mapFile } from "./libc.js";
import * as libtdb from "./libtdb-calls.js";
import { ChainCursor } from "./libtdb-cursor.js";
import { MappedCursor } from "./mapped-cursor.js";
import { ALLRECORD_MUTEX_WORD, chainMutexWord, FUTEX_OWNER_DIED, FUTEX_TID_MASK } from "./mutex-layout.js";
import {
  type LockedCursor,
  StoreFlag,
  type TdbCounters,
  type TdbCursor,
  type TdbFile,
  type TdbOpener,
  type TdbOpenOptions,
} from "./tdb-file.js";

const FLAG_INTERNAL = 0x2;
const FLAG_CONVERT = 0x10;
const FLAG_MUTEX_LOCKING = 0x1000;
const F_RDLCK = 0;
const F_WRLCK = 1;
const FREELIST = -1;
const ERROR_NOEXIST = 8;
const { EAGAIN, EACCES, EDEADLK } = osConstants.errno;

// Header of a TDB file.
const HEADER_MAGIC1_HASH = 52;
const HEADER_FEATURES = 60;
const HEADER_MUTEX_SIZE = 64;
const HEADER_BYTES = 168;
const FIRST_CHAIN = 172;
/** First byte of the chain locks. */
const FIRST_CHAIN_LOCK = 168;
const FEATURE_MUTEX = 1;
const MAGIC1_JENKINS = 0xd7b694e5;

/** Above this the value is not copied together with its header but handed to libtdb in two parts. */
const JOINED_VALUE_BYTES_MAX = 8192;
const FIRST_FETCH_BYTES = 65536;
const LOG_TEXT_BYTES_MAX = 1024;

// One fetch at a time in this process, so one place for its result.
let fetched = Buffer.allocUnsafeSlow(FIRST_FETCH_BYTES);
let fetchedLength = 0;
const parser = libtdb.registerParser((_key, _keyLength, data, dataLength) => {
  if (dataLength > fetched.length) fetched = Buffer.allocUnsafeSlow(2 * dataLength);
  fetchedLength = dataLength;
  if (dataLength > 0) copyFromAddress(fetched, data, dataLength);
  return 0;
});
/** The buffer of the last `storeRange`, and its address: bulk loads store many records of one buffer. */
let rangeBytes: Buffer | undefined;
let rangeAddress = 0;
const joined = Buffer.allocUnsafeSlow(JOINED_VALUE_BYTES_MAX);
const parts = Buffer.alloc(32);

const logText = Buffer.alloc(LOG_TEXT_BYTES_MAX);
const loggers = new Map<number, Logger>();
/** Gets what libtdb says while a file is being opened, before its handle is known. */
let openingLogger: Logger | undefined;
let lastOpenMessage = "";
/** errno when that message came: the call into this callback changes it. */
let lastOpenErrno = 0;
const logAddress = libtdb.registerLogger((handle, level, format, ...values) => {
  const errno = libtdb.lastErrno();
  const logger = loggers.get(handle) ?? openingLogger;
  const length = formatMessage(logText, logText.length, format, ...values);
  const text = logText.toString("latin1", 0, Math.min(Math.max(length, 0), logText.length - 1)).trimEnd();
  if (!loggers.has(handle)) {
    lastOpenMessage = text;
    lastOpenErrno = errno;
  }
  if (logger === undefined) return;
  if (level <= 1) logger.error(`tdb: ${text}`);
  else if (level === 2) logger.warning(`tdb: ${text}`);
  else logger.debug(`tdb: ${text}`);
});
const logContext = Buffer.alloc(16);
logContext.writeBigUInt64LE(BigInt(logAddress), 0);

/**
 * "dev:inode" of the files that this process has open, and the path that each was opened by. One table for all copies of this
 * module that the process may have loaded (two versions of the package, or package and checkout).
 */
const openFiles = processWideTable();

function processWideTable(): Map<string, string> {
  const slot = Symbol.for("ctdb-ts.open-tdb-files");
  const globals: { [slot: symbol]: unknown } = globalThis;
  const present = globals[slot];
  if (present instanceof Map) return present;
  const table = new Map<string, string>();
  globals[slot] = table;
  return table;
}

/** undefined where there is no such file, or none that can be reached: opening it will say why. */
function fileIdentity(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

function errorName(code: number): TdbErrorCode {
  return TDB_ERROR_NAMES[code] ?? "UNKNOWN";
}

class LibtdbFile implements TdbFile {
  readonly name: string;
  readonly hashSize: number;
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
  private readonly jenkins: boolean;
  private readonly heads: Uint32Array | undefined;
  private readonly mutexWords: Int32Array | undefined;
  private mapping: FileMapping | undefined;
  /** Bytes of mutexes in front of the file proper. */
  private readonly baseBytes: number;
  private transactionOpen = false;

  constructor(
    private handle: libtdb.Handle,
    readonly path: string,
    flags: number,
    private readonly identity: string | undefined,
  ) {
    this.name = basename(path);
    this.hashSize = libtdb.hashSize(handle);
    let mutexBytes = 0;
    let mutexWords: Int32Array | undefined;
    let jenkins = (flags & 0x800) !== 0;
    if ((flags & (FLAG_INTERNAL | FLAG_CONVERT)) === 0) {
      const fd = libtdb.fileDescriptor(handle);
      const header = mapFile(fd, HEADER_BYTES);
      if (header !== undefined) {
        const view = new DataView(header.bytes);
        jenkins = view.getUint32(HEADER_MAGIC1_HASH, true) === MAGIC1_JENKINS;
        if ((view.getUint32(HEADER_FEATURES, true) & FEATURE_MUTEX) !== 0) {
          mutexBytes = view.getUint32(HEADER_MUTEX_SIZE, true);
        }
        header.unmap();
        const mutexes = mutexBytes > 0 && (flags & FLAG_MUTEX_LOCKING) !== 0;
        this.mapping = mapFile(fd, mutexBytes + FIRST_CHAIN + 4 * this.hashSize);
        if (this.mapping !== undefined) {
          if (mutexes) mutexWords = new Int32Array(this.mapping.bytes, 0, chainMutexWord(this.hashSize));
          this.heads = new Uint32Array(this.mapping.bytes, mutexBytes + FIRST_CHAIN, this.hashSize);
        }
      }
    }
    this.jenkins = jenkins;
    this.baseBytes = mutexBytes;
    this.mutexWords = mutexWords;
    this.usesMutexes = mutexBytes > 0 && (flags & FLAG_MUTEX_LOCKING) !== 0;
  }

  chainOf(key: Uint8Array): number {
    return (this.jenkins ? hashKey(key) : oldTdbHash(key)) % this.hashSize;
  }

  chainLock(key: Uint8Array): void {
    this.counters.chainLocks++;
    if (libtdb.chainLock(this.opened(), key, key.length) !== 0) this.fail("chain lock");
  }

  chainLockNonblock(key: Uint8Array): boolean {
    this.counters.chainLocks++;
    if (libtdb.chainLockNonblock(this.opened(), key, key.length) === 0) return true;
    this.counters.chainLocksBusy++;
    return this.busyOrFail("non-blocking chain lock");
  }

  chainUnlock(key: Uint8Array): void {
    if (libtdb.chainUnlock(this.opened(), key, key.length) !== 0) this.fail("chain unlock");
  }

  chainLockMark(key: Uint8Array): void {
    if (libtdb.chainLockMark(this.opened(), key, key.length) !== 0) this.fail("chain lock mark");
  }

  chainLockUnmark(key: Uint8Array): void {
    if (libtdb.chainLockUnmark(this.opened(), key, key.length) !== 0) this.fail("chain lock unmark");
  }

  isChainHeldByHelper(key: Uint8Array, ownerThread: number): boolean {
    const handle = this.opened();
    const chain = this.chainOf(key);
    if (!this.usesMutexes) {
      return descriptionHoldsByte(libtdb.fileDescriptor(handle), FIRST_CHAIN_LOCK + 4 * chain);
    }
    if (this.mutexWords === undefined) return false;
    const word = Atomics.load(this.mutexWords, chainMutexWord(chain));
    return (word & FUTEX_OWNER_DIED) === 0 && (word & FUTEX_TID_MASK) === ownerThread;
  }

  lockAll(): void {
    if (libtdb.lockAll(this.opened()) !== 0) this.fail("lock of all records");
  }

  lockAllNonblock(): boolean {
    const handle = this.opened();
    // A refusal, for instance since chains are locked here, leaves errno as it was: EAGAIN of an earlier attempt.
    libtdb.clearErrno();
    if (libtdb.lockAllNonblock(handle) === 0) return true;
    return this.busyOrFail("non-blocking lock of all records");
  }

  unlockAll(): void {
    if (libtdb.unlockAll(this.opened()) !== 0) this.fail("unlock of all records");
  }

  lockAllMark(): void {
    if (libtdb.lockAllMark(this.opened()) !== 0) this.fail("mark of all records");
  }

  lockAllUnmark(): void {
    if (libtdb.lockAllUnmark(this.opened()) !== 0) this.fail("unmark of all records");
  }

  transactionWriteLockMark(): void {
    if (libtdb.transactionWriteLockMark(this.opened()) !== 0) this.fail("transaction lock mark");
  }

  transactionWriteLockUnmark(): void {
    if (libtdb.transactionWriteLockUnmark(this.opened()) !== 0) this.fail("transaction lock unmark");
  }

  freelistLockNonblock(): boolean {
    if (libtdb.listLockNonblock(this.opened(), FREELIST, F_WRLCK) === 0) return true;
    return this.busyOrFail("non-blocking freelist lock");
  }

  freelistUnlock(): void {
    if (libtdb.listUnlock(this.opened(), FREELIST, F_WRLCK) !== 0) this.fail("freelist unlock");
  }

  fetch(key: Uint8Array): Buffer | undefined {
    this.counters.fetches++;
    if (libtdb.parseRecord(this.opened(), key, key.length, parser, 0) === 0) return fetched.subarray(0, fetchedLength);
    if (libtdb.error(this.handle) === ERROR_NOEXIST) return undefined;
    return this.fail("fetch");
  }

  exists(key: Uint8Array): boolean {
    if (libtdb.exists(this.opened(), key, key.length) !== 0) return true;
    const code = libtdb.error(this.handle);
    if (code === 0 || code === ERROR_NOEXIST) return false;
    return this.fail("exists");
  }

  store(key: Uint8Array, data: Uint8Array, flag: StoreFlag = StoreFlag.REPLACE): void {
    this.counters.stores++;
    if (libtdb.store(this.opened(), key, key.length, data, data.length, flag) !== 0) this.fail("store");
  }

  storeWithHeader(key: Uint8Array, header: Uint8Array, data: Uint8Array, flag: StoreFlag = StoreFlag.REPLACE): void {
    this.counters.stores++;
    const length = header.length + data.length;
    if (length <= JOINED_VALUE_BYTES_MAX) {
      joined.set(header, 0);
      joined.set(data, header.length);
      if (libtdb.store(this.opened(), key, key.length, joined, length, flag) !== 0) this.fail("store");
      return;
    }
    parts.writeBigUInt64LE(libtdb.addressOf(header), 0);
    parts.writeBigUInt64LE(BigInt(header.length), 8);
    parts.writeBigUInt64LE(libtdb.addressOf(data), 16);
    parts.writeBigUInt64LE(BigInt(data.length), 24);
    if (libtdb.storev(this.opened(), key, key.length, parts, 2, flag) !== 0) this.fail("store");
  }

  storeRange(bytes: Buffer, keyStart: number, keyLength: number, dataStart: number, dataLength: number): void {
    this.counters.stores++;
    if (bytes !== rangeBytes) {
      rangeBytes = bytes;
      rangeAddress = Number(libtdb.addressOf(bytes));
    }
    if (Math.max(keyStart + keyLength, dataStart + dataLength) > bytes.length) {
      throw new RangeError(`a range ends beyond the ${bytes.length} bytes that are there`);
    }
    const key = rangeAddress + keyStart;
    const data = rangeAddress + dataStart;
    if (libtdb.storeAt(this.opened(), key, keyLength, data, dataLength, StoreFlag.REPLACE) !== 0) this.fail("store");
  }

  delete(key: Uint8Array): boolean {
    this.counters.deletes++;
    if (libtdb.remove(this.opened(), key, key.length) === 0) return true;
    if (libtdb.error(this.handle) === ERROR_NOEXIST) return false;
    return this.fail("delete");
  }

  openCursor(): TdbCursor {
    this.opened();
    return new ChainCursor({
      hashSize: this.hashSize,
      heads: () => (this.handle === 0 || this.transactionOpen ? undefined : this.heads),
      readChain: (chain, callback) => this.readChain(chain, callback),
      counters: this.counters,
    });
  }

  openLockedCursor(): LockedCursor | undefined {
    const fd = libtdb.fileDescriptor(this.opened());
    const mapping = fd < 0 ? undefined : mapFile(fd, fstatSync(fd).size);
    if (mapping === undefined) return undefined;
    const { path, hashSize, baseBytes, counters } = this;
    return new MappedCursor({ path, hashSize, baseBytes, counters }, mapping);
  }

  /** Calls back for each record of a chain; false: the chain is busy. */
  private readChain(chain: number, callback: libtdb.CallbackAddress): boolean {
    const handle = this.opened();
    if (libtdb.listLockNonblock(handle, chain, F_RDLCK) !== 0) return this.busyOrFail("traverse");
    const count = libtdb.traverseChain(handle, chain, callback, 0);
    const code = count < 0 ? libtdb.error(handle) : 0;
    if (libtdb.listUnlock(handle, chain, F_RDLCK) !== 0) this.fail("unlock in traverse");
    if (count < 0) throw new TdbError("traverse", this.path, errorName(code), `chain ${chain}`);
    return true;
  }

  transactionStart(): void {
    this.counters.transactions++;
    this.transactionStep("transaction start", libtdb.transactionStart);
  }

  transactionPrepareCommit(): void {
    this.transactionStep("transaction prepare", libtdb.transactionPrepareCommit);
  }

  transactionCommit(): void {
    this.transactionStep("transaction commit", libtdb.transactionCommit);
  }

  transactionCancel(): void {
    this.transactionStep("transaction cancel", libtdb.transactionCancel);
  }

  private transactionStep(operation: string, step: (handle: libtdb.Handle) => number): void {
    const failed = step(this.opened()) !== 0;
    const code = failed ? libtdb.error(this.handle) : 0;
    this.transactionOpen = libtdb.transactionActive(this.handle);
    if (failed) throw new TdbError(operation, this.path, errorName(code));
  }

  get inTransaction(): boolean {
    return libtdb.transactionActive(this.opened());
  }

  wipeAll(): void {
    if (libtdb.wipeAll(this.opened()) !== 0) this.fail("wipe");
  }

  repack(): void {
    if (libtdb.repack(this.opened()) !== 0) this.fail("repack");
  }

  freelistSize(): number {
    const size = libtdb.freelistSize(this.opened());
    return size < 0 ? this.fail("freelist size") : size;
  }

  mapSize(): number {
    return Number(libtdb.mapSize(this.opened()));
  }

  check(): boolean {
    return libtdb.check(this.opened(), null, null) === 0;
  }

  seqnum(): number {
    return libtdb.getSeqnum(this.opened());
  }

  incrementSeqnum(): void {
    libtdb.incrementSeqnumNonblock(this.opened());
  }

  flags(): number {
    return libtdb.getFlags(this.opened());
  }

  addFlags(flags: number): void {
    libtdb.addFlags(this.opened(), flags);
  }

  removeFlags(flags: number): void {
    libtdb.removeFlags(this.opened(), flags);
  }

  enableSeqnum(): void {
    libtdb.enableSeqnum(this.opened());
  }

  setMaxDead(count: number): void {
    libtdb.setMaxDead(this.opened(), count);
  }

  close(): void {
    const { handle } = this;
    if (handle === 0) return;
    this.unlockMutexes(handle);
    this.handle = 0;
    this.mapping?.unmap();
    this.mapping = undefined;
    loggers.delete(handle);
    if (this.identity !== undefined) openFiles.delete(this.identity);
    if (libtdb.close(handle) !== 0) throw new TdbError("close", this.path, "IO");
  }

  /**
   * libtdb leaves mutexes locked that are locked here. The thread's list of them would go on through memory that is not mapped any
   * more, and the next lock of any file would crash the process.
   */
  private unlockMutexes(handle: libtdb.Handle): void {
    const words = this.mutexWords;
    if (words === undefined) return;
    const isOurs = (word: number): boolean => (Atomics.load(words, word) & FUTEX_TID_MASK) === process.pid;
    if (libtdb.transactionActive(handle)) libtdb.transactionCancel(handle);
    while (isOurs(ALLRECORD_MUTEX_WORD) && libtdb.unlockAll(handle) === 0);
    for (let chain = FREELIST; chain < this.hashSize; chain++) {
      while (isOurs(chainMutexWord(chain)) && libtdb.listUnlock(handle, chain, F_WRLCK) === 0);
    }
  }

  private opened(): libtdb.Handle {
    if (this.handle === 0) throw new TdbClosedError(this.path);
    return this.handle;
  }

  private busyOrFail(operation: string): false {
    const errno = libtdb.lastErrno();
    if (errno === EAGAIN || errno === EACCES || errno === EDEADLK) return false;
    throw new TdbError(operation, this.path, errorName(libtdb.error(this.handle)), errnoName(errno));
  }

  private fail(operation: string): never {
    throw new TdbError(operation, this.path, errorName(libtdb.error(this.opened())));
  }
}

/** Stores, reads and removes a record in memory: do arguments and callbacks arrive as declared? */
function selfTest(): void {
  const handle = libtdb.open("self-test", 7, FLAG_INTERNAL, fsConstants.O_RDWR, 0o600, null, null);
  if (handle === 0) throw new LibtdbUnusableError("a database in memory cannot be made");
  const file = new LibtdbFile(handle, "self-test", FLAG_INTERNAL, undefined);
  try {
    const key = Buffer.from("self-test key");
    const header = Buffer.from("header ");
    const data = Buffer.from("data, not short");
    file.storeWithHeader(key, header, data);
    const value = file.fetch(key)?.toString("latin1");
    let seen = "";
    file.openCursor().slice(2, (k, d) => {
      seen += `${k.toString("latin1")}=${d.toString("latin1")};`;
    });
    if (value !== "header data, not short" || seen !== `self-test key=${value};` || !file.delete(key)) {
      throw new LibtdbUnusableError(`self test read back ${JSON.stringify([value, seen])}`);
    }
  } finally {
    file.close();
  }
}

let tested = false;

function openTdb(options: TdbOpenOptions): TdbFile {
  if (!tested) {
    selfTest();
    tested = true;
  }
  const { path, flags } = options;
  const internal = (flags & FLAG_INTERNAL) !== 0;
  if (!internal) {
    const identity = fileIdentity(path);
    const openPath = identity === undefined ? undefined : openFiles.get(identity);
    if (openPath !== undefined) throw new TdbAlreadyOpenError(path, openPath);
  }
  const access = options.readOnly === true ? fsConstants.O_RDONLY : fsConstants.O_RDWR;
  const create = options.create === false || options.readOnly === true ? 0 : fsConstants.O_CREAT;
  openingLogger = options.logger;
  lastOpenMessage = "";
  const handle = libtdb.open(
    path,
    options.hashSize ?? 0,
    flags,
    access | create,
    options.mode ?? 0o600,
    logContext,
    null,
  );
  const errno = lastOpenMessage === "" ? libtdb.lastErrno() : lastOpenErrno;
  openingLogger = undefined;
  if (handle === 0) throw new TdbOpenError(path, errnoName(errno), lastOpenMessage);
  if (options.logger !== undefined) loggers.set(handle, options.logger);
  const identity = internal ? undefined : fileIdentity(path);
  if (identity !== undefined) openFiles.set(identity, path);
  const file = new LibtdbFile(handle, path, libtdb.getFlags(handle), identity);
  if (options.maxDead !== undefined) file.setMaxDead(options.maxDead);
  return file;
}

let robustMutexes: boolean | undefined;

/** The real opener; one a process is enough. */
export const libtdbOpener: TdbOpener = {
  open: openTdb,
  robustMutexesWork() {
    robustMutexes ??= libtdb.runtimeCheckForRobustMutexes();
    return robustMutexes;
  },
};
