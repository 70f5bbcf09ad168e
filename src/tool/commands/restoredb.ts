// `ctdb restoredb FILE [NAME]`: puts the records of a backup file into a database on all nodes.
import { type BackupBuffer, BackupFormatError, type BackupHeader, decodeBackupBuffers } from "../backup-file.js";
import type { ClusterCommand, ClusterContext } from "../command.js";
import { CommandFailure, Errno } from "../errors.js";
import { attachForRecords } from "../fetch/attach.js";
import { readBackup } from "../fetch/backup-source.js";
import { rewriteDatabase, stepOnAll } from "../fetch/database-rewrite.js";
import { waitForGeneration } from "../fetch/generation.js";
import { LeaderWatch } from "../fetch/leader.js";
import { activePnns, fetchNodeMap } from "../fetch/node-map.js";
import { dateText } from "../print/clock-text.js";

const PUSH_SRVID = 0xce02_0000_0000_0000n;
const DATABASE_FLAGS_MASK = 0xff;
const MARSHALL_HEADER_BYTES = 8;

function marshallBuffer(databaseId: number, buffer: BackupBuffer): Buffer {
  const bytes = Buffer.alloc(MARSHALL_HEADER_BYTES + buffer.records.length);
  bytes.writeUInt32LE(databaseId, 0);
  bytes.writeUInt32LE(buffer.recordCount, 4);
  buffer.records.copy(bytes, MARSHALL_HEADER_BYTES);
  return bytes;
}

async function pushRecords(
  context: ClusterContext,
  pnns: readonly number[],
  databaseId: number,
  file: Buffer,
  header: BackupHeader,
): Promise<void> {
  const { cluster, terminal } = context;
  await stepOnAll(context, pnns, "DB_PUSH_START", { dbId: databaseId, lmaster: 0, srvid: PUSH_SRVID });
  try {
    for (const buffer of decodeBackupBuffers(file, header.bufferCount)) {
      const payload = marshallBuffer(databaseId, buffer);
      for (const pnn of pnns) cluster.client.sendMessage(pnn, PUSH_SRVID, payload);
      await cluster.flushed();
    }
  } catch (error) {
    if (!(error instanceof BackupFormatError)) throw error;
    terminal.complain("Failed to read records");
    throw new CommandFailure(Errno.EIO);
  }
  const { result, outcomes } = await cluster.controlAll("DB_PUSH_CONFIRM", databaseId, pnns);
  if (result !== 0) throw new CommandFailure(result);
  for (const pnn of pnns) {
    const outcome = outcomes.get(pnn);
    if (outcome?.ok !== true || outcome.reply === header.recordCount) continue;
    terminal.complain(`Node ${pnn} received ${outcome.reply} of ${header.recordCount} records`);
    // C goes on to the recovery that repairs the database, with the result of the last step.
    throw new CommandFailure(0);
  }
}

const command: ClusterCommand = {
  async run(context) {
    const { cluster, terminal, args } = context;
    const watch = await LeaderWatch.start(cluster, terminal);
    const { file, header } = readBackup(args[0] ?? "", terminal);
    const name = args[1] ?? header.name;
    terminal.out(`Restoring database ${name} from backup @ ${dateText(header.time)}\n`);
    const db = await attachForRecords(context, { name, flags: header.flags & DATABASE_FLAGS_MASK });
    const pnns = activePnns(await fetchNodeMap(cluster, terminal));
    let generation: number;
    try {
      generation = await waitForGeneration(context, watch);
    } catch (error) {
      if (error instanceof CommandFailure) terminal.complain("Failed to get current generation");
      throw error;
    }
    await rewriteDatabase(context, pnns, db.id, generation, () => pushRecords(context, pnns, db.id, file, header));
    terminal.out(`Database ${name} restored\n`);
    return 0;
  },
};
export default command;
