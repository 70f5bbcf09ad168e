// A job that may run on one node only: whoever has the lock does it, the others wait for their turn or give up.
// usage: one-at-a-time.ts [SECONDS]
import { connect, GLockTimeoutError } from "ctdb-ts";

const seconds = Number(process.argv[2] ?? 0.2);

await using client = await connect();
try {
  // Samba's `net g_lock do example_job ...` would wait for it, too.
  await using lock = await client.gLock("example_job", { timeoutMs: 5000 });
  console.log(`node ${client.pnn} does the job`);
  // The lock goes with the connection: others may begin then, so stop.
  lock.lost.throwIfAborted();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  console.log(`node ${client.pnn} is done`);
} catch (error) {
  if (!(error instanceof GLockTimeoutError)) throw error;
  console.log(`node ${client.pnn} gave up: ${error.message}`);
}
