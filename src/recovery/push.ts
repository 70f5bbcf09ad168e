// Pushes the collected records of one database to all members. Called by the recovery of a database.
import { Pnn } from "../protocol/index.js";
import { LMASTER_ANY } from "./collect.js";
import { RecoveryFailedError } from "./errors.js";
import { PUSH_WINDOW_BYTES } from "./limits.js";
import type { RecordStore } from "./record-store.js";
import type { RecoveryContext } from "./recovery-context.js";

/**
 * Bounds what is under way: behind each buffer goes a PING to every member, on the same ordered path, and the answers say
 * that the buffer has arrived everywhere.
 */
class PushWindow {
  private underWayBytes = 0;
  private readonly acknowledgements: Promise<void>[] = [];

  constructor(private readonly context: RecoveryContext) {}

  async send(srvid: bigint, bytes: Buffer): Promise<void> {
    const { link, members, membersAreAllConnected } = this.context;
    if (membersAreAllConnected) link.sendMessage(Pnn.BROADCAST_CONNECTED, srvid, bytes);
    else for (const pnn of members) link.sendMessage(pnn, srvid, bytes);
    this.underWayBytes += bytes.length;
    const size = bytes.length;
    const acknowledged = this.context.all("PING", undefined).then(() => {
      this.underWayBytes -= size;
    });
    // The rejection is seen where the window is awaited; until then it must not count as unhandled.
    acknowledged.catch(() => undefined);
    this.acknowledgements.push(acknowledged);
    while (this.underWayBytes > PUSH_WINDOW_BYTES) await this.acknowledgements.shift();
  }

  async drained(): Promise<void> {
    for (const acknowledged of this.acknowledgements.splice(0)) await acknowledged;
  }
}

/**
 * DB_PUSH_START, the buffers, DB_PUSH_CONFIRM: every member must have received all records. `claim` as in
 * RecordStore.drain. Returns the number of records pushed; throws RecoveryFailedError.
 */
export async function push(
  context: RecoveryContext,
  dbId: number,
  store: RecordStore,
  claim: boolean,
): Promise<number> {
  const srvid = context.srvids.take();
  await context.all("DB_PUSH_START", { dbId, lmaster: LMASTER_ANY, srvid });
  const window = new PushWindow(context);
  let records = 0;
  for (const buffer of store.drain(claim)) {
    await window.send(srvid, buffer.bytes);
    context.signal.throwIfAborted();
    records += buffer.count;
  }
  await window.drained();
  const confirmed = await context.all("DB_PUSH_CONFIRM", dbId);
  for (const [pnn, count] of confirmed) {
    if (count !== records) {
      throw new RecoveryFailedError("DB_PUSH_CONFIRM", `${count} records arrived, ${records} were sent`, pnn);
    }
  }
  return records;
}
