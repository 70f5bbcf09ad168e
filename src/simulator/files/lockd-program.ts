// ctdb-lockd in the simulator: the process that waits for chains, and those that hold frozen databases. Same frames, same behaviour.
import { encodeFrame, Frame, FrameReader } from "../../lockd/frames.js";
import type { LockHolder } from "../../locks/lock-helper-port.js";
import type { ChildEnd, ChildProgram, ChildProgramKind } from "./child-processes.js";
import type { LockWait } from "./file-locks.js";
import type { DiskFile } from "./memory-disk.js";
import type { MemoryTdb, PendingLock } from "./memory-tdb.js";

const KEYS_MAX = 8;
const KEY_BYTES_SHOWN_MAX = 64;

export const lockdProgram: ChildProgramKind = {
  isLockHelper: (args) => args[0] === "wait",
  start: (end) => (end.args[0] === "wait" ? new WaitingProgram(end) : new HoldingProgram(end)),
};

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

class WaitingProgram implements ChildProgram {
  private readonly reader = new FrameReader((type, a, b, c, payload) => this.onFrame(type, a, b, c, payload));
  private readonly databases = new Map<number, WaitDatabase>();
  private readonly byId = new Map<number, Wait>();

  constructor(private readonly end: ChildEnd) {}

  onStdin(bytes: Uint8Array): void {
    this.reader.push(bytes);
  }

  private onFrame(type: number, a: number, b: number, c: number, payload: string): void {
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
        this.end.write(encodeFrame(Frame.HOLDERS, a, 0, 0, JSON.stringify(holders)));
        return;
      }
      default:
        throw new Error(`unknown frame ${type} from the daemon`);
    }
  }

  private open(number: number, path: string): void {
    this.close(number);
    const { process } = this.end;
    const file = process.disk.find(path);
    if (file === undefined) return;
    process.useLocks(file);
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
    wait.lock = database.file.locks.wait(this.end.process, "chain", chain, true, () => this.had(wait));
  }

  private had(wait: Wait): void {
    const { file } = wait.database;
    if (wait.id === 0) this.giveBack(wait);
    else this.end.write(encodeFrame(Frame.GRANTED, wait.id, file.usesMutexes ? this.end.process.pid : 0));
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
    wait.database.file.locks.unlockChain(this.end.process, wait.chain);
  }

  private failed(id: number, reason: string): void {
    this.end.write(encodeFrame(Frame.FAILED, id, 0, 0, reason));
  }
}

class HoldingProgram implements ChildProgram {
  private readonly reader = new FrameReader((type, a, b, _c, payload) => {
    if (type === Frame.HOLD) this.hold(a, b, payload);
    else if (type === Frame.RELEASE) this.release(a);
    else throw new Error(`unknown frame ${type} from the daemon`);
  });
  private held: { readonly id: number; readonly tdb: MemoryTdb; readonly lock: PendingLock } | undefined;

  constructor(private readonly end: ChildEnd) {}

  onStdin(bytes: Uint8Array): void {
    this.reader.push(bytes);
  }

  private hold(id: number, flags: number, path: string): void {
    try {
      const tdb = this.end.process.open({ path, flags, create: false });
      const lock = tdb.whenAllLocked(() => this.end.write(encodeFrame(Frame.GRANTED, id)));
      this.held = { id, tdb, lock };
    } catch (error) {
      this.end.write(encodeFrame(Frame.FAILED, id, 0, 0, String(error)));
    }
  }

  private release(id: number): void {
    if (this.held?.id !== id) return;
    this.held.tdb.unlockAll();
    this.held.tdb.close();
    this.held = undefined;
    this.end.write(encodeFrame(Frame.RELEASED, id));
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
