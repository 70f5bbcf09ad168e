// Fetch-lock and store of records that are on this node already: no daemon is involved, so this is the client library (or only
// our binding) on libtdb, against the same loop in C, compiled when it is needed.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { connect } from "../../src/client/index.js";
import { RECORD_HEADER_SIZE, recordHeaderDmaster, TdbFlag, writeRecordHeader } from "../../src/protocol/index.js";
import { libtdbOpener } from "../../src/tdb/libtdb.js";
import type { Benchmark, Figure, LoadContext } from "../benchmark.js";

const KEYS = 1000;
const HASH_SIZE = 100_001;
const VALUE_BYTES = 100;
const BATCH = 1000;
const WARM_UP_SHARE = 0.25;
const keyOf = (number: number): Buffer => Buffer.from(`local ${number % KEYS}`, "latin1");

/** Repeats `batch`, which does BATCH operations, and gives operations per second after a warm-up. */
async function rateOf(durationMs: number, batch: (first: number) => void | Promise<void>): Promise<number> {
  let done = 0;
  for (const limitMs of [durationMs * WARM_UP_SHARE, durationMs]) {
    const start = performance.now();
    done = 0;
    while (performance.now() - start < limitMs) {
      await batch(done);
      done += BATCH;
    }
    if (limitMs === durationMs) return (done * 1000) / (performance.now() - start);
  }
  return 0;
}

function createFile(path: string, flags: number): void {
  const file = libtdbOpener.open({ path, flags, hashSize: HASH_SIZE });
  const record = Buffer.alloc(RECORD_HEADER_SIZE + VALUE_BYTES);
  writeRecordHeader(record, 0, 1, 0, 0);
  for (let i = 0; i < KEYS; i++) file.store(keyOf(i), record);
  file.close();
}

function loopInC(context: LoadContext, path: string, flags: number): number {
  const program = join(context.scratchDirectory, "local-store-loop");
  const source = join(__PROJECT_ROOT__, "bench/benchmarks/local-store-loop.c");
  execFileSync("gcc", ["-O2", "-o", program, source, "-l:libtdb.so.1"]);
  const args = [path, String(flags), String(KEYS), String(context.durationMs / 1000)];
  return Number(execFileSync(program, args, { encoding: "utf8" }));
}

async function throughBinding(context: LoadContext, path: string, flags: number): Promise<number> {
  const file = libtdbOpener.open({ path, flags, create: false });
  const header = Buffer.alloc(RECORD_HEADER_SIZE);
  const value = Buffer.alloc(VALUE_BYTES);
  const rate = await rateOf(context.durationMs, (first) => {
    for (let i = 0; i < BATCH; i++) {
      const key = keyOf(first + i);
      file.chainLock(key);
      const record = file.fetch(key);
      if (record === undefined || recordHeaderDmaster(record, 0) !== 0) throw new Error("a record is not there");
      record.copy(header, 0, 0, RECORD_HEADER_SIZE);
      record.copy(value, 0, RECORD_HEADER_SIZE);
      value.writeUInt32LE((value.readUInt32LE(0) + 1) >>> 0, 0);
      file.storeWithHeader(key, header, value);
      file.chainUnlock(key);
    }
  });
  file.close();
  return rate;
}

async function throughClient(context: LoadContext): Promise<{ sync: number; promise: number }> {
  const client = await connect({ socketPath: context.nodes[0]?.socketPath ?? "" });
  const database = await client.attach("local-store.tdb");
  for (let i = 0; i < KEYS; i++) {
    await database.withRecord(keyOf(i), (record) => record.store(Buffer.alloc(VALUE_BYTES)));
  }
  const value = Buffer.alloc(VALUE_BYTES);
  const raise = (old: Buffer | undefined): Buffer => {
    if (old === undefined) throw new Error("a record is not there");
    old.copy(value);
    value.writeUInt32LE((value.readUInt32LE(0) + 1) >>> 0, 0);
    return value;
  };
  const sync = await rateOf(context.durationMs, (first) => {
    for (let i = 0; i < BATCH; i++) {
      if (!database.withRecordSync(keyOf(first + i), (record) => record.store(raise(record.value)))) {
        throw new Error("a record is not there");
      }
    }
  });
  const promise = await rateOf(context.durationMs, async (first) => {
    for (let i = 0; i < BATCH; i++) {
      const record = await database.fetchLock(keyOf(first + i));
      record.store(raise(record.value));
      record.release();
    }
  });
  await client.close();
  return { sync, promise };
}

export const localStore: Benchmark = {
  name: "local-store",
  nodes: 1,
  async run(context) {
    const files = (["mutex", "fcntl"] as const).map((locks) => {
      const path = join(context.scratchDirectory, `local-store-${locks}.tdb`);
      const lockFlags = locks === "mutex" ? TdbFlag.MUTEX_LOCKING | TdbFlag.CLEAR_IF_FIRST : 0;
      const flags = TdbFlag.NOSYNC | TdbFlag.INCOMPATIBLE_HASH | lockFlags;
      createFile(path, flags);
      // With CLEAR_IF_FIRST the loops would empty the file, being the first to open it.
      return { path, flags: flags & ~TdbFlag.CLEAR_IF_FIRST };
    });
    const [mutexFile, fcntlFile] = files;
    if (mutexFile === undefined || fcntlFile === undefined) throw new Error("no files");
    const figure = (name: string, value: number): Figure => ({ name: `local-store ${name}`, value, unit: "/s" });
    if (context.kind === "c") {
      const mutex = loopInC(context, mutexFile.path, mutexFile.flags);
      return [
        figure("client withRecordSync", mutex),
        figure("client fetchLock", mutex),
        figure("binding, mutex locks", mutex),
        figure("binding, fcntl locks", loopInC(context, fcntlFile.path, fcntlFile.flags)),
      ];
    }
    const client = await throughClient(context);
    return [
      figure("client withRecordSync", client.sync),
      figure("client fetchLock", client.promise),
      figure("binding, mutex locks", await throughBinding(context, mutexFile.path, mutexFile.flags)),
      figure("binding, fcntl locks", await throughBinding(context, fcntlFile.path, fcntlFile.flags)),
    ];
  },
};
