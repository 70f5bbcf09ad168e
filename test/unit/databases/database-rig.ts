// The databases of one node with files and time in memory, and the controls that reach them: for the tests of attach, freeze,
// recovery and traverse.
import { type AttachControls, attachControls } from "../../../src/databases/attach-controls.js";
import type { Database } from "../../../src/databases/database.js";
import { DatabaseSet } from "../../../src/databases/database-set.js";
import { recoveryControls } from "../../../src/databases/recovery-controls.js";
import type { HeldDatabaseEvents, LockHelperPort } from "../../../src/locks/lock-helper-port.js";
import { LockScheduler } from "../../../src/locks/lock-scheduler.js";
import type { Clock } from "../../../src/platform/ports.js";
import {
  type ControlName,
  type ControlReply,
  type ControlRequest,
  decodeControlReply,
  RunState,
  writeRecordHeader,
} from "../../../src/protocol/index.js";
import { ReadOnlyCopies } from "../../../src/records/read-only.js";
import { StickyRecords } from "../../../src/records/sticky-records.js";
import { MemoryDisk } from "../../../src/simulator/files/memory-disk.js";
import type { TdbFile } from "../../../src/tdb/tdb-file.js";
import { FakeTime, RecordingLogger } from "../fake-time.js";
import { type Answered, answered } from "./answered-call.js";

const OWN_PNN = 0;
export const NODES = 3;
const VOLATILE_DIRECTORY = "/volatile";
const PERSISTENT_DIRECTORY = "/persistent";
/** Client connections of this node. */
export const CLIENT = 5;

/** Never gets a lock by itself. */
class IdleHelper implements LockHelperPort {
  holder: HeldDatabaseEvents | undefined;
  start(): void {}
  openDatabase(): void {}
  closeDatabase(): void {}
  wait(): void {}
  release(): void {}
  holdDatabase(_path: string, _flags: number, events: HeldDatabaseEvents) {
    this.holder = events;
    return { release: () => {} };
  }
  findHolders(_db: number, _chain: number | undefined, done: (holders: readonly []) => void): void {
    done([]);
  }
}

export interface SentMessage {
  readonly destnode: number;
  readonly srvid: bigint;
  readonly data: Buffer;
}

export class DatabaseRig {
  readonly time = new FakeTime();
  readonly logger = new RecordingLogger();
  readonly disk = new MemoryDisk({ timers: this.time, random: { uint32: () => 0 } }, { checkMarks: false });
  readonly helper = new IdleHelper();
  readonly state = { isRecovering: false, isInactive: false, runState: RunState.RUNNING as number, generation: 7 };
  readonly tunables = { allowClientDbAttach: true, deferredAttachSeconds: 120 };
  readonly clients = new Set([CLIENT]);
  readonly broadcasts: string[] = [];
  readonly events: string[] = [];
  readonly sent: SentMessage[] = [];
  /** Why a recovery was asked for. */
  readonly recoveries: string[] = [];
  readonly unhealthy = new Map<string, string>();
  lmasters = Array.from({ length: NODES }, (_, pnn) => pnn);
  recBufferSizeLimit = 1_000_000;
  congested = false;
  /** Gets each file that the daemon opens. */
  fileOpened: (file: TdbFile) => void = () => {};
  /** By how much the clock goes on when it is read: so slices end before their work does. */
  clockStepMs = 0;
  private readonly drained: Array<() => void> = [];
  private readonly receivers = new Map<(data: Buffer) => void, bigint>();
  private readonly daemon = this.process(1, "ctdbd");
  readonly databases: DatabaseSet;
  readonly attaching: AttachControls;
  private readonly handlers: object;

