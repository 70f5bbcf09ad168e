// Cluster-wide locks in g_lock.tdb, as smbd, `net g_lock` and the ctdb tool take them: they belong to a process, not to a chain of a
// file, so they may be held for long and across awaits. client.ts makes one GLocks for each client; transactions use it too.
import { ProtocolError, SambaMessage, type ServerId, srvidHigh, srvidLow } from "../protocol/index.js";
import { TdbError } from "../tdb/errors.js";
import { onAbort } from "./abort.js";
import type { DaemonLink } from "./daemon-link.js";
import type { Database } from "./database.js";
import {
  ClientError,
  ConnectionLostError,
  DatabaseClosedError,
  GLockRecordError,
  GLockTimeoutError,
  RecordTimeoutError,
  TooManyGLocksError,
} from "./errors.js";
import type { RecordOptions } from "./fetch-lock.js";
import {
  type Attempt,
  attempt,
  type Claim,
  type GLockFormat,
  type GLockMode,
  holdersOf,
  leave,
  type RecordChange,
  sameServer,
  UnknownGLockFormat,
} from "./g-lock-record.js";
import type { MessageHandler } from "./message-registry.js";
import type { OwnProcess } from "./own-process.js";
import {
  CLAIMS_PER_SESSION,
  claimSession,
  claimTaskId,
  mayExist,
  NOT_TO_VERIFY,
  sessionSrvid,
} from "./process-check.js";
import type { LockedRecord } from "./record.js";
import { isLimit } from "./record-queue.js";
import { deadlineAfter, NEVER_MS } from "./time.js";

export interface GLockOptions {
  /** Default "write". */
  readonly mode?: GLockMode;
  /**
   * Format of the record, default "samba": C programs see the lock only if it is in their own. Locks of the other format that are
   * held are waited for in both.
   */
  readonly format?: GLockFormat;
  /** 0: no time limit. Default: `recordTimeoutMs` of the client. */
  readonly timeoutMs?: number;
  /** Gives up waiting. */
  readonly signal?: AbortSignal;
}

/** What a GLocks needs of its client. */
export interface GLocksContext {
  readonly link: DaemonLink;
  readonly recordTimeoutMs: number;
  readonly process: OwnProcess;
  attach(name: string): Promise<Database>;
  onMessage(srvid: bigint, handler: MessageHandler): Promise<unknown>;
}

const LOCK_DATABASE = "g_lock.tdb";
/** Samba's message "a record that you watch was changed"; the body is the watcher's instance. */
const MSG_DBWRAP_MODIFIED = 4003;
const INSTANCE_BYTES = 8;
/** Between clients of this library: "somebody waits for the claim `dst`, is it still yours?"; the body is the record's key. */
const MSG_CLAIM_IN_THE_WAY = 0xc701;
/** When a waiter first looks whether the holder is alive, and how often afterwards; a random part keeps waiters apart. */
const FIRST_CHECK_MS = 10;
const CHECK_MS = 500;
const CHECK_RANDOM_MS = 250;
/** How often a waiter looks whom nobody will tell: holders of the tool's format, and Samba processes of this node, which send
 * such messages over a socket of their own. The pause grows from the first to the second. */
const LOOK_MIN_MS = 1;
const LOOK_MAX_MS = 16;
/** Looks before the pause grows. */
const LOOKS_SHORT = 32;
/** Times that this client may take a free lock while others wait for it. */
const OVERTAKES_MAX = 8;
/** Locks that are granted before the event loop gets a turn: most need nothing of it, and a loop of them would stop all else. */
const GRANTS_PER_TURN = 16;
/** Locks that one client may hold or wait for at a time. */
const CLAIMS_MAX = CLAIMS_PER_SESSION / 2;

/** A lock that is held. Made by `client.gLock`. */
export class GLock implements AsyncDisposable {
  private state: "held" | "released" | "lost" = "held";
  /** Made for who asks for its signal: most locks are taken and released without. */
  private loss: AbortController | undefined;
  private lossError: ConnectionLostError | undefined;
  private releasing: Promise<void> | undefined;

  constructor(
    private readonly locks: GLocks,
    readonly name: string,
    readonly key: Buffer,
    readonly claim: Claim,
  ) {}

