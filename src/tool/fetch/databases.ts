// Databases by name or id, and what nodes know about them. Called by all database commands.
import { DbFlag, type DbMapEntry } from "../../protocol/index.js";
import { strtoul } from "../arguments/numbers.js";
import type { ClusterContext } from "../command.js";
import { CommandFailure } from "../errors.js";
import type { DatabaseReport } from "../print/databases.js";

export interface FoundDatabase {
  readonly id: number;
  readonly name: string;
  /** Flags in the local daemon's map. */
  readonly flags: number;
}

/** Volatile databases lose their records when all nodes are down. */
export function isVolatile(flags: number): boolean {
  return (flags & (DbFlag.PERSISTENT | DbFlag.REPLICATED)) === 0;
}

/** As findDatabase; undefined where there is none, which is said. */
export async function lookUpDatabase(context: ClusterContext, text: string): Promise<FoundDatabase | undefined> {
  const { cluster, localPnn, terminal } = context;
  const { dbs } = await cluster.control("GET_DBMAP", undefined, localPnn);
  const found = text.startsWith("0x") ? await byId(context, dbs, strtoul(text) ?? 0) : await byName(context, dbs, text);
  if (found === undefined) terminal.complain(`No database matching '${text}' found`);
  return found;
}

/** The database that `text` names (a name, or `0x` and an id), by the local daemon. Complains and throws CommandFailure. */
export async function findDatabase(context: ClusterContext, text: string): Promise<FoundDatabase> {
  const found = await lookUpDatabase(context, text);
  if (found === undefined) throw new CommandFailure(1);
  return found;
}

async function byId({ cluster, localPnn }: ClusterContext, dbs: readonly DbMapEntry[], id: number) {
  const entry = dbs.find((db) => db.dbId === id);
  if (entry === undefined) return undefined;
  const name = await cluster.tryControl("GET_DBNAME", id, localPnn);
  if (name.ok) return { id, flags: entry.flags, name: name.reply };
  cluster.complainAbout("GET_DBNAME", localPnn, name);
  throw new CommandFailure(1);
}

async function byName({ cluster, localPnn }: ClusterContext, dbs: readonly DbMapEntry[], name: string) {
  for (const { dbId: id, flags } of dbs) {
    const outcome = await cluster.tryControl("GET_DBNAME", id, localPnn);
    if (outcome.ok && outcome.reply === name) return { id, flags, name };
    if (outcome.ok) continue;
    cluster.complainAbout("GET_DBNAME", localPnn, outcome);
    break;
  }
  return undefined;
}

/** What the target knows about a database. Without `name` it is asked for it. */
export async function fetchDatabase(
  { cluster, targetPnn }: ClusterContext,
  id: number,
  flags: number,
  name?: string,
): Promise<DatabaseReport> {
  const knownName = name ?? (await cluster.control("GET_DBNAME", id, targetPnn));
  const path = await cluster.control("GETDBPATH", id, targetPnn);
  const reason = await cluster.control("DB_GET_HEALTH", id, targetPnn);
  return {
    id,
    name: knownName,
    path,
    persistent: (flags & DbFlag.PERSISTENT) !== 0,
    readonlyRecords: (flags & DbFlag.READONLY) !== 0,
    sticky: (flags & DbFlag.STICKY) !== 0,
    replicated: (flags & DbFlag.REPLICATED) !== 0,
    unhealthyReason: reason ?? undefined,
  };
}
