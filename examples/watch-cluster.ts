// Shows nodes, leader, generation and databases, and what happens to the connection.
// usage: watch-cluster.ts [SECONDS]
import { connect, NodeFlag, Srvid } from "ctdb-ts";

const seconds = Number(process.argv[2] ?? 0);

await using client = await connect({ reconnect: true });
client.events.on("disconnected", ({ error }) => console.log(`disconnected: ${error.reason}`));
client.events.on("reconnected", ({ pnn }) => console.log(`connected to node ${pnn} again`));

function flagNames(flags: number): string {
  const names = Object.entries(NodeFlag).filter(([, bit]) => (bit & (bit - 1)) === 0 && (flags & bit) !== 0);
  return names.length === 0 ? "OK" : names.map(([name]) => name).join("|");
}

const { nodes } = await client.nodeMap();
const present = await client.connectedNodes();
const uptimes = await client.controlAll(present, "UPTIME", undefined, { timeoutMs: 5000 });
for (const node of nodes) {
  const result = uptimes.find((other) => other.pnn === node.pnn);
  let since = "";
  if (result?.ok) {
    const { currentTime, ctdbdStartTime } = result.reply;
    since = `, up for ${currentTime.sec - ctdbdStartTime.sec} s`;
  }
  console.log(`node ${node.pnn} ${node.addr.address}: ${flagNames(node.flags)}${since}`);
}
const vnnMap = await client.vnnMap();
console.log(`generation ${vnnMap.generation}, records on nodes ${vnnMap.map.join(" ")}`);

const { dbs } = await client.databaseMap();
for (const { dbId } of dbs) console.log(`database ${await client.control("GET_DBNAME", dbId)}`);

// The leader tells everybody once a second that it is there.
let leader: number | undefined;
await using leaders = await client.onMessage(Srvid.LEADER, (data) => {
  const pnn = data.readUInt32LE(0);
  if (pnn !== leader) console.log(`the leader is node ${pnn}`);
  leader = pnn;
});
await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
await leaders.close();