  get mode(): GLockMode {
    return this.claim.mode;
  }

  get format(): GLockFormat {
    return this.claim.format;
  }

  /** The holder as others see it. */
  get server(): ServerId {
    return this.claim.server;
  }

  /** False after `release`, and after the connection to the daemon was lost: others may have the lock then. */
  get isHeld(): boolean {
    return this.state === "held";
  }

  /** Aborted when the lock is lost with the connection; its reason is the ConnectionLostError. */
  get lost(): AbortSignal {
    if (this.loss === undefined) {
      this.loss = new AbortController();
      if (this.lossError !== undefined) this.loss.abort(this.lossError);
    }
    return this.loss.signal;
  }

  /** Gives the lock back. Resolves when others can have it, or when the connection is lost, which gives it back too. Idempotent. */
  release(): Promise<void> {
    if (this.state === "held") {
      this.state = "released";
      this.releasing = this.locks.release(this);
    }
    return this.releasing ?? Promise.resolve();
  }

  /** Called by GLocks. */
  connectionLost(error: ConnectionLostError): void {
    if (this.state !== "held") return;
    this.state = "lost";
    this.lossError = error;
    this.loss?.abort(error);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }
}

/** One that waits for a change of a record. */
class Waiter {
  /** A message came while nobody was listening. */
  private told = false;
  private wakeUp: ((why: "told") => void) | undefined;

  tell(): void {
    this.told = true;
    this.wakeUp?.("told");
  }

  /** Waits for a message, `pauseMs` at most. Rejects when `signal` is aborted. */
  pause(link: DaemonLink, pauseMs: number, signal: AbortSignal | undefined): Promise<"told" | "time"> {
    if (this.told) {
      this.told = false;
      return Promise.resolve("told");
    }
    return new Promise((resolve, reject) => {
      const timer = link.modules.timers.after(pauseMs, () => end(() => resolve("time")));
      const stopListening = onAbort(signal, (reason) => end(() => reject(reason)));
      const end = (settle: () => void): void => {
        timer.cancel();
        stopListening();
        this.wakeUp = undefined;
        this.told = false;
        settle();
      };
      this.wakeUp = (why) => end(() => resolve(why));
    });
  }
}

interface Limits {
  readonly timeoutMs: number;
  readonly deadlineMs: number;
  readonly signal: AbortSignal | undefined;
}

/** A claim in a record: a lock, or what a record says of one. */
type Entry = Pick<GLock, "name" | "key" | "server">;

/** What earlier looks at the record have shown. */
interface Known {
  /** Holders that do not live any more. */
  readonly gone: readonly ServerId[];
  /** Who was in the way at the last one. */
  readonly blockersBefore: readonly ServerId[];
}

/** An attempt, and the record's value after it. */
interface Look {
  readonly attempt: Attempt;
  readonly value: Uint8Array;
}

export class GLocks {
  private readonly held = new Set<GLock>();
  private readonly waiters = new Map<bigint, Waiter>();
  private database: Promise<Database> | undefined;
  private listening: Promise<unknown> | undefined;
  private session: Promise<number> | undefined;
  /** The last one's number: 12 bits. */
  private sessionNumber: number | undefined;
  /** Task ids that this client uses, of the session that is and of those before. */
  private readonly taskIds = new Set<number>();
  private claimsMade = 0;
  private grants = 0;
  private losses = 0;
  private lastLoss: ConnectionLostError | undefined;
  /** By name, while others wait: how often this client has gone before them. */
  private readonly overtakes = new Map<string, number>();

  constructor(private readonly context: GLocksContext) {}

