// Says hello to everybody who runs this program, on any node, listens for a while, and notices who goes away.
// usage: chat.ts [SECONDS]
import { connect, Pnn } from "ctdb-ts";

const seconds = Number(process.argv[2] ?? 1);
// Message ids are a free choice; those that begin with 0xBE are meant for programs like this.
const CHAT = 0xbe00_0000_0000_c4a7n;
const GONE = 0xbe00_0000_0000_c4a8n;

await using client = await connect();
const name = `process ${process.pid} on node ${client.pnn}`;

await client.onMessage(CHAT, (data) => console.log(data.toString()));
await client.onMessage(GONE, (data) => console.log(`gone: ${data}`));
// The daemon sends this for us when our connection ends, also when we are killed.
await client.registerNotify(GONE, Buffer.from(name));

client.sendMessage(Pnn.BROADCAST_CONNECTED, CHAT, Buffer.from(`hello from ${name}`));
await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
