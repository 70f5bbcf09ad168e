// ctdb-commitd in the simulator: stores the records of one transaction at a time. It can be killed before its transaction is
// committed, or after that and before it says so.
import { decodeOrder, encodeAnswer, FrameCutter } from "../../commitd/frames.js";
import { openFlags, storeRecords } from "../../commitd/store-records.js";
import type { Random } from "../../platform/ports.js";
import { TdbFlag } from "../../protocol/index.js";
import type { ChildEnd, ChildProgram, ChildProgramKind } from "./child-processes.js";
import type { MemoryTdb } from "./memory-tdb.js";

const ANY_KEY = Buffer.from("any");

export interface CommitProgramOptions {
  readonly random: Random;
  /** Milliseconds for which a transaction is open, and again until its end is known; up to twice as many. */
  commitMs(): number;
}

export function commitProgram(options: CommitProgramOptions): ChildProgramKind {
  return { isLockHelper: () => false, start: (end) => new CommitProgram(end, options) };
}

class CommitProgram implements ChildProgram {
  private readonly files = new Map<string, MemoryTdb>();
  private readonly orders: Buffer[] = [];
  private readonly cutter = new FrameCutter((frame) => {
    this.orders.push(frame);
    if (this.orders.length === 1) this.begin(frame);
  });

  constructor(
    private readonly end: ChildEnd,
    private readonly options: CommitProgramOptions,
  ) {}

  onStdin(bytes: Uint8Array): void {
    this.cutter.push(bytes);
  }

  private begin(frame: Buffer): void {
    const { job, tdbFlags, path, records } = decodeOrder(frame);
    try {
      const tdb = this.opened(path, tdbFlags);
      if (records.length === 0) {
        // What a torn commit left is repaired whenever a lock is taken.
        tdb.whenChainLocked(ANY_KEY, () => {
          tdb.chainUnlock(ANY_KEY);
          this.answer(job, "");
        });
      } else {
        tdb.whenTransactionStarted(() => this.later(() => this.store(job, tdb, records)));
      }
    } catch (error) {
      this.answer(job, String(error));
    }
  }

  private store(job: number, tdb: MemoryTdb, records: Buffer): void {
    let reason = "";
    try {
      storeRecords(
        {
          path: tdb.path,
          fetch: (key) => tdb.fetch(key),
          store: (key, data) => tdb.store(key, data),
          // It is started already: that was waited for.
          transactionStart: () => {},
          transactionCommit: () => tdb.transactionCommit(),
          transactionCancel: () => tdb.transactionCancel(),
          get inTransaction() {
            return tdb.inTransaction;
          },
        },
        records,
      );
    } catch (error) {
      reason = String(error);
    }
    this.later(() => this.answer(job, reason));
  }

  private answer(job: number, reason: string): void {
    this.end.write(encodeAnswer({ job, ok: reason === "", reason }));
    this.orders.shift();
    const next = this.orders[0];
    if (next !== undefined) this.begin(next);
  }

  private later(action: () => void): void {
    const ms = this.options.commitMs() * (1 + this.options.random.uint32() / 2 ** 32);
    this.end.timers.after(ms, () => {
      if (!this.end.process.hasExited) action();
    });
  }

  private opened(path: string, tdbFlags: number): MemoryTdb {
    let tdb = this.files.get(path);
    if (tdb === undefined) {
      tdb = this.end.process.open({ path, flags: openFlags(tdbFlags), create: false });
      this.files.set(path, tdb);
    }
    if ((tdbFlags & TdbFlag.SEQNUM) !== 0 && (tdb.flags() & TdbFlag.SEQNUM) === 0) tdb.enableSeqnum();
    return tdb;
  }
}
