// ctdb-lockd in the simulator: the process that waits for chains, and those that hold frozen databases. Same frames, same behaviour.
import { encodeFrame, Frame, FrameReader } from "../../lockd/frames.js";
import type { LockHolder } from "../../locks/lock-helper-port.js";
import type { Program } from "../process-runner.js";
import type { DiskProcess } from "./disk-process.js";
import type { LockWait } from "./file-locks.js";
import type { DiskFile, MemoryDisk } from "./memory-disk.js";
import type { MemoryTdb } from "./memory-tdb.js";

const KEYS_MAX = 8;
const KEY_BYTES_SHOWN_MAX = 64;

/** The program on a machine with this disk. */
export function lockdProgram(disk: MemoryDisk): Program {
  return (running) => {
    const { process, args } = running;
    const isWaiting = args[0] === "wait";
    const { timers } = process.modules;
    const onDisk = disk.startProcess(
      process.pid,
      `ctdb-lockd ${args.join(" ")}`,
      timers,
      isWaiting ? "lock helper" : "plain",
    );
    process.own({ processEnded: () => onDisk.exit() });
    const write = (frame: Buffer): void => running.writeStdout(frame);
    const program = isWaiting ? new WaitingProgram(onDisk, write) : new HoldingProgram(onDisk, write);
    const reader = new FrameReader((type, a, b, c, payload) => program.onFrame(type, a, b, c, payload));
    running.onStdin = (bytes) => reader.push(bytes);
  };
}

/** One chain that is waited for, or had. */
interface Wait {
  readonly chain: number;
  readonly database: WaitDatabase;
  /** 0: nobody wants it any more; it is given back when it is had. */
  id: number;
  lock: LockWait | undefined;
}

interface WaitDatabase {
  readonly file: DiskFile;
  readonly byChain: Map<number, Wait>;
}

class WaitingProgram {
  private readonly databases = new Map<number, WaitDatabase>();
  private readonly byId = new Map<number, Wait>();

  constructor(
    private readonly process: DiskProcess,
    private readonly write: (frame: Buffer) => void,
  ) {}

  onFrame(type: number, a: number, b: number, c: number, payload: string): void {
    switch (type) {
      case Frame.OPEN:
        this.open(a, payload);
        return;
      case Frame.CLOSE:
        this.close(a);
        return;
      case Frame.WAIT:
        this.wait(a, b, c);
        return;
      case Frame.RELEASE:
        this.release(a);
        return;
      case Frame.FIND_HOLDERS: {
        const file = this.databases.get(b)?.file;
        const holders = file === undefined ? [] : holdersOf(file, c === 0 ? undefined : c - 1);
        this.write(encodeFrame(Frame.HOLDERS, a, 0, 0, JSON.stringify(holders)));
        return;
      }
      default:
        throw new Error(`unknown frame ${type} from the daemon`);
    }
  }

  private open(number: number, path: string): void {
    this.close(number);
    const file = this.process.disk.find(path);
    if (file === undefined) return;
    this.process.useLocks(file);
    this.databases.set(number, { file, byChain: new Map() });
  }

  private close(number: number): void {
    const database = this.databases.get(number);
    if (database === undefined) return;
    this.databases.delete(number);
    for (const wait of database.byChain.values()) this.release(wait.id);
  }

  private wait(id: number, number: number, chain: number): void {
    const database = this.databases.get(number);
    if (database === undefined) {
      this.failed(id, `database ${number} is not open here`);
      return;
    }
    const before = database.byChain.get(chain);
    if (before !== undefined) {
      if (before.id !== 0) {
        this.failed(id, `chain ${chain} is already waited for`);
        return;
      }
      before.id = id;
      this.byId.set(id, before);
      return;
    }
    const wait: Wait = { chain, database, id, lock: undefined };
    database.byChain.set(chain, wait);
    this.byId.set(id, wait);
    wait.lock = database.file.locks.wait(this.process, "chain", chain, true, () => this.had(wait));
  }

  private had(wait: Wait): void {
    const { file } = wait.database;
    if (wait.id === 0) this.giveBack(wait);
    else this.write(encodeFrame(Frame.GRANTED, wait.id, file.usesMutexes ? this.process.pid : 0));
  }

  private release(id: number): void {
    const wait = this.byId.get(id);
    if (wait === undefined) return;
    this.byId.delete(id);
    wait.id = 0;
    // A thread that is blocked stays so; it gives the lock back when it gets it.
    if (wait.lock?.state !== "waiting") this.giveBack(wait);
  }

  private giveBack(wait: Wait): void {
    wait.database.byChain.delete(wait.chain);
    wait.database.file.locks.unlockChain(this.process, wait.chain);
  }

  private failed(id: number, reason: string): void {
    this.write(encodeFrame(Frame.FAILED, id, 0, 0, reason));
  }
}

class HoldingProgram {
  private held: { readonly id: number; readonly tdb: MemoryTdb } | undefined;

  constructor(
    private readonly process: DiskProcess,
    private readonly write: (frame: Buffer) => void,
  ) {}

  onFrame(type: number, id: number, flags: number, _c: number, path: string): void {
    if (type === Frame.HOLD) this.hold(id, flags, path);
    else if (type === Frame.RELEASE) this.release(id);
    else throw new Error(`unknown frame ${type} from the daemon`);
  }

  private hold(id: number, flags: number, path: string): void {
    try {
      const tdb = this.process.open({ path, flags, create: false });
      tdb.whenAllLocked(() => this.write(encodeFrame(Frame.GRANTED, id)));
      this.held = { id, tdb };
    } catch (error) {
      this.write(encodeFrame(Frame.FAILED, id, 0, 0, String(error)));
    }
  }

  private release(id: number): void {
    if (this.held?.id !== id) return;
    this.held.tdb.unlockAll();
    this.held.tdb.close();
    this.held = undefined;
    this.write(encodeFrame(Frame.RELEASED, id));
  }
}

/** As /proc/locks and the mutexes tell: byte locks of a helper's own open file have no process. */
function holdersOf(file: DiskFile, chain: number | undefined): LockHolder[] {
  const holders: LockHolder[] = [];
  for (const { owner, chain: one, text } of file.locks.held(chain)) {
    if (owner.isLockHelper && !file.usesMutexes) continue;
    const keys = one === undefined ? [] : keysOf(file, one);
    holders.push({ pid: owner.pid, commandLine: owner.commandLine, chain: one, lock: text, keys });
  }
  return holders;
}

function keysOf(file: DiskFile, chain: number): string[] {
  const keys: string[] = [];
  for (let record = file.records.head(chain); record !== undefined && keys.length < KEYS_MAX; record = record.next) {
    keys.push(record.bytes.toString("hex", 0, Math.min(record.keyLength, KEY_BYTES_SHOWN_MAX)));
  }
  return keys;
}
