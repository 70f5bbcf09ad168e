// The part of a TDB file that the vacuuming uses, in memory: insists on chain locks, and lets a test hold them as another process.
import assert from "node:assert/strict";
import { RECORD_HEADER_SIZE, recordHeaderRsn, writeRecordHeader } from "../../../src/protocol/index.js";
import type { RecordVisitor, SliceResult, TdbCursor } from "../../../src/tdb/tdb-file.js";

export function header(rsn: number, dmaster: number, flags = 0): Buffer {
  const bytes = Buffer.alloc(RECORD_HEADER_SIZE);
  writeRecordHeader(bytes, 0, rsn, dmaster, flags);
  return bytes;
}

export class FakeFile {
  readonly content = new Map<string, Buffer>();
  /** Chains that another process holds. */
  readonly foreign = new Set<string>();
  freelistHeldElsewhere = false;
  freelistEntries = 0;
  repacked = 0;
  private readonly held = new Set<string>();
  private freelistHeld = false;

  put(key: string, rsn: number, dmaster: number, flags = 0, data = ""): void {
    this.content.set(key, Buffer.concat([header(rsn, dmaster, flags), Buffer.from(data)]));
  }

  rsn(key: string): number | undefined {
    const value = this.content.get(key);
    return value === undefined ? undefined : recordHeaderRsn(value, 0);
  }

  get lockCount(): number {
    return this.held.size + (this.freelistHeld ? 1 : 0);
  }

  chainLockNonblock(key: Uint8Array): boolean {
    const text = Buffer.from(key).toString();
    if (this.foreign.has(text)) return false;
    assert.ok(!this.held.has(text), `${text} is locked twice`);
    this.held.add(text);
    return true;
  }

  chainUnlock(key: Uint8Array): void {
    assert.ok(this.held.delete(Buffer.from(key).toString()), "unlock of what is not locked");
  }

  fetch(key: Uint8Array): Buffer | undefined {
    const text = Buffer.from(key).toString();
    assert.ok(this.held.has(text), `${text} is read without its lock`);
    return this.content.get(text);
  }

  delete(key: Uint8Array): boolean {
    const text = Buffer.from(key).toString();
    assert.ok(this.held.has(text), `${text} is deleted without its lock`);
    return this.content.delete(text);
  }

  freelistLockNonblock(): boolean {
    if (this.freelistHeldElsewhere) return false;
    this.freelistHeld = true;
    return true;
  }

  freelistUnlock(): void {
    this.freelistHeld = false;
  }

  freelistSize(): number {
    return this.freelistEntries;
  }

  repack(): void {
    this.repacked++;
  }

  openCursor(): TdbCursor {
    let left = [...this.content.keys()];
    let visited = 0;
    return {
      get visited() {
        return visited;
      },
      slice: (recordsMax: number, visitor: RecordVisitor): SliceResult => {
        for (let i = 0; i < recordsMax; i++) {
          const at = left.findIndex((key) => !this.foreign.has(key));
          const key = left[at];
          if (key === undefined) return left.length === 0 ? "done" : "busy";
          left.splice(at, 1);
          const value = this.content.get(key);
          visited++;
          if (value !== undefined) visitor(Buffer.from(key), value);
        }
        return "more";
      },
      close: () => {
        left = [];
      },
    };
  }
}
