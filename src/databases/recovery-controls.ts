// The node's side of a recovery: freeze, thaw, transaction, wipe, pull and push of one database. Streams are cut into slices so
// that the daemon goes on serving; a pull waits while its receiver is behind.
import type { AnyControlCall } from "../controls/control-call.js";
import type { ControlHandlers } from "../controls/control-service.js";
import type { Clock, Logger, Timers } from "../platform/ports.js";
import { RecBufferReader, RecBufferWriter } from "../protocol/index.js";
import type { SliceResult } from "../tdb/tdb-file.js";
import type { Database } from "./database.js";
import type { DatabaseSet } from "./database-set.js";

/**
 * A database that is frozen without a recovery for so long, and without a transaction (wipedb, restoredb), has been forgotten: by a leader
 * that was overtaken, or by a tool that was interrupted.
 */
export const FORGOTTEN_FREEZE_MS = 60_000;

/** Longest time that one slice of a stream keeps the loop. */
const SLICE_MS = 4;
const RECORDS_BETWEEN_CLOCK_READS = 64;

export interface RecoveryControlModules {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly databases: DatabaseSet;
  readonly messages: {
    register(owner: (data: Buffer) => void, srvid: bigint): void;
    removeOwner(owner: (data: Buffer) => void): void;
    send(destnode: number, srvid: bigint, data: Uint8Array): void;
  };
  readonly peers: { isCongested(pnn: number): boolean; whenDrained(pnn: number, callback: () => void): void };
  readonly state: { readonly isInactive: boolean; readonly isRecovering: boolean; readonly generation: number };
  forceRecovery(reason: string): void;
  /** Tunable RecBufferSizeLimit, bytes. */
  recBufferSizeLimit(): number;
}

/** Records that come in as messages and are stored in slices. */
class PushStream {
  private readonly buffers: Buffer[] = [];
  /** Stored already, their memory serves again: new megabytes for each buffer keep the garbage collector busy. */
  private readonly spares: ArrayBufferLike[] = [];
  private reader: RecBufferReader | undefined;
  private scheduled = false;
  private failed = false;
  private closed = false;
  private confirm: ((count: number | undefined) => void) | undefined;
  private count = 0;
  private inBuffer = 0;
  readonly receive = (data: Buffer): void => {
    const spare = this.spares.pop();
    const memory = spare !== undefined && spare.byteLength >= data.length ? spare : new ArrayBuffer(data.length);
    const copy = Buffer.from(memory, 0, data.length);
    copy.set(data);
    this.buffers.push(copy);
    this.schedule();
  };

  constructor(
    private readonly modules: RecoveryControlModules,
    private readonly database: Database,
  ) {}

  close(): void {
    this.closed = true;
    this.modules.messages.removeOwner(this.receive);
    this.answer(undefined);
  }

  /** Calls back with the number of records stored once all that has come in is stored; with undefined when the push ends before. */
  finish(callback: (count: number | undefined) => void): void {
    this.answer(undefined);
    this.confirm = callback;
    this.schedule();
  }

  private answer(count: number | undefined): void {
    const { confirm } = this;
    this.confirm = undefined;
    confirm?.(count);
  }

  private schedule(): void {
    if (this.scheduled || this.closed) return;
    this.scheduled = true;
    this.modules.timers.nextTurn(() => {
      this.scheduled = false;
      if (!this.closed) this.slice();
    });
  }

  private slice(): void {
    const { clock, logger } = this.modules;
    const endMs = clock.now() + SLICE_MS;
    try {
      while (!this.failed) {
        if (this.reader === undefined) {
          const next = this.buffers.shift();
          if (next === undefined) break;
          this.reader = new RecBufferReader(next);
          this.inBuffer = 0;
        }
        if (!this.storeSome(this.reader)) {
          this.spares.push(this.reader.bytes.buffer);
          this.reader = undefined;
          this.count += this.inBuffer;
        }
        if (clock.now() >= endMs) {
          this.schedule();
          return;
        }
      }
    } catch (error) {
      // The count will not match, so the leader repeats the attempt.
      this.failed = true;
      logger.error(`push of database ${this.database.name} failed: ${String(error)}`);
    }
    if (this.failed) this.buffers.length = 0;
    this.answer(this.count);
  }