  /** See `client.gLock`. */
  async take(name: string, options: GLockOptions): Promise<GLock> {
    const { link, recordTimeoutMs } = this.context;
    const { signal, format = "samba" } = options;
    signal?.throwIfAborted();
    const timeoutMs = options.timeoutMs ?? recordTimeoutMs;
    const limits = { timeoutMs, deadlineMs: deadlineAfter(link.modules.clock, timeoutMs), signal };
    const lossesBefore = this.losses;
    const database = await this.open();
    await this.listen();
    const claim = await this.newClaim(options.mode ?? "write", format);
    const lock = new GLock(this, name, Buffer.from(`${name}\0`), claim);
    const waiter = new Waiter();
    this.waiters.set(claim.instance, waiter);
    try {
      await this.wait(lock, database, waiter, limits, lossesBefore);
    } catch (error) {
      // Nobody waits for this: it ends when the record can be had again, or with the connection.
      this.leaveRecord(lock).catch(unlessBug);
      throw error;
    } finally {
      this.waiters.delete(claim.instance);
    }
    this.held.add(lock);
    this.grants += 1;
    if (this.grants % GRANTS_PER_TURN === 0) await new Promise<void>((turn) => link.modules.timers.nextTurn(turn));
    return lock;
  }

  /** Called by the lock. */
  release(lock: GLock): Promise<void> {
    this.held.delete(lock);
    return this.leaveRecord(lock);
  }

  /** See `client.gLockHolders`. */
  async holders(name: string, options: RecordOptions): Promise<ServerId[]> {
    const database = await this.open();
    const value = await database.read(`${name}\0`, options);
    return understood(name, () => holdersOf(value));
  }

  /** Called by the client. Whatever was held may go to others now. */
  connectionLost(error: ConnectionLostError): void {
    this.losses += 1;
    this.lastLoss = error;
    this.session = undefined;
    for (const lock of this.held) {
      this.taskIds.delete(lock.server.taskId);
      lock.connectionLost(error);
    }
    this.held.clear();
    for (const waiter of this.waiters.values()) waiter.tell();
  }

  private async wait(
    lock: GLock,
    database: Database,
    waiter: Waiter,
    limits: Limits,
    lossesBefore: number,
  ): Promise<void> {
    const { link } = this.context;
    const { clock, random } = link.modules;
    const { signal, deadlineMs } = limits;
    let gone: readonly ServerId[] = [];
    let blockersBefore: readonly ServerId[] = [];
    let checkMs = NEVER_MS;
    let checks = 0;
    let looks = 0;
    while (true) {
      signal?.throwIfAborted();
      if (this.losses !== lossesBefore && this.lastLoss !== undefined) throw this.lastLoss;
      const { attempt, value } = await this.tryOnce(lock, database, { gone, blockersBefore }, limits);
      if (attempt.granted) return;
      const { blockers, suspects } = attempt;
      if (!sameServers(blockers, blockersBefore)) {
        checkMs = clock.now() + FIRST_CHECK_MS;
        checks = 0;
      }
      blockersBefore = blockers;
      gone = [];
      const willBeTold = attempt.watched && !blockers.some((server) => this.tellsNobodyHere(server));
      // Until something happens: a message, a change that can be seen from here, or the time to look after the holders.
      for (let quiet = true; quiet; ) {
        const nowMs = clock.now();
        if (nowMs >= deadlineMs) throw new GLockTimeoutError(lock.name, limits.timeoutMs, blockers);
        if (nowMs >= checkMs) {
          const checked = await Promise.all(suspects.map((server) => mayExist(link, server)));
          gone = suspects.filter((_, i) => checked[i] === false);
          checks += 1;
          if (checks > 1) for (const server of suspects) if (!gone.includes(server)) this.ask(lock, server);
          checkMs = clock.now() + CHECK_MS + (random.uint32() % CHECK_RANDOM_MS);
          break;
        }
        const lookMs = looks < LOOKS_SHORT ? LOOK_MIN_MS : LOOK_MAX_MS;
        const pauseMs = Math.min(checkMs, deadlineMs) - nowMs;
        const why = await waiter.pause(link, willBeTold ? pauseMs : Math.min(pauseMs, lookMs), signal);
        if (why === "told") break;
        if (willBeTold) continue;
        looks += 1;
        // As long as the record is here and as it was, nobody has let go: no need to lock it, or to fetch it from elsewhere.
        quiet = this.isHereAs(database, lock, value);
      }
    }
  }

  private isHereAs(database: Database, lock: GLock, value: Uint8Array): boolean {
    if (database.state !== "open") return false;
    const local = database.tryRead(lock.key);
    return local.value?.equals(value) ?? false;
  }

