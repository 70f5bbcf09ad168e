// Workloads on volatile records: counters, read-only readers, deletes with re-creation, and two locks at a time as smbd takes them.
import type { Database, LockedRecord } from "../../client/index.js";
import { RegisterHistory, type RegisterUse, type RegisterValue } from "../checks/register-history.js";
import type { SeededRandom } from "../seeded-random.js";
import { type Session, textOf, type Workload, type WorkloadContext } from "./workload.js";

/** Keys that all nodes fight for, and many that are used now and then. */
const HOT_KEYS = 4;
const COLD_KEYS = 60;
const HOT_CHANCE = 0.4;
const PAGE_CHANCE = 0.15;
const PAGE_NEW_CHANCE = 0.1;
/** So many of the last ones are read. */
const PAGES_READ = 4;

function someKey(session: Session): string {
  const { random } = session;
  return random.chance(HOT_CHANCE) ? `hot${random.below(HOT_KEYS)}` : `cold${random.below(COLD_KEYS)}`;
}

/** Changes one record under its lock, and tells the history in the same step. */
class RegisterUser {
  constructor(
    private readonly history: RegisterHistory,
    private readonly database: Database,
    private readonly session: Session,
  ) {}

  private get user(): RegisterUse {
    return { name: this.session.name, pnn: this.session.client.pnn };
  }

  change(key: string, next: (found: RegisterValue) => RegisterValue): Promise<void> {
    return this.database.withRecord(key, (record) => this.changeLocked(record, key, next));
  }

  changeLocked(record: LockedRecord, key: string, next: (found: RegisterValue) => RegisterValue): void {
    const found = textOf(record.value);
    const value = next(found);
    if (value === undefined) record.delete();
    else record.store(Buffer.from(value, "latin1"));
    this.history.changed(`${this.database.name}/${key}`, found, value, this.user);
  }

  async read(key: string): Promise<void> {
    const fromMs = this.session.context.world.time.nowMs;
    const value = textOf(await this.database.read(key));
    this.history.read(`${this.database.name}/${key}`, value, fromMs, this.user);
  }
}

/** Its records are used through RegisterUsers, and their history is judged. */
abstract class Registers implements Workload {
  abstract readonly name: string;
  readonly history: RegisterHistory;

  constructor(
    context: WorkloadContext,
    readonly pauseMs: number,
  ) {
    this.history = new RegisterHistory(context.world.time, context.membership, context.findings);
  }

  abstract prepare(session: Session): Promise<() => Promise<void>>;

  judge(): void {
    this.history.judge();
  }
}

function increment(found: RegisterValue): RegisterValue {
  return String(Number(found ?? 0) + 1);
}

/** Counters that all nodes raise, and look at now and then. */
export class Counters extends Registers {
  override readonly name = "counter";

  override async prepare(session: Session): Promise<() => Promise<void>> {
    const database = await session.client.attach("counters.tdb");
    const user = new RegisterUser(this.history, database, session);
    return async () => {
      const key = someKey(session);
      if (session.random.chance(0.1)) await user.read(key);
      else await user.change(key, increment);
    };
  }
}

/** A database with read-only copies: many read, few write. */
export class Readers extends Registers {
  override readonly name = "reader";
  private pages = 1;

  override async prepare(session: Session): Promise<() => Promise<void>> {
    const database = await session.client.attach("read-only.tdb", { readonly: true });
    const user = new RegisterUser(this.history, database, session);
    const { random } = session;
    return async () => {
      if (random.chance(PAGE_CHANCE)) {
        await this.usePage(user, random);
        return;
      }
      const key = `shared${random.below(8)}`;
      const dice = random.fraction();
      if (dice < 0.85) await user.read(key);
      else await user.change(key, dice < 0.98 ? increment : () => undefined);
    };
  }

  /** Records that are written once, and then read: they are nowhere but where they were made. */
  private async usePage(user: RegisterUser, random: SeededRandom): Promise<void> {
    if (random.chance(PAGE_NEW_CHANCE)) await user.change(`page${++this.pages}`, increment);
    else await user.read(`page${Math.max(1, this.pages - random.below(PAGES_READ))}`);
  }
}

/** Records that come and go, so that vacuuming has work; what is deleted must not come back. */
export class Deletes extends Registers {
  override readonly name = "delete";
  private tokens = 0;

  override async prepare(session: Session): Promise<() => Promise<void>> {
    const database = await session.client.attach("deleted.tdb");
    const user = new RegisterUser(this.history, database, session);
    return async () => {
      const key = `gone${session.random.below(40)}`;
      await user.change(key, (found) => (found === undefined || session.random.chance(0.3) ? this.token() : undefined));
    };
  }

  private token(): string {
    return `token${++this.tokens}`;
  }
}

/** smbd: holds the lock of a record and asks for a second one in another database. */
export class NestedLocks extends Registers {
  override readonly name = "nested";

  override async prepare(session: Session): Promise<() => Promise<void>> {
    const { client, random, process } = session;
    const outer = await client.attach("locking.tdb");
    const inner = await client.attach("brlock.tdb");
    const [outerUser, innerUser] = [outer, inner].map((database) => new RegisterUser(this.history, database, session));
    return async () => {
      const key = `file${random.below(6)}`;
      await outer.withRecord(key, async (first) => {
        await inner.withRecord(key, async (second) => {
          if (random.chance(0.2)) await process.sleep(random.between(0, 20));
          if (!second.isLocked || !first.isLocked) return;
          innerUser?.changeLocked(second, key, increment);
        });
        if (first.isLocked) outerUser?.changeLocked(first, key, increment);
      });
    };
  }
}