  /** False when the buffer is at its end. */
  private storeSome(reader: RecBufferReader): boolean {
    const { records } = this.database;
    for (let i = 0; i < RECORDS_BETWEEN_CLOCK_READS; i++) {
      if (!reader.next()) return false;
      records.storePushed(reader.bytes, reader.keyOffset, reader.keyLength, reader.dataOffset, reader.dataLength);
      this.inBuffer++;
    }
    return true;
  }
}

export function recoveryControls(modules: RecoveryControlModules): ControlHandlers {
  const { databases, logger, state } = modules;

  /** Stopped or banned in the middle of a recovery: what this node has stays frozen and invalid, and the recovery has to do without. */
  function stoppedMeanwhile(what: string, call: AnyControlCall): boolean {
    if (!state.isInactive) return false;
    logger.notice(`${what} is refused: this node is stopped or banned`);
    call.fail("this node is stopped or banned");
    return true;
  }

  function watchFreeze(database: Database): void {
    const { lock } = database;
    modules.timers.after(FORGOTTEN_FREEZE_MS, () => {
      const isSame = database.lock === lock && database.freeze === "frozen" && !database.detached;
      if (isSame && !state.isRecovering && database.transactionId === undefined) {
        modules.forceRecovery(`${database.name} stays frozen`);
      }
    });
  }

  function frozen(id: number, what: string): Database | undefined {
    const database = databases.get(id);
    if (database === undefined) {
      logger.error(`${what}: unknown database 0x${id.toString(16)}`);
      return undefined;
    }
    if (database.freeze !== "frozen") {
      logger.error(`${what}: database ${database.name} is not frozen`);
      return undefined;
    }
    return database;
  }

  /** A full disk, say, fails the control and with it the recovery, not the daemon. */
  function change(database: Database, call: AnyControlCall, action: () => void): void {
    try {
      action();
    } catch (error) {
      logger.error(`${call.name} of database ${database.name}: ${String(error)}`);
      call.fail();
      return;
    }
    call.status(0);
  }

  return {
    DB_FREEZE: (id, call) => {
      const database = databases.get(id);
      if (database === undefined) call.fail();
      else {
        databases.freeze(database, (ok) => {
          if (ok) call.status(0);
          else call.fail();
          if (ok && !state.isRecovering) watchFreeze(database);
        });
      }
    },

    DB_THAW: (id, call) => {
      const database = databases.get(id);
      if (database === undefined) {
        call.fail();
        return;
      }
      if (stoppedMeanwhile("thaw", call)) return;
      databases.thaw(database);
      call.status(0);
    },

    FREEZE: (_, call) => databases.freezeAllInvalid((ok) => (ok ? call.status(0) : call.fail())),

    DB_TRANSACTION_START: ({ dbId, tid }, call) => {
      if (stoppedMeanwhile("transaction start", call)) return;
      const database = frozen(dbId, "transaction start");
      if (database === undefined) {
        call.fail();
        return;
      }
      if (tid !== state.generation) {
        // Of a leader that lost the cluster lock, does not know yet, and had his vnnmap replaced. What he freezes when the other's
        // recovery is over would stay frozen, and what he commits would be of a generation that nobody else has.
        logger.error(`transaction start: generation ${tid} is not that of the vnnmap, ${state.generation}`);
        if (!state.isRecovering) databases.thaw(database);
        call.fail(`the recovery into generation ${tid} has been overtaken`);
        return;
      }
      change(database, call, () => databases.startTransaction(database, tid));
    },

    DB_TRANSACTION_COMMIT: ({ dbId, tid }, call) => {
      if (stoppedMeanwhile("commit", call)) return;
      const database = frozen(dbId, "transaction commit");
      if (database === undefined || database.transactionId !== tid) {
        call.fail();
        return;
      }
      change(database, call, () => databases.commitTransaction(database));
    },

    DB_TRANSACTION_CANCEL: (id, call) => {
      const database = databases.get(id);
      if (database === undefined) {
        call.fail();
        return;
      }
      change(database, call, () => databases.cancelTransaction(database));
    },

    WIPE_DATABASE: ({ dbId, tid }, call) => {
      const database = frozen(dbId, "wipe");
      if (database === undefined || database.transactionId !== tid) {
        call.fail();
        return;
      }
      database.unchangedSinceFreeze = false;
      change(database, call, () => {
        database.file.wipeAll();
        database.deletions.clear();
        database.fetches.clear();
      });
    },

    DB_PULL: ({ dbId, srvid }, call) => {
      const database = frozen(dbId, "pull");
      if (database === undefined) {
        call.fail();
        return;
      }
      if (database.invalidRecords) {
        call.reply(0);
        return;
      }
      pull(modules, database, call.srcnode, srvid, (count) => {
        if (count === undefined) call.fail();
        else call.reply(count);
      });
    },

    DB_PUSH_START: ({ dbId, srvid }, call) => {
      const database = frozen(dbId, "push start");
      if (database === undefined) {
        call.fail();
        return;
      }
      database.endPush();
      database.unchangedSinceFreeze = false;
      const push = new PushStream(modules, database);
      database.push = push;
      modules.messages.register(push.receive, srvid);
      call.status(0);
    },

    DB_PUSH_CONFIRM: (id, call) => {
      const database = frozen(id, "push confirm");
      if (database?.push === undefined) {
        call.fail();
        return;
      }
      database.push.finish((count) => {
        if (count === undefined) {
          call.fail("the push was ended");
          return;
        }
        database.endPush();
        call.reply(count);
      });
    },
  };
}

