// All waits of the waiting process: which are blocked on a pool thread, which got their lock, which nobody wants any more.
//
//   overflow --thread free--> blocked --> had --release--> gone
//   a wait that is released while blocked stays as "unwanted" until the kernel hands over the lock, and is given back then;
//   a new wait for the same chain takes its place over.
import { type ChainWait, type ChainWaiter, FcntlWaiter, MutexWaiter } from "./chain-waiters.js";

/** Threads that may be blocked; the pool has a few more, and koffi allows 256 calls at a time. */
export const BLOCKED_THREADS_MAX = 248;
/** Waits above that number are polled. */
const OVERFLOW_POLL_MS = 5;
const OVERFLOW_POLLED_MAX = 64;

interface Wait {
  readonly chain: number;
  readonly database: WaitDatabase;
  readonly lock: ChainWait;
  /** 0: unwanted. */
  id: number;
  state: "overflow" | "blocked" | "had";
}

interface WaitDatabase {
  readonly path: string;
  readonly waiter: ChainWaiter;
  readonly byChain: Map<number, Wait>;
  /** No waits any more; the file is closed when the last one has ended. */
  state: "open" | "closing" | "closed";
}

export interface WaitTableEvents {
  /** `ownerThread`: who has the mutex; 0 in fcntl mode. */
  granted(id: number, ownerThread: number): void;
  failed(id: number, reason: string): void;
}

export class WaitTable {
  private readonly databases = new Map<number, WaitDatabase>();
  private readonly byId = new Map<number, Wait>();
  private readonly overflow = new Set<Wait>();
  private blocked = 0;
  private poll: NodeJS.Timeout | undefined;

  constructor(
    private readonly events: WaitTableEvents,
    private readonly blockedMax = BLOCKED_THREADS_MAX,
  ) {}

  /** Throws when the file cannot be opened. */
  open(number: number, path: string, hashSize: number, mutexes: boolean): void {
    this.close(number);
    const waiter = mutexes ? new MutexWaiter(path, hashSize) : new FcntlWaiter(path);
    this.databases.set(number, { path, waiter, byChain: new Map(), state: "open" });
  }

  close(number: number): void {
    const database = this.databases.get(number);
    if (database === undefined) return;
    this.databases.delete(number);
    database.state = "closing";
    for (const wait of database.byChain.values()) this.release(wait.id);
    this.closeWhenUnused(database);
  }

  pathOf(number: number): string | undefined {
    return this.databases.get(number)?.path;
  }

  wait(id: number, number: number, chain: number): void {
    const database = this.databases.get(number);
    if (database === undefined) {
      this.events.failed(id, `database ${number} is not open here`);
      return;
    }
    const before = database.byChain.get(chain);
    if (before !== undefined) {
      if (before.id !== 0) {
        this.events.failed(id, `chain ${chain} is already waited for`);
        return;
      }
      before.id = id;
      this.byId.set(id, before);
      return;
    }
    const wait: Wait = { chain, database, lock: database.waiter.newWait(chain), id, state: "overflow" };
    database.byChain.set(chain, wait);
    this.byId.set(id, wait);
    this.proceed(wait);
  }

  release(id: number): void {
    const wait = this.byId.get(id);
    if (wait === undefined) return;
    this.byId.delete(id);
    wait.id = 0;
    if (wait.state === "blocked") return;
    if (wait.state === "had") wait.lock.giveBack();
    this.forget(wait);
  }

  private proceed(wait: Wait): void {
    if (this.tryNow(wait)) return;
    if (this.blocked < this.blockedMax) {
      this.block(wait);
      return;
    }
    wait.state = "overflow";
    this.overflow.add(wait);
    this.poll ??= setInterval(() => this.pollOverflow(), OVERFLOW_POLL_MS);
  }

  private block(wait: Wait): void {
    wait.state = "blocked";
    this.overflow.delete(wait);
    this.blocked++;
    const done = (had: boolean): void => {
      if (wait.id === 0) {
        if (had) wait.lock.giveBack();
        this.forget(wait);
      } else if (had) {
        this.had(wait);
      } else {
        this.proceed(wait);
      }
    };
    wait.lock.block(done, () => {
      this.blocked--;
      this.blockNext();
    });
  }

  private blockNext(): void {
    for (const wait of this.overflow) {
      if (this.blocked >= this.blockedMax) return;
      this.overflow.delete(wait);
      if (!this.tryNow(wait)) this.block(wait);
    }
  }

  private pollOverflow(): void {
    let budget = OVERFLOW_POLLED_MAX;
    for (const wait of this.overflow) {
      if (budget-- <= 0) break;
      // To the end of the line, so that everyone gets a turn.
      this.overflow.delete(wait);
      if (!this.tryNow(wait)) this.overflow.add(wait);
    }
    if (this.overflow.size === 0) {
      clearInterval(this.poll);
      this.poll = undefined;
    }
  }

  /** true: the wait is over. */
  private tryNow(wait: Wait): boolean {
    const attempt = wait.lock.tryNow();
    if (attempt === "busy") return false;
    if (attempt === "had") {
      this.had(wait);
    } else {
      const { id } = wait;
      this.byId.delete(id);
      this.forget(wait);
      this.events.failed(id, attempt.failed);
    }
    return true;
  }

  private had(wait: Wait): void {
    wait.state = "had";
    this.events.granted(wait.id, wait.lock.ownerThread);
  }

  private forget(wait: Wait): void {
    this.overflow.delete(wait);
    wait.database.byChain.delete(wait.chain);
    this.closeWhenUnused(wait.database);
  }

  private closeWhenUnused(database: WaitDatabase): void {
    if (database.state !== "closing" || database.byChain.size > 0) return;
    database.state = "closed";
    database.waiter.close();
  }
}
