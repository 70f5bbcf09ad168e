// The part of a TDB file that the lock scheduler works with.
import type { TdbFile } from "../tdb/tdb-file.js";

export type LockableFile = Pick<
  TdbFile,
  | "path"
  | "hashSize"
  | "usesMutexes"
  | "flags"
  | "addFlags"
  | "removeFlags"
  | "chainOf"
  | "chainLockNonblock"
  | "chainUnlock"
  | "chainLockMark"
  | "chainLockUnmark"
  | "isChainHeldByHelper"
  | "lockAllNonblock"
  | "unlockAll"
  | "lockAllMark"
  | "lockAllUnmark"
  | "inTransaction"
  | "transactionStart"
  | "transactionCommit"
  | "transactionCancel"
>;
