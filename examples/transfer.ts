// Moves money between two accounts in a persistent database, in transactions: on all nodes or on none, whatever dies in between.
// usage: transfer.ts [TIMES]
import { connect, TransactionUnknownOutcomeError } from "ctdb-ts";

const times = Number(process.argv[2] ?? 10);

await using client = await connect();
await using accounts = await client.attach("example_accounts.tdb", { type: "persistent" });

await accounts.transaction(async (transaction) => {
  // Only the first of all programs finds nothing.
  if ((await transaction.fetch("alice")) === undefined) transaction.store("alice", "1000");
});

for (let i = 0; i < times; i += 1) {
  try {
    // The function may run again, if others were faster: it has no effect but on the transaction.
    await accounts.transaction(async (transaction) => {
      const alice = Number(await transaction.fetch("alice"));
      const bob = Number((await transaction.fetch("bob")) ?? 0);
      transaction.store("alice", String(alice - 1));
      transaction.store("bob", String(bob + 1));
    });
  } catch (error) {
    // The node died with the commit: it is there on all nodes or on none, and only a look can tell.
    if (!(error instanceof TransactionUnknownOutcomeError)) throw error;
    console.log(error.message);
  }
}

const sum = await accounts.readTransaction(async (view) => {
  let total = 0;
  for await (const { key, value } of view.traverse()) {
    console.log(`node ${client.pnn}: ${key} has ${value}`);
    total += Number(value);
  }
  return total;
});
console.log(`together ${sum}`);
