// A commit helper: does one transaction after the other as the daemon orders, and blocks meanwhile. Its files stay open.
import { endProcess } from "../lockd/system-calls.js";
import { FrameCutter } from "../platform/frame-cutter.js";
import { TdbFlag } from "../protocol/index.js";
import { libtdbOpener } from "../tdb/libtdb.js";
import type { TdbFile } from "../tdb/tdb-file.js";
import { decodeOrder, encodeAnswer } from "./frames.js";
import { openFlags, storeRecords } from "./store-records.js";

const ANY_KEY = Buffer.from("any");

/** Serves until the daemon's end of the pipe closes. */
export function runCommitProcess(): void {
  const files = new Map<string, TdbFile>();

  function opened(path: string, tdbFlags: number): TdbFile {
    let file = files.get(path);
    if (file === undefined) {
      file = libtdbOpener.open({ path, flags: openFlags(tdbFlags), create: false });
      files.set(path, file);
    }
    if ((tdbFlags & TdbFlag.SEQNUM) !== 0 && (file.flags() & TdbFlag.SEQNUM) === 0) file.enableSeqnum();
    return file;
  }

  /** libtdb looks for a torn transaction whenever it takes a lock, and completes or undoes it. */
  function repair(file: TdbFile): void {
    file.chainLock(ANY_KEY);
    file.chainUnlock(ANY_KEY);
  }

  const cutter = new FrameCutter((frame) => {
    const { job, tdbFlags, path, records } = decodeOrder(frame);
    let reason = "";
    try {
      const file = opened(path, tdbFlags);
      if (records.length > 0) storeRecords(file, records);
      else repair(file);
    } catch (error) {
      reason = String(error);
    }
    process.stdout.write(encodeAnswer({ job, ok: reason === "", reason }));
  });
  process.stdin.on("data", (bytes: Buffer) => cutter.push(bytes));
  process.stdin.on("end", () => endProcess(0));
  process.stdin.on("error", () => endProcess(0));
  process.stdout.on("error", () => endProcess(0));
}
