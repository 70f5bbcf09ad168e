// How fast the TDB binding is by itself, in both lock modes, in memory: the operations that the daemon and its clients do on local
// records, and a traverse. usage: node scripts/run-bundled.mjs bench/tdb-local.ts [RECORDS]
import { rmSync } from "node:fs";
import { TdbFlag } from "../src/protocol/index.js";
import { libtdbOpener } from "../src/tdb/libtdb.js";
import type { TdbFile } from "../src/tdb/tdb-file.js";
import { median } from "./statistics.js";

const ROUNDS = 5;
const ROUND_MS = 300;
const VALUE_BYTES = 100;
const HASH_SIZE = 100_001;
const records = Number(process.argv[2] ?? 10_000);
const keys = Array.from({ length: records }, (_, i) => Buffer.from(`key-${String(i).padStart(8, "0")}`));
const header = Buffer.alloc(24, 1);
const data = Buffer.alloc(VALUE_BYTES - header.length, 2);

function keyAt(i: number): Buffer {
  const key = keys[i % keys.length];
  if (key === undefined) throw new Error("no keys");
  return key;
}

/** Median of the rounds, in operations a second. */
function rate(operation: (i: number) => void): number {
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    let count = 0;
    const start = performance.now();
    let now = start;
    while (now - start < ROUND_MS) {
      for (let i = 0; i < 1000; i++) operation(count + i);
      count += 1000;
      now = performance.now();
    }
    rates.push((count * 1000) / (now - start));
  }
  return median(rates);
}

function traverseMs(file: TdbFile): number {
  const start = performance.now();
  let count = 0;
  const cursor = file.openCursor();
  while (
    cursor.slice(1000, () => {
      count++;
    }) !== "done"
  );
  if (count !== records) throw new Error(`traverse saw ${count} of ${records}`);
  return performance.now() - start;
}

for (const [mode, flags] of [
  ["fcntl", 0],
  ["mutex", TdbFlag.MUTEX_LOCKING],
] as const) {
  const path = `/dev/shm/tdb-local-${process.pid}.tdb`;
  const file = libtdbOpener.open({
    path,
    flags: flags | TdbFlag.CLEAR_IF_FIRST | TdbFlag.NOSYNC | TdbFlag.DISALLOW_NESTING | TdbFlag.INCOMPATIBLE_HASH,
    hashSize: HASH_SIZE,
    maxDead: 5,
  });
  try {
    for (const key of keys) file.storeWithHeader(key, header, data);
    const show = (name: string, perSecond: number): void => {
      console.log(`${mode}  ${name.padEnd(36)} ${(perSecond / 1000).toFixed(0).padStart(6)} k/s`);
    };
    show(
      "lock, fetch, store, unlock",
      rate((i) => {
        const key = keyAt(i);
        if (!file.chainLockNonblock(key)) throw new Error("busy");
        file.fetch(key);
        header[0] = i;
        file.storeWithHeader(key, header, data);
        file.chainUnlock(key);
      }),
    );
    show(
      "lock, unlock",
      rate((i) => {
        const key = keyAt(i);
        if (!file.chainLockNonblock(key)) throw new Error("busy");
        file.chainUnlock(key);
      }),
    );
    show(
      "fetch",
      rate((i) => {
        file.fetch(keyAt(i));
      }),
    );
    const start = performance.now();
    const transactions = 2000;
    for (let i = 0; i < transactions; i++) {
      file.transactionStart();
      header[0] = i;
      file.storeWithHeader(keyAt(i), header, data);
      file.transactionCommit();
    }
    show("transaction of one store", (transactions * 1000) / (performance.now() - start));
    const ms = median(Array.from({ length: ROUNDS }, () => traverseMs(file)));
    console.log(`${mode}  traverse of ${records} records ${ms.toFixed(1)} ms, ${((records / ms) | 0).toString()} k/s`);
    const freezeStart = performance.now();
    for (let i = 0; i < 100; i++) {
      file.lockAllNonblock();
      file.unlockAll();
    }
    console.log(`${mode}  lock and unlock all ${((performance.now() - freezeStart) / 100).toFixed(3)} ms`);
  } finally {
    file.close();
    rmSync(path);
  }
}
