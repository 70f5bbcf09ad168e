// A session table that lives as long as the cluster: sign in on one node, be known on all, expire.
// usage: sessions.ts
import { connect, RecordTimeoutError } from "ctdb-ts";

interface Session {
  user: string;
  node: number;
  visits: number;
}

await using client = await connect({ recordTimeoutMs: 5000 });
await using sessions = await client.attach("example_sessions.tdb");

async function visit(id: string, user: string): Promise<Session> {
  // The record stays locked, on the whole cluster, until the function returns.
  return sessions.withRecord(`session:${id}`, (record) => {
    const old = record.value === undefined ? undefined : (JSON.parse(record.value.toString()) as Session);
    const session = { user, node: client.pnn, visits: (old?.visits ?? 0) + 1 };
    record.store(Buffer.from(JSON.stringify(session)));
    return session;
  });
}

const id = "4711";
await visit(id, "alice");
console.log("after two visits:", await visit(id, "alice"));

// Reading takes no lock. The value may be a moment old by the time that it is here.
const stored = await sessions.read(`session:${id}`);
console.log("stored:", stored?.toString());
console.log("unknown session:", await sessions.read("session:0"));

// A record handle by hand: `await using` gives the lock back at the end of the block, whatever happens in it.
{
  await using record = await sessions.fetchLock(`session:${id}`);
  try {
    await sessions.fetchLock(`session:${id}`, { timeoutMs: 50 });
  } catch (error) {
    if (!(error instanceof RecordTimeoutError)) throw error;
    console.log(`a second lock did not come: it waited for ${error.waitedFor}`);
  }
  record.delete();
}
console.log("after the end:", await sessions.read(`session:${id}`));

// Every call takes an AbortSignal.
const held = await sessions.fetchLock("session:held");
const waiting = sessions.fetchLock("session:held", { signal: AbortSignal.timeout(20) });
await waiting.catch((reason: Error) => console.log("gave up waiting:", reason.name));
held.release();
