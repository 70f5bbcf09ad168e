// Traverses: of the whole cluster through the daemon, and of the local file alone. database.ts offers both.
import {
  Control,
  checkReplyControl,
  Operation,
  PacketWriter,
  Pnn,
  ProtocolError,
  RECORD_HEADER_SIZE,
  RecordWalker,
  recordHeaderDmaster,
  recordHeaderFlags,
  recordHeaderRsn,
  replyControlErrorText,
  replyControlStatus,
  reqMessageData,
  reqMessageSrvidHi,
  reqMessageSrvidLo,
  TraverseStart,
  TraverseStartExt,
  writeReqControl,
} from "../protocol/index.js";
import type { TdbFile } from "../tdb/tdb-file.js";
import { onAbort } from "./abort.js";
import { Connection } from "./connection.js";
import { ControlFailedError, ControlTimeoutError, MalformedReplyError, TraverseTimeoutError } from "./errors.js";
import { isLimit, RecordQueue, type TraversedRecord } from "./record-queue.js";
import { type ClientModules, deadlineAfter } from "./time.js";
import type { ClientTransport } from "./transport.js";

export interface TraverseOptions {
  /** Also deliver empty records (deleted ones that are not vacuumed away yet). Default false. */
  readonly withEmptyRecords?: boolean;
  /** Longest wait for the next record. The daemon ends a traverse by itself after TraverseTimeout (20 s). Default 30 000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface LocalTraverseOptions {
  /**
   * "owned" (default): records with data that this node owns, so that the local traverses of all nodes together see each record
   * once. "all": whatever is in the file, stale copies and empty records too.
   */
  readonly records?: "owned" | "all";
  readonly signal?: AbortSignal;
}

const TRAVERSE_TIMEOUT_MS = 30_000;
/** Records that one slice of a local traverse reads before others get their turn. */
const SLICE_RECORDS = 256;
const BUSY_PAUSE_MS = 2;
const SEND_QUEUE_MAX_BYTES = 64 * 1024;
/** Message ids of client libraries: 0xBE in the top byte, the rest is free. */
const CLIENT_SRVID_HIGH = 0xbe000000;

export interface TraverseContext {
  readonly name: string;
  readonly id: number;
  readonly transport: ClientTransport;
  readonly modules: ClientModules;
  /** Time limit for the controls that start it. */
  readonly timeoutMs: number;
}

/**
 * All records of a database, from all nodes: TRAVERSE_START (control 20) or TRAVERSE_START_EXT (131). It has a connection of its
 * own, which is read only as fast as the caller iterates, so that everything else on the client's connection goes on. A record
 * that migrates meanwhile may be missed or come twice. Leaving the loop ends the traverse on all nodes.
 */
export async function* traverseCluster(
  context: TraverseContext,
  options: TraverseOptions,
): AsyncGenerator<TraversedRecord, void, undefined> {
  const { signal } = options;
  const timeoutMs = options.timeoutMs ?? TRAVERSE_TIMEOUT_MS;
  const srvidHi = (CLIENT_SRVID_HIGH | (context.modules.random.uint32() & 0x00ff_ffff)) >>> 0;
  const srvidLo = context.modules.random.uint32();
  let connection: Connection | undefined;
  const queue = new RecordQueue((paused) => connection?.pauseReading(paused));
  connection = await Connection.open(
    context.transport,
    context.modules,
    { sendQueueMaxBytes: SEND_QUEUE_MAX_BYTES },
    {
      onMessage: (packet) => {
        if (reqMessageSrvidHi(packet) !== srvidHi || reqMessageSrvidLo(packet) !== srvidLo) return;
        takeMessage(queue, context.name, reqMessageData(packet));
      },
      onTunnel: () => {},
      onLost: (error) => queue.lose(error),
      onDrain: () => {},
    },
    signal,
  );
  const stopListening = onAbort(signal, (reason) => queue.fail(reason));
  try {
    if (signal?.aborted) throw signal.reason;
    const { random } = context.modules;
    const reqid = (random.uint32() >>> 1) + 1;
    const srvid = (BigInt(srvidHi) << 32n) | BigInt(srvidLo);
    await sendControl(connection, context, "REGISTER_SRVID", srvid, new Uint8Array(0));
    if (options.withEmptyRecords === true) {
      const request = { dbId: context.id, reqid, srvid, withEmptyRecords: true };
      await sendControl(connection, context, "TRAVERSE_START_EXT", srvid, TraverseStartExt.encode(request));
    } else {
      await sendControl(
        connection,
        context,
        "TRAVERSE_START",
        srvid,
        TraverseStart.encode({ dbId: context.id, reqid, srvid }),
      );
    }
    while (true) {
      const record = queue.take();
      if (record !== undefined) {
        yield record;
        continue;
      }
      if (queue.isEnded) return;
      const timer = isLimit(timeoutMs)
        ? context.modules.timers.after(timeoutMs, () => queue.fail(new TraverseTimeoutError(context.name, timeoutMs)))
        : undefined;
      await queue.changed();
      timer?.cancel();
    }
  } finally {
    stopListening();
    // The daemon kills a traverse whose client goes away.
    connection.close();
  }
}

