// Why a persistent database is not to be trusted, kept on disk in persistent_health.tdb: its key is the database's name, its
// value the reason. No record: healthy. Also the controls DB_GET_HEALTH and DB_SET_HEALTHY.
import type { ControlHandlers } from "../controls/control-service.js";
import type { Logger } from "../platform/ports.js";
import { DbFlag } from "../protocol/index.js";
import type { TdbFile } from "../tdb/tdb-file.js";

type HealthFile = Pick<
  TdbFile,
  | "path"
  | "fetch"
  | "store"
  | "delete"
  | "check"
  | "close"
  | "transactionStart"
  | "transactionCommit"
  | "transactionCancel"
  | "inTransaction"
>;

/** What the health needs of a database. */
export interface HealthDatabase {
  readonly name: string;
  readonly flags: number;
  unhealthyReason: string | undefined;
}

export interface DatabaseHealthModules {
  readonly logger: Logger;
  /** Opens persistent_health.tdb, creating it; `anew`: an empty one in place of what is there. Throws. */
  openFile(anew: boolean): HealthFile;
  /** Nodes that no flag is set for, as this node sees them. */
  healthyNodeCount(): number;
}

const NO_HEALTHY_NODES = "NO-HEALTHY-NODES";

export class DatabaseHealth {
  private file: HealthFile | undefined;
  /** Reason for every database that is on disk, when their state was lost. */
  private lostReason: string | undefined;

  constructor(private readonly modules: DatabaseHealthModules) {}

  /**
   * Opens the file, before any database is attached. A corrupt one is cleared once, and then everything on disk is suspect.
   * Throws where that does not help either.
   */
  open(): void {
    try {
      this.file = this.openChecked(false);
    } catch (error) {
      this.modules.logger.error(`${String(error)}; it is cleared`);
      this.file = this.openChecked(true);
      this.lostReason = `WARNING - '${this.file.path}' was cleared after a failure - manual verification needed`;
    }
  }

  close(): void {
    this.file?.close();
    this.file = undefined;
  }

  /** To be called for what is attached at start, before the reason is read. */
  attachedAtStart(name: string): void {
    if (this.lostReason !== undefined) this.store(name, this.lostReason);
  }

  /** All databases on disk are attached: what comes later is new. */
  startIsOver(): void {
    this.lostReason = undefined;
  }

  /** Why the database `name` is unhealthy; undefined: it is healthy. */
  reasonOf(name: string): string | undefined {
    const value = this.file?.fetch(Buffer.from(name, "utf8"));
    return value === undefined ? undefined : value.toString("utf8");
  }

  /** Reads the reason anew. */
  reload(database: HealthDatabase): string | undefined {
    database.unhealthyReason = isPersistent(database) ? this.reasonOf(database.name) : undefined;
    return database.unhealthyReason;
  }

  /** How many of the databases are unhealthy; each is logged. */
  recheck(databases: Iterable<HealthDatabase>): number {
    let unhealthy = 0;
    for (const database of databases) {
      const reason = this.reload(database);
      if (reason === undefined) continue;
      unhealthy++;
      this.modules.logger.error(`persistent db '${database.name}' unhealthy: ${reason}`);
    }
    return unhealthy;
  }

  /** A recovery has written the whole database: it is as good as the node that the content came from. */
  recovered(database: HealthDatabase): void {
    const old = this.reload(database);
    if (old === undefined) return;
    if (this.modules.healthyNodeCount() > 0) this.setHealthy(database);
    else if (!old.startsWith(NO_HEALTHY_NODES)) this.setReason(database, `${NO_HEALTHY_NODES} - ${old}`);
  }

  setHealthy(database: HealthDatabase): void {
    this.setReason(database, undefined);
  }

  private setReason(database: HealthDatabase, reason: string | undefined): void {
    const old = this.reload(database);
    if (!isPersistent(database) || old === reason) return;
    this.store(database.name, reason);
    database.unhealthyReason = reason;
    this.modules.logger.warning(`db(${database.name}) health changed from '${old ?? ""}' to '${reason ?? ""}'`);
  }

  /** In a transaction: it must be on disk before anybody relies on it. */
  private store(name: string, reason: string | undefined): void {
    const { file } = this;
    if (file === undefined) throw new Error("the file of the databases' health is not open");
    const key = Buffer.from(name, "utf8");
    file.transactionStart();
    try {
      if (reason === undefined) file.delete(key);
      else file.store(key, Buffer.from(reason, "utf8"));
      file.transactionCommit();
    } finally {
      if (file.inTransaction) file.transactionCancel();
    }
  }

  private openChecked(anew: boolean): HealthFile {
    const file = this.modules.openFile(anew);
    if (file.check()) return file;
    const { path } = file;
    file.close();
    throw new Error(`${path} is corrupt`);
  }
}

function isPersistent(database: HealthDatabase): boolean {
  return (database.flags & DbFlag.PERSISTENT) !== 0;
}

export interface HealthControlModules {
  readonly health: DatabaseHealth;
  readonly databases: { get(id: number): HealthDatabase | undefined };
  /** The run state is STARTUP: the recovery that comes before RUNNING must be done anew. */
  isStartingUp(): boolean;
  forceRecovery(reason: string): void;
}

export function healthControls({
  health,
  databases,
  isStartingUp,
  forceRecovery,
}: HealthControlModules): ControlHandlers {
  return {
    DB_GET_HEALTH: (id, call) => {
      const database = databases.get(id);
      if (database === undefined) call.fail();
      else call.reply(health.reload(database) ?? null);
    },
    DB_SET_HEALTHY: (id, call) => {
      const database = databases.get(id);
      if (database === undefined) {
        call.fail();
        return;
      }
      const wasUnhealthy = health.reload(database) !== undefined;
      health.setHealthy(database);
      if (wasUnhealthy && isStartingUp()) forceRecovery(`database ${database.name} became healthy`);
      call.status(0);
    },
  };
}
