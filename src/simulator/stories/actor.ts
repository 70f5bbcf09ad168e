// Foreign processes of a story: a client with its connection, databases and locks, or a group of such that do the same. An action
// resolves to what came of it in a few words; what the client library throws is an outcome, too.
import { type Client, ClientError, type Database, type GLock, type RecordHandle } from "../../client/index.js";
import { TdbFlag } from "../../protocol/index.js";
import type { TdbFile } from "../../tdb/tdb-file.js";
import type { SimulatedClient } from "../simulated-client.js";
import type { SimulatedNode } from "../simulated-node.js";
import { BadCommandError } from "./errors.js";
import type { Scene } from "./scene.js";

export type Action = (actor: Actor, scene: Scene) => Promise<string> | string;

/** The process was killed meanwhile, or its machine is gone. */
const GONE = "is gone";

export class Actor {
  private connection: Promise<Client> | undefined;
  private readonly databases = new Map<string, Database>();
  private readonly records = new Map<string, RecordHandle>();
  readonly gLocks = new Map<string, GLock>();
  /** Messages that were counted instead of logged. */
  heard = 0;
  private readonly files = new Map<string, TdbFile>();
  private readonly ended: Promise<string>;

  constructor(
    readonly name: string,
    readonly node: SimulatedNode,
    readonly process: SimulatedClient,
  ) {
    this.ended = new Promise((resolve) => process.process.onEnd(() => resolve(GONE)));
  }

  /** Carries out what a command wants, and says what came of it. Rejects when the story or a library is at fault. */
  async act(action: Action, scene: Scene): Promise<string> {
    if (!this.process.alive) return GONE;
    try {
      return await Promise.race([Promise.resolve(action(this, scene)), this.ended]);
    } catch (error) {
      if (error instanceof ClientError || (error instanceof Error && /^Tdb\w*Error$/.test(error.name))) {
        return `${error.name}: ${error.message}`;
      }
      throw error;
    }
  }

  /** The connection, made at its first use. Records wait without a limit, as smbd does. */
  connect(): Promise<Client> {
    this.connection ??= this.process.connect({ recordTimeoutMs: 0 });
    return this.connection;
  }

  attached(database: Database): void {
    this.databases.set(database.name, database);
  }

  /** Throws BadCommandError when the actor has not attached it. */
  database(name: string): Database {
    const database = this.databases.get(name);
    if (database === undefined) throw new BadCommandError(`${this.name} has not attached ${name}`);
    return database;
  }

  locked(record: RecordHandle, database: string, key: string): void {
    this.records.set(`${database} ${key}`, record);
  }

  /** A record that the actor has locked. Throws BadCommandError when it has not. */
  record(database: string, key: string): RecordHandle {
    const record = this.records.get(`${database} ${key}`);
    if (record === undefined) throw new BadCommandError(`${this.name} has not locked ${key} of ${database}`);
    return record;
  }

  unlocked(database: string, key: string): void {
    this.records.delete(`${database} ${key}`);
  }

  /** The file of a database that this process has not attached, for locks that the daemon knows nothing of. */
  file(database: string): TdbFile {
    const open = this.files.get(database);
    if (open !== undefined) return open;
    const known = [...(this.node.ctdb?.databases.all ?? [])].find(({ name }) => name === database);
    if (known === undefined) throw new BadCommandError(`node ${this.node.pnn} has no ${database}`);
    const { files } = this.process;
    const mutexes = files.disk.find(known.path)?.usesMutexes === true ? TdbFlag.MUTEX_LOCKING : 0;
    const flags = TdbFlag.INCOMPATIBLE_HASH | TdbFlag.CLEAR_IF_FIRST | mutexes;
    const file = files.open({ path: known.path, flags, create: false });
    this.files.set(database, file);
    return file;
  }
}

/** One actor or more that are told what to do together. */
export class Cast {
  /** Commands under way that have no outcome yet. */
  open = 0;

  constructor(
    readonly name: string,
    readonly actors: readonly Actor[],
    /** Its processes end when they have done what they were told. */
    private readonly once = false,
  ) {}

  /** The outcome of the one actor, or how many had which: "40 times done; 2 times is gone". */
  async act(action: Action, scene: Scene): Promise<string> {
    this.open++;
    try {
      const outcomes = await Promise.all(this.actors.map((actor) => actor.act(action, scene)));
      if (outcomes.length === 1) return outcomes[0] ?? "";
      const counts = new Map<string, number>();
      for (const outcome of outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      return [...counts].map(([outcome, count]) => `${count} times ${outcome}`).join("; ");
    } finally {
      this.open--;
      if (this.once) for (const { process } of this.actors) process.kill();
    }
  }

  get alive(): boolean {
    return this.actors.some(({ process }) => process.alive);
  }
}
