// Attaches a database through the local daemon, with the complaints of the C client library. Called by attach and by the
// commands that read or write records.

import { type AttachOptions, ClientError, ConnectionLostError, type Database } from "../../client/index.js";
import { DbFlag } from "../../protocol/index.js";
import type { ClusterContext } from "../command.js";
import { CommandFailure, Errno } from "../errors.js";
import { connectedPnns } from "./node-map.js";

export interface AttachedDatabase {
  readonly id: number;
  readonly name: string;
  readonly path: string;
  readonly flags: number;
  /** Flags with which the file must be opened. */
  readonly openFlags: number;
}

function hex32(value: number): string {
  return `0x${value.toString(16).padStart(8, "0")}`;
}

/** Attaches `name` with database flags. Complains and throws CommandFailure. */
export async function attachDatabase(context: ClusterContext, name: string, flags: number): Promise<AttachedDatabase> {
  const { cluster, terminal, localPnn } = context;
  const control =
    (flags & DbFlag.PERSISTENT) !== 0
      ? "DB_ATTACH_PERSISTENT"
      : (flags & DbFlag.REPLICATED) !== 0
        ? "DB_ATTACH_REPLICATED"
        : "DB_ATTACH";
  const fail = (text: string, result: number): never => {
    terminal.complain(`attach: ${name} ${text}`);
    throw new CommandFailure(result);
  };
  const attached = await cluster.tryControl(control, name, localPnn);
  if (!attached.ok) {
    return attached.replied
      ? fail(`failed to get db_id, ret=${attached.result}`, attached.result)
      : fail(`${control} failed, ret=${attached.result}`, attached.result);
  }
  const id = attached.reply;
  const path = await cluster.tryControl("GETDBPATH", id, localPnn);
  if (!path.ok) return fail(`GETDBPATH failed, ret=${path.result}`, path.result);
  const health = await cluster.tryControl("DB_GET_HEALTH", id, localPnn);
  if (!health.ok) return fail(`DB_GET_HEALTH failed, ret=${health.result}`, health.result);
  if (health.reply !== null && health.reply !== undefined) {
    return fail(`database unhealthy (${health.reply})`, Errno.EIO);
  }
  if ((flags & (DbFlag.READONLY | DbFlag.STICKY)) !== 0) await setFlags(context, name, id, flags);
  const openFlags = await cluster.tryControl("DB_OPEN_FLAGS", id, localPnn);
  if (!openFlags.ok) return fail(`DB_OPEN_FLAGS failed, ret=${openFlags.result}`, openFlags.result);
  return { id, name, path: path.reply, flags, openFlags: openFlags.reply };
}

/** Readonly and sticky are not spread by daemons: each connected node is told. */
async function setFlags({ cluster, terminal, localPnn }: ClusterContext, name: string, id: number, flags: number) {
  const { nodes } = await cluster.control("GET_NODEMAP", undefined, localPnn);
  const wanted = [
    ["SET_DB_READONLY", DbFlag.READONLY],
    ["SET_DB_STICKY", DbFlag.STICKY],
  ] as const;
  for (const [control, flag] of wanted) {
    if ((flags & flag) === 0) continue;
    const { result } = await cluster.controlAll(control, id, connectedPnns(nodes));
    if (result === 0) continue;
    terminal.complain(`set_db_flags: ${hex32(id)} ${control} failed, ret=${result}`);
    terminal.complain(`attach: ${name} set db flags ${hex32(flags)} failed`);
    throw new CommandFailure(result);
  }
}

/** As attachDatabase, with one more complaint, for commands that go on with the records. */
export async function attachForRecords(
  context: ClusterContext,
  db: { readonly name: string; readonly flags: number },
): Promise<AttachedDatabase> {
  try {
    return await attachDatabase(context, db.name, db.flags);
  } catch (error) {
    if (error instanceof CommandFailure) context.terminal.complain(`Failed to attach to DB ${db.name}`);
    throw error;
  }
}

/** As attachForRecords, and opens the file: the client library's database. */
export async function openForRecords(
  context: ClusterContext,
  db: { readonly name: string; readonly flags: number },
  options: AttachOptions,
): Promise<Database> {
  // First the steps that can fail, each with the complaint of the C tool.
  await attachForRecords(context, db);
  try {
    return await context.cluster.client.attach(db.name, options);
  } catch (error) {
    if (!(error instanceof ClientError) || error instanceof ConnectionLostError) throw error;
    context.terminal.complain(`attach: ${db.name} tdb_wrap_open failed`);
    context.terminal.complain(`Failed to attach to DB ${db.name}`);
    throw new CommandFailure(Errno.ENOMEM);
  }
}
