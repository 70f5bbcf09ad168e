// Fetch-lock and store of records that are here already: no daemon is involved, so this is libtdb through our binding against
// the same loop in C, compiled when it is needed.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { RECORD_HEADER_SIZE, recordHeaderDmaster, TdbFlag, writeRecordHeader } from "../../src/protocol/index.js";
import { libtdbOpener } from "../../src/tdb/libtdb.js";
import type { TdbFile } from "../../src/tdb/tdb-file.js";
import type { Benchmark, Figure, LoadContext } from "../benchmark.js";

const KEYS = 1000;
const HASH_SIZE = 100_001;
const RECORD_BYTES = RECORD_HEADER_SIZE + 100;
const BATCH = 1000;

function createFile(path: string, flags: number): void {
  const file = libtdbOpener.open({ path, flags, hashSize: HASH_SIZE });
  const record = Buffer.alloc(RECORD_BYTES);
  writeRecordHeader(record, 0, 1, 0, 0);
  for (let i = 0; i < KEYS; i++) file.store(Buffer.from(`local ${i}`), record);
  file.close();
}

function loopInTypeScript(file: TdbFile, durationMs: number): number {
  const header = Buffer.alloc(RECORD_HEADER_SIZE);
  const value = Buffer.alloc(RECORD_BYTES - RECORD_HEADER_SIZE);
  const start = performance.now();
  let done = 0;
  while (performance.now() - start < durationMs) {
    for (let i = 0; i < BATCH; i++, done++) {
      const key = Buffer.from(`local ${done % KEYS}`, "latin1");
      file.chainLock(key);
      const record = file.fetch(key);
      if (record === undefined || recordHeaderDmaster(record, 0) !== 0) throw new Error("a record is not there");
      record.copy(header, 0, 0, RECORD_HEADER_SIZE);
      record.copy(value, 0, RECORD_HEADER_SIZE);
      value.writeUInt32LE((value.readUInt32LE(0) + 1) >>> 0, 0);
      file.storeWithHeader(key, header, value);
      file.chainUnlock(key);
    }
  }
  return (done * 1000) / (performance.now() - start);
}

function loopInC(context: LoadContext, path: string, flags: number): number {
  const program = join(context.scratchDirectory, "local-store-loop");
  const source = join(__PROJECT_ROOT__, "bench/benchmarks/local-store-loop.c");
  execFileSync("gcc", ["-O2", "-o", program, source, "-l:libtdb.so.1"]);
  const args = [path, String(flags), String(KEYS), String(context.durationMs / 1000)];
  return Number(execFileSync(program, args, { encoding: "utf8" }));
}

export const localStore: Benchmark = {
  name: "local-store",
  nodes: 1,
  run(context) {
    const variants = [
      { name: "local-store-mutex", flags: TdbFlag.MUTEX_LOCKING | TdbFlag.CLEAR_IF_FIRST },
      { name: "local-store-fcntl", flags: 0 },
    ];
    return variants.map(({ name, flags: own }): Figure => {
      const path = join(context.scratchDirectory, `${name}.tdb`);
      const flags = own | TdbFlag.NOSYNC | TdbFlag.INCOMPATIBLE_HASH;
      createFile(path, flags);
      // Without CLEAR_IF_FIRST the loops would empty the file that they are the first to open.
      const openFlags = flags & ~TdbFlag.CLEAR_IF_FIRST;
      if (context.kind === "c") return { name, value: loopInC(context, path, openFlags), unit: "/s" };
      const file = libtdbOpener.open({ path, flags: openFlags, create: false });
      const perSecond = loopInTypeScript(file, context.durationMs);
      file.close();
      return { name, value: perSecond, unit: "/s" };
    });
  },
};
