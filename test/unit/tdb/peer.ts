// Another process that has a TDB file open, as the conformance suite drives it: a command is the name of a method of TdbFile.

import { TdbError, TdbOpenError } from "../../../src/tdb/errors.js";
import type { TdbFile } from "../../../src/tdb/tdb-file.js";

export type PeerCommand =
  | "chainLockNonblock"
  | "chainUnlock"
  | "lockAllNonblock"
  | "unlockAll"
  | "freelistLockNonblock"
  | "freelistUnlock"
  | "fetch"
  | "store"
  | "delete"
  | "transactionStart"
  | "transactionPrepareCommit"
  | "transactionCommit"
  | "transactionCancel"
  | "wipeAll"
  | "check"
  | "seqnum"
  | "traverse"
  | "close";

/** Commands that may block the process. */
export type BlockingCommand = "chainLock" | "lockAll" | "transactionStart";

export interface Peer {
  /** Runs a method there. The answer is its result as text, "error CODE" for a TdbError. */
  ask(command: PeerCommand, key?: string, value?: string): Promise<string>;
  /** Blocks the process; resolves when it goes on. It can be asked nothing meanwhile. */
  block(command: BlockingCommand, key?: string): Promise<void>;
  /** SIGKILL. Resolves when it is dead. */
  kill(): Promise<void>;
}

/** The answer to one command. */
export function perform(file: TdbFile, command: PeerCommand | "chainLock" | "lockAll", key = "", value = ""): string {
  const keyBytes = Buffer.from(key, "latin1");
  try {
    switch (command) {
      case "chainLock":
        return text(file.chainLock(keyBytes));
      case "lockAll":
        return text(file.lockAll());
      case "chainLockNonblock":
      case "chainUnlock":
      case "fetch":
      case "delete":
        return text(file[command](keyBytes));
      case "store":
        return text(file.store(keyBytes, Buffer.from(value, "latin1")));
      case "traverse":
        return traverse(file);
      default:
        return text(file[command]());
    }
  } catch (error) {
    return failure(error);
  }
}

export function failure(error: unknown): string {
  if (error instanceof TdbError) return `error ${error.code}`;
  if (error instanceof TdbOpenError) return `error ${error.errno}`;
  throw error;
}

/** Number of records that are seen, and how the traverse ends. */
function traverse(file: TdbFile): string {
  const cursor = file.openCursor();
  let records = 0;
  let result = cursor.slice(1000, () => void records++);
  while (result === "more") result = cursor.slice(1000, () => void records++);
  cursor.close();
  return `${records} ${result}`;
}

// biome-ignore lint/suspicious/noConfusingVoidType: most methods return nothing
function text(result: Buffer | boolean | number | undefined | void): string {
  return Buffer.isBuffer(result) ? result.toString("latin1") : String(result);
}