  /** One look at the record under its lock. */
  private async tryOnce(lock: GLock, database: Database, known: Known, limits: Limits): Promise<Look> {
    const { clock } = this.context.link.modules;
    const mayOvertake = (this.overtakes.get(lock.name) ?? 0) < OVERTAKES_MAX;
    const terms = { gone: known.gone, mayOvertake, epoch: this.random64() };
    const restMs = isLimit(limits.timeoutMs) ? Math.max(limits.deadlineMs - clock.now(), 1) : 0;
    let look: Look;
    try {
      look = await this.underLock(lock, database, { timeoutMs: restMs, signal: limits.signal }, (record) => {
        const result = understood(lock.name, () => attempt(record.value, lock.claim, terms));
        const value = change(record, result);
        return { attempt: result, value };
      });
    } catch (error) {
      if (!(error instanceof RecordTimeoutError)) throw error;
      throw new GLockTimeoutError(lock.name, limits.timeoutMs, known.blockersBefore, { cause: error });
    }
    if (look.attempt.overtook) this.overtakes.set(lock.name, (this.overtakes.get(lock.name) ?? 0) + 1);
    else if (look.attempt.granted) this.overtakes.delete(lock.name);
    this.wake(lock, look.attempt);
    return look;
  }

  /** Takes a claim of this client out of the record, whether it was granted or not. */
  private async leaveRecord(entry: Entry): Promise<void> {
    try {
      const database = await this.open();
      const left = await this.underLock(entry, database, { timeoutMs: 0, signal: undefined }, (record) => {
        const result = understood(entry.name, () => leave(record.value, entry.server));
        change(record, result);
        return result;
      });
      this.wake(entry, left);
    } catch (error) {
      // With the connection the claim has lost its identity: others see that it is nobody's.
      if (!(error instanceof ConnectionLostError) && !(error instanceof DatabaseClosedError)) throw error;
    } finally {
      this.taskIds.delete(entry.server.taskId);
    }
  }

  /** Calls `look` with the record locked: in this turn if it is here and free. */
  private async underLock<T>(
    { key }: Entry,
    database: Database,
    limits: { readonly timeoutMs: number; readonly signal: AbortSignal | undefined },
    look: (record: LockedRecord) => T,
  ): Promise<T> {
    let result: { readonly value: T } | undefined;
    const visit = (record: LockedRecord): void => {
      result = { value: look(record) };
    };
    if (database.state !== "open" || !database.withRecordSync(key, visit)) {
      const { timeoutMs, signal } = limits;
      await database.withRecord(key, visit, signal === undefined ? { timeoutMs } : { timeoutMs, signal });
    }
    if (result === undefined) throw new Error("the record was not looked at: a bug");
    return result.value;
  }

  /** Tells a waiter, here or elsewhere, that the record has changed. */
  private wake(from: Entry, { wake }: RecordChange): void {
    if (wake === undefined) return;
    const { server, instance } = wake;
    const waiter = this.waiters.get(instance);
    if (waiter !== undefined) {
      waiter.tell();
      return;
    }
    const body = Buffer.alloc(INSTANCE_BYTES);
    body.writeBigUInt64LE(instance);
    this.send(server, from.server, MSG_DBWRAP_MODIFIED, body);
  }

  /**
   * Asks the client that made the claim `server`, which lives, whether the claim does: a node that drops out takes the newest copies of
   * records with it, and an older one of this record may name somebody who has given the lock back since.
   */
  private ask(lock: GLock, server: ServerId): void {
    if (claimSession(server) !== undefined) this.send(server, lock.server, MSG_CLAIM_IN_THE_WAY, lock.key);
  }

  private send(dst: ServerId, src: ServerId, messageType: number, body: Buffer): void {
    const message = SambaMessage.encode({ dst, src, messageType, body });
    try {
      this.context.link.sendMessage(dst.vnn, srvidHigh(dst.pid), srvidLow(dst.pid), message);
    } catch (error) {
      // A change is made already, and whoever waits for it looks by itself after a while; questions are asked again.
      if (!(error instanceof ClientError)) throw error;
    }
  }

