// The recovery of one database, up to three attempts. Each runs by itself, beside the others.
import { ControlFlag, DbFlag } from "../protocol/index.js";
import { collectAll, collectNewest } from "./collect.js";
import { RecoveryFailedError } from "./errors.js";
import { DATABASE_ATTEMPTS_MAX } from "./limits.js";
import type { Permits } from "./permits.js";
import { push } from "./push.js";
import { RecordStore } from "./record-store.js";
import type { RecoveryContext } from "./recovery-context.js";

/** A database of the cluster as the members' database maps together show it. */
export interface RecoverableDatabase {
  readonly dbId: number;
  /** Flags without READONLY and STICKY, the same on all members that have it. */
  readonly flags: number;
  /** Members that have it, in list order. */
  readonly holders: readonly number[];
}

const hex = (dbId: number): string => `0x${dbId.toString(16).padStart(8, "0")}`;

function attachControl(flags: number): "DB_ATTACH" | "DB_ATTACH_PERSISTENT" | "DB_ATTACH_REPLICATED" {
  if ((flags & DbFlag.PERSISTENT) !== 0) return "DB_ATTACH_PERSISTENT";
  if ((flags & DbFlag.REPLICATED) !== 0) return "DB_ATTACH_REPLICATED";
  return "DB_ATTACH";
}

/** The name of the database, which all holders must agree on. */
async function agreedName(context: RecoveryContext, database: RecoverableDatabase): Promise<string> {
  const names = await context.all("GET_DBNAME", database.dbId, { pnns: database.holders });
  let agreed: string | undefined;
  for (const pnn of database.holders) {
    const name = names.get(pnn);
    if (name === undefined) continue;
    agreed ??= name;
    if (name !== agreed) {
      context.credit(pnn);
      throw new RecoveryFailedError("GET_DBNAME", `database ${hex(database.dbId)} is ${name}, not ${agreed}`, pnn);
    }
  }
  if (agreed === undefined) throw new RecoveryFailedError("GET_DBNAME", `nobody has database ${hex(database.dbId)}`);
  return agreed;
}

/**
 * One attempt: attach where it is missing, freeze, open the recovery transaction, collect, wipe, push, commit, thaw.
 * A frozen database and an open transaction of an earlier attempt are tolerated by the nodes.
 */
async function attempt(context: RecoveryContext, database: RecoverableDatabase, permits: Permits): Promise<void> {
  const { dbId, flags } = database;
  const { generation, modules } = context;
  const name = await agreedName(context, database);
  const missing = context.members.filter((pnn) => !database.holders.includes(pnn));
  if (missing.length > 0) {
    const control = attachControl(flags);
    await context.all(control, name, { pnns: missing, creditFailure: true, flags: ControlFlag.ATTACH_RECOVERY });
  }
  await context.all("DB_FREEZE", dbId, { creditFailure: true });
  await context.all("DB_TRANSACTION_START", { dbId, tid: generation });

  const givePermitBack = await permits.take(context.signal);
  try {
    const persistent = (flags & DbFlag.PERSISTENT) !== 0;
    const byRecord = !persistent && (flags & DbFlag.REPLICATED) === 0;
    const store = new RecordStore({
      dbId,
      leaderPnn: context.ownPnn,
      bufferBytesMax: context.tunables.recBufferSizeLimit,
      seed: modules.random.uint32(),
    });
    const startedAt = modules.clock.now();
    const read = await (byRecord ? collectAll : collectNewest)(context, dbId, store);
    const readAt = modules.clock.now();
    await context.all("WIPE_DATABASE", { dbId, tid: generation });
    const wipedAt = modules.clock.now();
    const pushed = await push(context, dbId, store, !persistent);
    const pushedAt = modules.clock.now();
    await context.all("DB_TRANSACTION_COMMIT", { dbId, tid: generation });
    const ms = (from: number, to: number): string => `${Math.round(to - from)} ms`;
    modules.logger.info(
      `database ${name}: ${read} records pulled in ${ms(startedAt, readAt)}, wiped in ${ms(readAt, wipedAt)}, ` +
        `${pushed} pushed in ${ms(wipedAt, pushedAt)}, committed in ${ms(pushedAt, modules.clock.now())}`,
    );
  } finally {
    givePermitBack();
  }
  await context.all("DB_THAW", dbId);
}

/** True: recovered. False: all attempts failed (each is logged). Throws only when the recovery is aborted. */
export async function recoverDatabase(
  context: RecoveryContext,
  database: RecoverableDatabase,
  permits: Permits,
): Promise<boolean> {
  const { logger } = context.modules;
  for (let number = 1; number <= DATABASE_ATTEMPTS_MAX; number++) {
    logger.notice(`recover database ${hex(database.dbId)}${number === 1 ? "" : `, attempt ${number}`}`);
    try {
      await attempt(context, database, permits);
      return true;
    } catch (error) {
      context.signal.throwIfAborted();
      logger.error(`recover database ${hex(database.dbId)} failed: ${error instanceof Error ? error.message : error}`);
    }
  }
  return false;
}
