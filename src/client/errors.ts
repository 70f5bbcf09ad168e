// Every error that the client library throws of its own. An aborted call rejects with the reason of its AbortSignal instead.
import { Pnn, type ServerId } from "../protocol/index.js";

/** Base of all errors of this library: `error instanceof ClientError` tells them from bugs. */
export class ClientError extends Error {
  override readonly name: string = "ClientError";
}

/** The daemon's socket could not be reached, or the daemon did not answer the first control (GET_PNN). */
export class ConnectError extends ClientError {
  override readonly name = "ConnectError";
  constructor(
    /** What was connected to, like the path of the socket. */
    readonly target: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`cannot connect to the ctdb daemon at ${target}: ${reason}`, options);
  }
}

/**
 * The connection to the daemon ended. Calls that were in flight fail with it: whether the daemon has executed them is unknown.
 * Record handles that were held have lost their lock.
 */
export class ConnectionLostError extends ClientError {
  override readonly name: string = "ConnectionLostError";
  constructor(readonly reason: string) {
    super(`the connection to the ctdb daemon is lost: ${reason}`);
  }
}

/** The call was made on, or cut off by, a client that this process closed itself. */
export class ClientClosedError extends ConnectionLostError {
  override readonly name = "ClientClosedError";
  constructor() {
    super("the client was closed by this process");
  }
}

/** The daemon answered a control with a status other than 0. */
export class ControlFailedError extends ClientError {
  override readonly name = "ControlFailedError";
  constructor(
    /** Name of the control, like `GETDBPATH`. */
    readonly control: string,
    /** Node that the control was sent to; 0xF0000001 is the local node. */
    readonly pnn: number,
    /** Status of the reply: -1 for most failures, an errno for some controls. */
    readonly status: number,
    /** Error text of the daemon; empty for most failures. */
    readonly text: string,
  ) {
    super(`control ${control} failed on ${nodeName(pnn)} with status ${status}${text === "" ? "" : `: ${text}`}`);
  }
}

/** No reply to a control came in time. A reply that comes later is dropped. */
export class ControlTimeoutError extends ClientError {
  override readonly name = "ControlTimeoutError";
  constructor(
    readonly control: string,
    readonly pnn: number,
    readonly timeoutMs: number,
  ) {
    super(`no reply to control ${control} from ${nodeName(pnn)} within ${timeoutMs} ms`);
  }
}