/**
 * Streams all records of a frozen database to `srvid` on `destnode`; ends with their number, with undefined when cut short or when
 * the file cannot be read.
 */
function pull(
  modules: RecoveryControlModules,
  database: Database,
  destnode: number,
  srvid: bigint,
  done: (count: number | undefined) => void,
): void {
  const { clock, timers, logger, messages, peers } = modules;
  const { generation } = database;
  const limit = modules.recBufferSizeLimit();
  const buffer = new RecBufferWriter(database.id);
  let count = 0;
  const flush = (): void => {
    messages.send(destnode, srvid, buffer.bytes());
    buffer.reset();
  };
  const added = (): void => {
    count++;
    if (buffer.byteLength >= limit) flush();
  };
  const cursor = openPullCursor(database, buffer, added);
  const slice = (): void => {
    // Another leader may have thawed it, or replaced its content.
    if (database.freeze !== "frozen" || database.detached || database.generation !== generation) {
      cursor.close();
      done(undefined);
      return;
    }
    const endMs = clock.now() + SLICE_MS;
    let result: SliceResult;
    try {
      do {
        result = cursor.step();
      } while (result === "more" && clock.now() < endMs);
    } catch (error) {
      logger.error(`pull of database ${database.name} failed: ${String(error)}`);
      cursor.close();
      done(undefined);
      return;
    }
    if (result === "done") {
      cursor.close();
      if (buffer.count > 0) flush();
      done(count);
    } else if (peers.isCongested(destnode)) {
      peers.whenDrained(destnode, slice);
    } else {
      timers.nextTurn(slice);
    }
  };
  slice();
}

interface PullCursor {
  step(): SliceResult;
  close(): void;
}

/** Walks the file itself where that is allowed: until the wipe, the transaction of the recovery has changed nothing. */
function openPullCursor(database: Database, buffer: RecBufferWriter, added: () => void): PullCursor {
  const locked = database.unchangedSinceFreeze ? database.file.openLockedCursor() : undefined;
  if (locked !== undefined) {
    return {
      step: () =>
        locked.slice(RECORDS_BETWEEN_CLOCK_READS, (bytes, start, keyLength, dataLength) => {
          buffer.addJoined(0, bytes, start, keyLength, dataLength);
          added();
        }),
      close: () => locked.close(),
    };
  }
  const cursor = database.file.openCursor();
  return {
    step: () =>
      cursor.slice(RECORDS_BETWEEN_CLOCK_READS, (key, value) => {
        buffer.add(0, key, value);
        added();
      }),
    close: () => cursor.close(),
  };
}
