// What has to be said to the daemon before a database can be used, and what comes out of it. Called by database.ts.
import { type ControlName, NodeFlag } from "../protocol/index.js";
import type { TdbOpener } from "../tdb/tdb-file.js";
import type { DaemonLink } from "./daemon-link.js";
import { DatabaseFileError, DatabaseTypeError } from "./errors.js";
import { type SharedFile, shareFile } from "./shared-file.js";

/**
 * volatile: records migrate between the nodes, lost when the cluster stops. replicated: full copy on each node, lost with it.
 * persistent: full copy on each node, on disk.
 */
export type DatabaseType = "volatile" | "replicated" | "persistent";

export interface AttachOptions {
  /** Default "volatile". Attaching an existing database as volatile keeps its type: see `Database.type`. */
  readonly type?: DatabaseType;
  /** Let nodes keep read-only copies (SET_DB_READONLY on all connected nodes). Volatile databases only. */
  readonly readonly?: boolean;
  /** Hold hot records for a while (SET_DB_STICKY on all connected nodes). Volatile databases only. */
  readonly sticky?: boolean;
  /** Count changes in the file's sequence number (ENABLE_SEQNUM). */
  readonly seqnum?: boolean;
  /** False: do not open the file. Traverses and controls work, record operations do not. Default true. */
  readonly openFile?: boolean;
  /**
   * Limit for the attach itself. Daemons hold it back while a recovery runs, for up to 120 s; default 130 000.
   */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const ATTACH_TIMEOUT_MS = 130_000;
const ATTACH_CONTROLS = {
  volatile: "DB_ATTACH",
  replicated: "DB_ATTACH_REPLICATED",
  persistent: "DB_ATTACH_PERSISTENT",
} as const satisfies Record<DatabaseType, ControlName>;

/** Where to attach. */
export interface AttachContext {
  readonly link: DaemonLink;
  /** Loads the binding to the TDB files; asked for when the first file is opened. */
  readonly files: () => Promise<TdbOpener>;
}

/** What is known of a database while it is attached. */
export interface Attachment {
  readonly id: number;
  readonly path: string;
  /** Database flags (`DbFlag`). */
  readonly flags: number;
  readonly shared: SharedFile | undefined;
}

/**
 * Attaches `name`, sets its properties, and opens its file unless that is not wanted. The caller must call `removeUser` of the file
 * in the end. Throws DatabaseTypeError, DatabaseFileError, and what controls throw.
 */
export async function attach(name: string, context: AttachContext, options: AttachOptions): Promise<Attachment> {
  const { link } = context;
  const type = options.type ?? "volatile";
  if (type !== "volatile" && (options.readonly === true || options.sticky === true)) {
    throw new DatabaseTypeError(`${name}: readonly and sticky are properties of volatile databases`);
  }
  const limits = options.signal === undefined ? {} : { signal: options.signal };
  const attachLimits = { ...limits, timeoutMs: options.timeoutMs ?? ATTACH_TIMEOUT_MS };
  const id = await link.control(ATTACH_CONTROLS[type], name, attachLimits);
  if (options.seqnum === true) await link.control("ENABLE_SEQNUM", id, limits);
  const path = await link.control("GETDBPATH", id, limits);
  const health = await link.control("DB_GET_HEALTH", id, limits);
  if (health !== null && health !== undefined) throw new DatabaseFileError(`database ${name} is unhealthy: ${health}`);
  if (options.readonly === true) await onAllNodes(link, "SET_DB_READONLY", id, limits);
  if (options.sticky === true) await onAllNodes(link, "SET_DB_STICKY", id, limits);
  const map = await link.control("GET_DBMAP", undefined, limits);
  const flags = map.dbs.find((entry) => entry.dbId === id)?.flags;
  if (flags === undefined) throw new DatabaseFileError(`database ${name} was detached while it was being attached`);
  if (options.openFile === false) return { id, path, flags, shared: undefined };
  const tdbFlags = await link.control("DB_OPEN_FLAGS", id, limits);
  const opener = await context.files();
  try {
    return { id, path, flags, shared: shareFile(opener, path, tdbFlags, link.modules) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DatabaseFileError(`the file of database ${name} cannot be opened: ${reason}`, { cause: error });
  }
}

/** Sends a control about a database to every connected node. Fails as soon as one of them fails, or goes away. */
async function onAllNodes(
  link: DaemonLink,
  control: "SET_DB_READONLY" | "SET_DB_STICKY",
  id: number,
  limits: { readonly signal?: AbortSignal },
): Promise<void> {
  const { nodes } = await link.control("GET_NODEMAP", undefined, limits);
  const unreachable = NodeFlag.DISCONNECTED | NodeFlag.DELETED;
  const connected = nodes.filter((node) => (node.flags & unreachable) === 0);
  await Promise.all(connected.map((node) => link.control(control, id, { ...limits, pnn: node.pnn })));
}
