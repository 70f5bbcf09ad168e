// All prototypes of libtdb.so.1, in one place. A TDB_DATA {pointer, size} is declared as two arguments: under the calling
// conventions of x86-64 and arm64 a 16-byte structure of integers travels in two registers, which is five times faster
// here than a structure. `libtdb.ts` verifies this when it loads.
import koffi, { type LibraryHandle } from "koffi";
import { LibtdbUnusableError } from "./errors.js";

/** The address of a tdb_context. Addresses are plain numbers: user space has 47 bits of them. */
export type Handle = number;
/** The address of a registered callback. */
export type CallbackAddress = number;
type Bytes = Uint8Array;

const H = "uint64";
const DATA = ["void *", "size_t"] as const;

function loadLibrary(): LibraryHandle {
  try {
    return koffi.load("libtdb.so.1");
  } catch (error) {
    throw new LibtdbUnusableError(error instanceof Error ? error.message : String(error));
  }
}

const lib = loadLibrary();

type OnKey = (handle: Handle, key: Bytes, keyLength: number) => number;
type OnFile = (handle: Handle) => number;

const onFile = (name: string): OnFile => lib.func(name, "int", [H]);
const onKey = (name: string): OnKey => lib.func(name, "int", [H, ...DATA]);

export const open: (
  path: string,
  hashSize: number,
  flags: number,
  openFlags: number,
  mode: number,
  logContext: Bytes | null,
  hashFunction: null,
) => number = lib.func("tdb_open_ex", "uint64", ["str", "int", "int", "int", "uint32", "void *", "void *"]);
export const close = onFile("tdb_close");

export const chainLock = onKey("tdb_chainlock");
export const chainLockNonblock = onKey("tdb_chainlock_nonblock");
export const chainUnlock = onKey("tdb_chainunlock");
export const chainLockMark = onKey("tdb_chainlock_mark");
export const chainLockUnmark = onKey("tdb_chainlock_unmark");

type OnList = (handle: Handle, list: number, lockType: number) => number;
/** `list`: number of a chain, or -1 for the list of free space. */
export const listLockNonblock: OnList = lib.func("tdb_lock_nonblock", "int", [H, "int", "int"]);
export const listUnlock: OnList = lib.func("tdb_unlock", "int", [H, "int", "int"]);

export const lockAll = onFile("tdb_lockall");
export const lockAllNonblock = onFile("tdb_lockall_nonblock");
export const unlockAll = onFile("tdb_unlockall");
export const lockAllMark = onFile("tdb_lockall_mark");
export const lockAllUnmark = onFile("tdb_lockall_unmark");
export const transactionWriteLockMark = onFile("tdb_transaction_write_lock_mark");
export const transactionWriteLockUnmark = onFile("tdb_transaction_write_lock_unmark");

export const parseRecord: (
  handle: Handle,
  key: Bytes,
  keyLength: number,
  parser: CallbackAddress,
  privateData: number,
) => number = lib.func("tdb_parse_record", "int", [H, ...DATA, "uint64", "uint64"]);
export const exists = onKey("tdb_exists");
export const remove = onKey("tdb_delete");
export const store: (
  handle: Handle,
  key: Bytes,
  keyLength: number,
  data: Bytes,
  dataLength: number,
  flag: number,
) => number = lib.func("tdb_store", "int", [H, ...DATA, ...DATA, "int"]);
/** As `store`, with the addresses of key and data. */
export const storeAt: (
  handle: Handle,
  key: number,
  keyLength: number,
  data: number,
  dataLength: number,
  flag: number,
) => number = lib.func("tdb_store", "int", [H, "uint64", "size_t", "uint64", "size_t", "int"]);
/** `parts`: an array of TDB_DATA in memory. */
export const storev: (
  handle: Handle,
  key: Bytes,
  keyLength: number,
  parts: Bytes,
  partCount: number,
  flag: number,
) => number = lib.func("tdb_storev", "int", [H, ...DATA, "void *", "int", "int"]);
export const traverseChain: (handle: Handle, chain: number, callback: CallbackAddress, privateData: number) => number =
  lib.func("tdb_traverse_chain", "int", [H, "uint32", "uint64", "uint64"]);

export const transactionStart = onFile("tdb_transaction_start");
export const transactionPrepareCommit = onFile("tdb_transaction_prepare_commit");
export const transactionCommit = onFile("tdb_transaction_commit");
export const transactionCancel = onFile("tdb_transaction_cancel");
export const transactionActive: (handle: Handle) => boolean = lib.func("tdb_transaction_active", "bool", [H]);

export const wipeAll = onFile("tdb_wipe_all");
export const repack = onFile("tdb_repack");
export const freelistSize = onFile("tdb_freelist_size");
export const mapSize: (handle: Handle) => number = lib.func("tdb_map_size", "size_t", [H]);
export const check: (handle: Handle, callback: null, privateData: null) => number = lib.func("tdb_check", "int", [
  H,
  "void *",
  "void *",
]);
export const error = onFile("tdb_error");
export const fileDescriptor = onFile("tdb_fd");
export const hashSize = onFile("tdb_hash_size");
export const getSeqnum = onFile("tdb_get_seqnum");
export const incrementSeqnumNonblock: (handle: Handle) => void = lib.func("tdb_increment_seqnum_nonblock", "void", [H]);
export const enableSeqnum: (handle: Handle) => void = lib.func("tdb_enable_seqnum", "void", [H]);
export const getFlags = onFile("tdb_get_flags");
export const addFlags: (handle: Handle, flags: number) => void = lib.func("tdb_add_flags", "void", [H, "uint32"]);
export const removeFlags: (handle: Handle, flags: number) => void = lib.func("tdb_remove_flags", "void", [H, "uint32"]);
export const setMaxDead: (handle: Handle, count: number) => void = lib.func("tdb_set_max_dead", "void", [H, "int"]);
/** Forks a child to see whether a robust mutex is handed over when its owner dies. */
export const runtimeCheckForRobustMutexes: () => boolean = lib.func("tdb_runtime_check_for_robust_mutexes", "bool", []);

/** int parser(TDB_DATA key, TDB_DATA data, void *private) */
export type ParseCallback = (key: number, keyLength: number, data: number, dataLength: number) => number;
const parseProto = koffi.pointer(koffi.proto("int", Array<string>(5).fill("uint64")));
/** int fn(tdb_context *, TDB_DATA key, TDB_DATA data, void *private) */
export type TraverseCallback = (
  handle: Handle,
  key: number,
  keyLength: number,
  data: number,
  dataLength: number,
) => number;
const traverseProto = koffi.pointer(koffi.proto("int", Array<string>(6).fill("uint64")));
/** void fn(tdb_context *, level, const char *format, ...): eight of the variadic arguments are picked up. */
export type LogCallback = (handle: Handle, level: number, format: number, ...values: (number | bigint)[]) => void;
const logProto = koffi.pointer(koffi.proto("void", ["uint64", "int", "uint64", ...Array<string>(8).fill("uint64")]));

export const registerParser = (callback: ParseCallback): CallbackAddress =>
  Number(koffi.register(callback, parseProto));
export const registerTraverser = (callback: TraverseCallback): CallbackAddress =>
  Number(koffi.register(callback, traverseProto));
export const registerLogger = (callback: LogCallback): CallbackAddress => Number(koffi.register(callback, logProto));
/** The address of the first byte of `bytes`; valid while `bytes` is alive. */
export const addressOf = (bytes: Bytes): bigint => koffi.address(bytes);
export const lastErrno = (): number => koffi.errno();
export const clearErrno = (): void => {
  koffi.errno(0);
};