/** A reply or a message of the daemon breaks the layout of the protocol; `cause` is the ProtocolError. */
export class MalformedReplyError extends ClientError {
  override readonly name = "MalformedReplyError";
  constructor(what: string, cause: unknown) {
    super(`${what} cannot be decoded: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** More bytes wait to be sent than `sendQueueMaxBytes` allows: the daemon does not read. Wait for `client.drained()`. */
export class SendQueueFullError extends ClientError {
  override readonly name = "SendQueueFullError";
  constructor(
    readonly queuedBytes: number,
    readonly maxBytes: number,
  ) {
    super(`${queuedBytes} bytes wait to be sent to the ctdb daemon, the limit is ${maxBytes}; await client.drained()`);
  }
}

/** So many requests wait for replies on one connection that another one was refused. */
export class TooManyRequestsError extends ClientError {
  override readonly name = "TooManyRequestsError";
  constructor(readonly limit: number) {
    super(`${limit} requests wait for a reply from the ctdb daemon; wait for some of them before sending more`);
  }
}

/** What a record operation was waiting for when its time ran out. */
export type RecordWait =
  /** Another fetchLock of this process holds or wants the same key or chain. */
  | "a record handle of this process"
  /** Another process holds the chain lock in the TDB file, or the database is frozen by a recovery. */
  | "the chain lock of another process"
  /** The record is on another node and the reply to REQ_CALL has not come. */
  | "the record from another node"
  /** The connection was lost and the database is not attached again yet. */
  | "the database to be attached again";

/** A record could not be locked or read in time. Nothing is left locked. */
export class RecordTimeoutError extends ClientError {
  override readonly name = "RecordTimeoutError";
  constructor(
    readonly database: string,
    readonly operation: "fetchLock" | "read",
    readonly timeoutMs: number,
    readonly waitedFor: RecordWait,
    options?: ErrorOptions,
  ) {
    super(`${operation} in ${database}: still waiting for ${waitedFor} after ${timeoutMs} ms`, options);
  }
}

/** The daemon answered a REQ_CALL with an error. */
export class CallFailedError extends ClientError {
  override readonly name = "CallFailedError";
  constructor(
    readonly database: string,
    readonly status: number,
    readonly text: string,
  ) {
    super(`REQ_CALL in ${database} failed with status ${status}${text === "" ? "" : `: ${text}`}`);
  }
}

/** A record handle was used after `release()`, or after its connection was lost. */
export class RecordReleasedError extends ClientError {
  override readonly name = "RecordReleasedError";
  constructor(
    readonly database: string,
    reason: string,
  ) {
    super(`the record handle in ${database} holds no lock any more: ${reason}`);
  }
}

/** The operation does not fit the type of the database, like fetchLock on a persistent one. */
export class DatabaseTypeError extends ClientError {
  override readonly name = "DatabaseTypeError";
}

/** The database was closed by `close()`. */
export class DatabaseClosedError extends ClientError {
  override readonly name = "DatabaseClosedError";
  constructor(readonly database: string) {
    super(`database ${database} was closed`);
  }
}

/** The TDB file of a database cannot be opened or used; `cause` has the reason of the file layer. */
export class DatabaseFileError extends ClientError {
  override readonly name = "DatabaseFileError";
}

/** A traverse got neither a record nor its end in time. */
export class TraverseTimeoutError extends ClientError {
  override readonly name = "TraverseTimeoutError";
  constructor(
    readonly database: string,
    readonly timeoutMs: number,
  ) {
    super(`traverse of ${database}: no record and no end within ${timeoutMs} ms`);
  }
}

/** A g_lock was not free in time. The claim is taken back. */
export class GLockTimeoutError extends ClientError {
  override readonly name = "GLockTimeoutError";
  constructor(
    /** Name of the lock. */
    readonly lock: string,
    readonly timeoutMs: number,
    /** Who was in the way at the last look; empty where the lock's record itself could never be had (`cause`). */
    readonly holders: readonly ServerId[],
    options?: ErrorOptions,
  ) {
    const who = holders.map(({ pid, vnn }) => `process ${pid} on node ${vnn}`).join(", ");
    super(
      `no lock ${lock} within ${timeoutMs} ms: ${who === "" ? "its record could not be had" : `held by ${who}`}`,
      options,
    );
  }
}

/** The record of a g_lock is in no format that this library knows: another program uses g_lock.tdb in its own way. */
export class GLockRecordError extends ClientError {
  override readonly name = "GLockRecordError";
  constructor(
    readonly lock: string,
    cause: Error,
  ) {
    super(`the record of lock ${lock} cannot be read: ${cause.message}`, { cause });
  }
}

/** One client holds or waits for too many g_locks. */
export class TooManyGLocksError extends ClientError {
  override readonly name = "TooManyGLocksError";
  constructor(readonly limit: number) {
    super(`one client can hold or wait for ${limit} locks in g_lock.tdb at a time`);
  }
}

/** A transaction was used after its function had ended, or it was asked to do what its kind cannot. */
export class TransactionEndedError extends ClientError {
  override readonly name = "TransactionEndedError";
  constructor(readonly database: string) {
    super(`the transaction on ${database} has ended`);
  }
}

/**
 * Each time the transaction was to be committed the database had been changed since it began: by programs that lock in the other
 * format, or by recoveries. Nothing of it is stored.
 */
export class TransactionConflictError extends ClientError {
  override readonly name = "TransactionConflictError";
  constructor(
    readonly database: string,
    readonly attempts: number,
  ) {
    super(`the transaction on ${database} was overtaken by others ${attempts} times; nothing of it is stored`);
  }
}

/** The cluster did not take the transaction in time: a recovery has not ended, or another commit. Nothing of it is stored. */
export class TransactionTimeoutError extends ClientError {
  override readonly name = "TransactionTimeoutError";
  constructor(
    readonly database: string,
    readonly timeoutMs: number,
    options?: ErrorOptions,
  ) {
    super(`the transaction on ${database} was not accepted within ${timeoutMs} ms; nothing of it is stored`, options);
  }
}

/**
 * The transaction was sent to be committed, and then it could not be found out what became of it: it is stored on all nodes or on
 * none. `cause` says what happened to the commit.
 */
export class TransactionUnknownOutcomeError extends ClientError {
  override readonly name = "TransactionUnknownOutcomeError";
  constructor(
    readonly database: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`whether the transaction on ${database} was committed is not known: ${reason}`, options);
  }
}

/** A tunnel request got no reply in time. */
export class TunnelTimeoutError extends ClientError {
  override readonly name = "TunnelTimeoutError";
  constructor(
    readonly tunnelId: bigint,
    readonly pnn: number,
    readonly timeoutMs: number,
  ) {
    super(`no reply from node ${pnn} through tunnel 0x${tunnelId.toString(16)} within ${timeoutMs} ms`);
  }
}

function nodeName(pnn: number): string {
  if (pnn === Pnn.CURRENT_NODE) return "the local node";
  return pnn < Pnn.CURRENT_NODE ? `node ${pnn}` : `destination 0x${pnn.toString(16)}`;
}
