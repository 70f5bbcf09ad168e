// ctdb-commitd in the simulator: stores the records of one transaction at a time. It can be killed before its transaction is
// committed, or after that and before it says so.
import { decodeOrder, encodeAnswer } from "../../commitd/frames.js";
import { openFlags, storeRecords } from "../../commitd/store-records.js";
import { FrameCutter } from "../../platform/frame-cutter.js";
import { TdbFlag } from "../../protocol/index.js";
import type { Program } from "../process-runner.js";
import type { DiskProcess } from "./disk-process.js";
import type { MemoryDisk } from "./memory-disk.js";
import type { MemoryTdb } from "./memory-tdb.js";

const ANY_KEY = Buffer.from("any");

/** The program on a machine with this disk. `commitMs`: for how long a transaction is open, and again until its end is known. */
export function commitProgram(disk: MemoryDisk, commitMs: () => number): Program {
  return (running) => {
    const { process, args } = running;
    const onDisk = disk.startProcess(process.pid, `ctdb-commitd ${args.join(" ")}`, process.modules.timers);
    process.own({ processEnded: () => onDisk.exit() });
    const program = new CommitProgram(onDisk, commitMs, (frame) => running.writeStdout(frame));
    const cutter = new FrameCutter((frame) => program.onOrder(frame));
    running.onStdin = (bytes) => cutter.push(bytes);
  };
}

class CommitProgram {
  private readonly files = new Map<string, MemoryTdb>();
  private readonly orders: Buffer[] = [];

  constructor(
    private readonly process: DiskProcess,
    private readonly commitMs: () => number,
    private readonly write: (frame: Buffer) => void,
  ) {}

  onOrder(frame: Buffer): void {
    this.orders.push(frame);
    if (this.orders.length === 1) this.begin(frame);
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
    this.write(encodeAnswer({ job, ok: reason === "", reason }));
    this.orders.shift();
    const next = this.orders[0];
    if (next !== undefined) this.begin(next);
  }

  private later(action: () => void): void {
    this.process.timers.after(this.commitMs(), () => {
      if (!this.process.hasExited) action();
    });
  }

  private opened(path: string, tdbFlags: number): MemoryTdb {
    let tdb = this.files.get(path);
    if (tdb === undefined) {
      tdb = this.process.open({ path, flags: openFlags(tdbFlags), create: false });
      this.files.set(path, tdb);
    }
    if ((tdbFlags & TdbFlag.SEQNUM) !== 0 && (tdb.flags() & TdbFlag.SEQNUM) === 0) tdb.enableSeqnum();
    return tdb;
  }
}
