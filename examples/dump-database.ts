// Prints the records of a database, from all nodes.
// usage: dump-database.ts [NAME]; without a name, fills and prints a database of its own
import { connect } from "ctdb-ts";

const name = process.argv[2] ?? "example_dump.tdb";

await using client = await connect();
// A traverse goes through the daemon: the file itself is not needed.
const own = process.argv[2] === undefined;
await using db = await client.attach(name, { openFile: own });
if (own) {
  for (const fruit of ["apple", "banana", "cherry"]) {
    await db.withRecord(fruit, (record) => record.store(Buffer.from(`a ${fruit} from node ${client.pnn}`)));
  }
}

let count = 0;
for await (const record of db.traverse()) {
  const value = record.value?.toString("latin1").replaceAll(/[^ -~]/g, ".") ?? "";
  console.log(
    `${JSON.stringify(record.key.toString("latin1"))} on node ${record.dmaster}, rsn ${record.rsn}: ${value}`,
  );
  count += 1;
}
console.log(`${count} records in ${name} (${db.type})`);
