// A counter that the processes of all nodes share: raises it and says how fast.
// usage: shared-counter.ts [TIMES]
import { connect, type LockedRecord } from "ctdb-ts";

const times = Number(process.argv[2] ?? 1000);

await using client = await connect();
await using db = await client.attach("example_counter.tdb");

function raise(record: LockedRecord): void {
  const next = Buffer.alloc(8);
  next.writeBigUInt64LE((record.value?.readBigUInt64LE(0) ?? 0n) + 1n);
  record.store(next);
}

const start = performance.now();
let fast = 0;
for (let i = 0; i < times; i += 1) {
  // While the record is on this node and nobody has it locked, neither the daemon nor a promise is involved.
  if (db.withRecordSync("counter", raise)) fast += 1;
  // Otherwise: wait for other processes, and have the record brought here from the node that has it.
  else await db.withRecord("counter", raise);
}
const perSecond = Math.round((times * 1000) / (performance.now() - start));
const value = await db.read("counter");
console.log(`node ${client.pnn}: the counter is ${value?.readBigUInt64LE(0)}, raised ${times} times at ${perSecond}/s`);
console.log(`${fast} of them without waiting for anybody`);