function takeMessage(queue: RecordQueue, database: string, data: Buffer): void {
  try {
    const walker = new RecordWalker(data, 0);
    walker.advance();
    if (walker.keyLength === 0 && walker.dataLength === 0) {
      queue.end();
      return;
    }
    // A record without header is none; daemons do not send such ones.
    if (!walker.hasHeader) return;
    const value = walker.value;
    queue.push({
      key: Buffer.from(walker.key),
      value: value.length === 0 ? undefined : Buffer.from(value),
      rsn: walker.rsn,
      dmaster: walker.dmaster,
      flags: walker.flags,
    });
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    queue.fail(new MalformedReplyError(`a record of the traverse of ${database}`, error));
  }
}

function sendControl(
  connection: Connection,
  context: TraverseContext,
  name: "REGISTER_SRVID" | "TRAVERSE_START" | "TRAVERSE_START_EXT",
  srvid: bigint,
  payload: Uint8Array,
): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.checkSendable();
    const writer = new PacketWriter();
    const reqid = connection.add({
      replyOperation: Operation.REPLY_CONTROL,
      deadlineMs: deadlineAfter(context.modules.clock, context.timeoutMs),
      onReply(packet) {
        try {
          checkReplyControl(packet);
        } catch (error) {
          reject(new MalformedReplyError(`the reply to control ${name}`, error));
          return;
        }
        const status = replyControlStatus(packet);
        if (status === 0) resolve();
        else reject(new ControlFailedError(name, Pnn.CURRENT_NODE, status, replyControlErrorText(packet)));
      },
      onTimeout: () => reject(new ControlTimeoutError(name, Pnn.CURRENT_NODE, context.timeoutMs)),
      onLost: reject,
    });
    const high = Number(srvid >> 32n);
    const low = Number(srvid & 0xffff_ffffn);
    writeReqControl(writer, 0, Pnn.CURRENT_NODE, 0, reqid, Control[name], high, low, 0, 0, payload);
    connection.send(writer);
  });
}

/**
 * The records of the local file, in slices that hold no lock while the caller works. Chains that other processes hold are visited
 * later, so a frozen database makes it wait.
 */
export async function* traverseFile(
  file: TdbFile,
  modules: ClientModules,
  options: LocalTraverseOptions,
  ownedBy: (dmaster: number) => boolean,
  stillUsable: () => void,
): AsyncGenerator<TraversedRecord, void, undefined> {
  const { signal } = options;
  const all = options.records === "all";
  const cursor = file.openCursor();
  try {
    while (true) {
      signal?.throwIfAborted();
      stillUsable();
      const slice: TraversedRecord[] = [];
      const result = cursor.slice(SLICE_RECORDS, (key, stored) => {
        if (stored.length < RECORD_HEADER_SIZE) return;
        const empty = stored.length === RECORD_HEADER_SIZE;
        const dmaster = recordHeaderDmaster(stored, 0);
        if (!all && (empty || !ownedBy(dmaster))) return;
        slice.push({
          key: Buffer.from(key),
          value: empty ? undefined : Buffer.from(stored.subarray(RECORD_HEADER_SIZE)),
          rsn: recordHeaderRsn(stored, 0),
          dmaster,
          flags: recordHeaderFlags(stored, 0),
        });
      });
      yield* slice;
      if (result === "done") return;
      await new Promise<void>((resolve) => {
        if (result === "busy") modules.timers.after(BUSY_PAUSE_MS, resolve);
        else modules.timers.nextTurn(resolve);
      });
    }
  } finally {
    cursor.close();
  }
}