  constructor(options: { readonly mutexes?: boolean } = {}) {
    const { time, logger } = this;
    let stepsMs = 0;
    const clock: Clock = {
      now: () => {
        stepsMs += this.clockStepMs;
        return time.now() + stepsMs;
      },
      wall: () => time.wall(),
    };
    this.databases = new DatabaseSet(
      {
        clock: time,
        timers: time,
        logger,
        random: { uint32: () => 0 },
        locks: new LockScheduler({ clock: time, timers: time, logger, helper: this.helper }),
        ownPnn: OWN_PNN,
        vnnMap: () => ({ generation: this.state.generation, map: this.lmasters }),
        openFile: (path, flags) => {
          const file = this.daemon.open({ path, flags, hashSize: 1009 });
          this.fileOpened(file);
          return file;
        },
        listPersistentFiles: () => this.disk.list(PERSISTENT_DIRECTORY),
        health: {
          attachedAtStart: (name) => this.events.push(`at start ${name}`),
          startIsOver: () => this.events.push("start is over"),
          reasonOf: (name) => this.unhealthy.get(name),
          recovered: ({ name }) => this.events.push(`recovered ${name}`),
        },
        generation: () => this.state.generation,
        databaseAttached: () => {},
        databaseFreezes: ({ name }) => this.events.push(`freezes ${name}`),
        databaseFrozen: ({ name }) => this.events.push(`frozen ${name}`),
        databaseThawed: ({ name, rewrittenWhileFrozen }) =>
          this.events.push(`thawed ${name}${rewrittenWhileFrozen ? ", rewritten" : ""}`),
        databaseDetached: ({ name }) => this.events.push(`detached ${name}`),
        lockLost: ({ name }) => this.events.push(`lost ${name}`),
      },
      {
        volatileDirectory: VOLATILE_DIRECTORY,
        persistentDirectory: PERSISTENT_DIRECTORY,
        mutexes: options.mutexes ?? true,
      },
    );
    this.attaching = attachControls({
      logger,
      timers: time,
      databases: this.databases,
      ownPnn: OWN_PNN,
      state: this.state,
      broadcast: {
        request: (pnn: number, name: string, request: string | number) => this.broadcast(pnn, name, request),
      },
      clientExists: (id) => this.clients.has(id),
      readOnlyCopies: (database) =>
        new ReadOnlyCopies({ timers: time, logger, updateRecord: () => {}, finishRecord: () => {} }, database),
      stickyRecords: (database) =>
        new StickyRecords(
          {
            timers: time,
            logger,
            requeue: () => {},
            tunables: () => ({ hopcount: 50, durationSeconds: 600, pindownMs: 200 }),
          },
          database.name,
        ),
      tunables: () => this.tunables,
    });
    this.handlers = {
      ...this.attaching.handlers,
      ...recoveryControls({
        clock,
        timers: time,
        logger,
        databases: this.databases,
        state: this.state,
        messages: {
          register: (owner, srvid) => this.receivers.set(owner, srvid),
          removeOwner: (owner) => this.receivers.delete(owner),
          send: (destnode, srvid, data) => this.sent.push({ destnode, srvid, data: Buffer.from(data) }),
        },
        peers: {
          isCongested: () => this.congested,
          whenDrained: (_, callback) => this.drained.push(callback),
        },
        forceRecovery: (reason) => this.recoveries.push(reason),
        recBufferSizeLimit: () => this.recBufferSizeLimit,
      }),
    };
  }

  /** A process of the same machine, for files that somebody else uses. */
  process(pid: number, commandLine: string) {
    return this.disk.startProcess(pid, commandLine, this.time);
  }

  /** Sends a control; the answer may come later. */
  send<N extends ControlName>(
    name: N,
    request: ControlRequest<N>,
    origin: { readonly srcnode?: number; readonly clientId?: number; readonly flags?: number } = {},
  ): Answered<N> {
    const answer = answered(name, origin.srcnode ?? OWN_PNN, origin.clientId ?? 0, origin.flags ?? 0);
    const handler: unknown = Reflect.get(this.handlers, name);
    if (typeof handler !== "function") throw new Error(`nobody handles ${name}`);
    handler(request, answer.call);
    return answer;
  }

  /** Sends a control, lets the loop turn, and gives "pending" or the status with the error text. */
  ask<N extends ControlName>(name: N, request: ControlRequest<N>, origin = {}): string {
    const answer = this.send(name, request, origin);
    this.time.turn();
    return answer.text;
  }

  /** As `ask`, for controls that answer with a payload. */
  reply<N extends ControlName>(name: N, request: ControlRequest<N>, origin = {}): ControlReply<N> {
    const answer = this.send(name, request, origin);
    this.time.turn();
    if (answer.text !== "0") throw new Error(`${name}: ${answer.text}`);
    return decodeControlReply(name, answer.data);
  }

  attach(name: string, control: "DB_ATTACH" | "DB_ATTACH_PERSISTENT" | "DB_ATTACH_REPLICATED" = "DB_ATTACH"): Database {
    const database = this.databases.get(this.reply(control, name));
    if (database === undefined) throw new Error(`${name} is not attached`);
    return database;
  }

  /** Puts a record into a file, header and all, behind the node's back. */
  put(database: Database, key: string, rsn: number, dmaster: number, flags: number, text: string): void {
    const header = Buffer.alloc(24);
    writeRecordHeader(header, 0, rsn, dmaster, flags);
    database.file.storeWithHeader(Buffer.from(key), header, Buffer.from(text));
  }

  /** A message to `srvid`, as a node sends it. */
  message(srvid: bigint, data: Uint8Array): void {
    for (const [receive, registered] of this.receivers) if (registered === srvid) receive(Buffer.from(data));
  }

  /** What held a stream up has gone away. */
  drain(): void {
    this.congested = false;
    for (const callback of this.drained.splice(0)) callback();
  }

  private broadcast(pnn: number, name: string, request: string | number): void {
    this.broadcasts.push(`${name} ${request} to 0x${pnn.toString(16)}`);
  }
}