  private heard(data: Buffer): void {
    let message: SambaMessage;
    try {
      message = SambaMessage.decode(data);
    } catch (error) {
      // Anybody may send anything to the srvid of this process.
      if (!(error instanceof ProtocolError)) throw error;
      return;
    }
    const { messageType, dst } = message;
    const body = Buffer.from(message.body);
    if (messageType === MSG_DBWRAP_MODIFIED && body.length === INSTANCE_BYTES) {
      this.waiters.get(body.readBigUInt64LE())?.tell();
    } else if (messageType === MSG_CLAIM_IN_THE_WAY) {
      this.leaveIfForgotten({ name: body.toString().replace(/\0$/, ""), key: body, server: dst });
    }
  }

  /** Takes a claim that this client made, and does not know any more, out of the record that names it. */
  private leaveIfForgotten(entry: Entry): void {
    const { server } = entry;
    const { link, process } = this.context;
    if (server.vnn !== link.pnn || server.pid !== BigInt(process.pid)) return;
    // Claims of other clients of this process, and of sessions that are over, are not this client's business.
    if (this.sessionNumber === undefined || claimSession(server) !== this.sessionNumber) return;
    if (this.taskIds.has(server.taskId) || this.taskIds.size >= CLAIMS_MAX) return;
    // Nothing new may get this identity until the old one is gone.
    this.taskIds.add(server.taskId);
    // Nobody waits for this: who asked asks again.
    this.leaveRecord(entry).catch(unlessBug);
  }

  /** Samba processes of this node send their messages over sockets of their own, not through the daemon. */
  private tellsNobodyHere(server: ServerId): boolean {
    return server.vnn === this.context.link.pnn && server.uniqueId !== NOT_TO_VERIFY;
  }

  private async open(): Promise<Database> {
    this.database ??= this.context.attach(LOCK_DATABASE);
    try {
      return await this.database;
    } catch (error) {
      this.database = undefined;
      throw error;
    }
  }

  private async listen(): Promise<void> {
    this.listening ??= this.context.onMessage(BigInt(this.context.process.pid), (data) => this.heard(data));
    try {
      await this.listening;
    } catch (error) {
      this.listening = undefined;
      throw error;
    }
  }

  private async newClaim(mode: GLockMode, format: GLockFormat): Promise<Claim> {
    const { link } = this.context;
    this.session ??= this.beginSession();
    let session: number;
    try {
      session = await this.session;
    } catch (error) {
      this.session = undefined;
      throw error;
    }
    if (this.taskIds.size >= CLAIMS_MAX) throw new TooManyGLocksError(CLAIMS_MAX);
    let taskId: number;
    do {
      taskId = claimTaskId(session, this.claimsMade);
      this.claimsMade += 1;
    } while (this.taskIds.has(taskId));
    this.taskIds.add(taskId);
    const server = { pid: BigInt(this.context.process.pid), taskId, vnn: link.pnn, uniqueId: NOT_TO_VERIFY };
    return { mode, format, server, instance: this.random64() };
  }

  /** A new identity for this connection, which the daemon vouches for as long as it stands. */
  private async beginSession(): Promise<number> {
    const { link } = this.context;
    const session = this.context.process.nextSession(link.modules.random);
    await link.control("REGISTER_SRVID", undefined, { srvid: sessionSrvid(session) });
    this.sessionNumber = session & 0xfff;
    return session;
  }

  private random64(): bigint {
    const { random } = this.context.link.modules;
    return (BigInt(random.uint32()) << 32n) | BigInt(random.uint32());
  }
}

/** For what is done in passing: nobody is told that it failed. Anything but a failure of the cluster or of a file still surfaces. */
function unlessBug(error: unknown): void {
  if (!(error instanceof ClientError) && !(error instanceof TdbError)) throw error;
}

/** Writes what has changed, and gives the value that is in the record now. */
function change(record: LockedRecord, { value }: RecordChange): Uint8Array {
  if (value === undefined) return Buffer.from(record.value ?? "");
  if (value.length === 0) {
    if (record.value !== undefined) record.delete();
  } else if (record.value === undefined || !record.value.equals(value)) {
    record.store(value);
  }
  return value;
}

function understood<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnknownGLockFormat) throw new GLockRecordError(name, error);
    throw error;
  }
}

function sameServers(a: readonly ServerId[], b: readonly ServerId[]): boolean {
  return a.length === b.length && a.every((server) => b.some((other) => sameServer(server, other)));
}
