// The history of volatile records that are changed under fetch-lock only. Each change happens at one step of the world, so its order is
// known, and it is enough to compare what each user found with what the one before has left.
import type { Findings } from "./findings.js";
import type { Membership, Moment } from "./membership.js";

/** undefined: no record, or an empty one. */
export type RegisterValue = string | undefined;

interface Change extends Moment {
  readonly value: RegisterValue;
  readonly by: string;
  /** Its node had no daemon or took part in nothing, which the user did not know yet: nobody else need ever see it. */
  readonly isStray: boolean;
}

/** Somebody on a node, by name. */
export interface RegisterUse {
  readonly name: string;
  readonly pnn: number;
}

/** A value that somebody saw and that was not the one of that time. */
interface Doubt {
  readonly key: string;
  readonly text: string;
  readonly written: Moment;
  readonly seen: Moment;
  readonly check: string;
}

class Register {
  /** Oldest first. */
  readonly changes: Change[] = [];
  readonly values = new Set<RegisterValue>([undefined]);
}

/** Changes that a register remembers. */
const CHANGES_MAX = 4096;

export class RegisterHistory {
  private readonly registers = new Map<string, Register>();
  private doubts: Doubt[] = [];
  changes = 0;

  constructor(
    private readonly time: { readonly nowMs: number },
    private readonly membership: Membership,
    private readonly findings: Findings,
  ) {}

  /** In the step in which it is stored. `found`: what the user saw under the lock. */
  changed(key: string, found: RegisterValue, value: RegisterValue, by: RegisterUse): void {
    const register = this.register(key);
    const isStray = !this.membership.isMember(by.pnn);
    if (!isStray) this.compare(key, register, found, by);
    register.changes.push({ atMs: this.time.nowMs, pnn: by.pnn, value, by: by.name, isStray });
    if (register.changes.length > CHANGES_MAX) register.changes.splice(0, CHANGES_MAX / 2);
    register.values.add(value);
    this.changes++;
  }

  /** A read without a lock that began at `fromMs` and ends now: it may show what was true at any time in between. */
  read(key: string, value: RegisterValue, fromMs: number, by: RegisterUse): void {
    if (!this.membership.isMember(by.pnn)) return;
    const register = this.register(key);
    const { changes } = register;
    for (let index = changes.length - 1; index >= 0; index--) {
      const change = changes[index];
      if (change === undefined || change.value === value) return;
      if (change.atMs < fromMs) {
        this.doubt(key, register, change, value, by, "stale read");
        return;
      }
    }
    if (value !== undefined) this.doubt(key, register, changes[0], value, by, "stale read");
  }

  /** Judges what could not be judged at once: whether nodes dropped out is known only later. */
  judge(): void {
    const { doubts } = this;
    this.doubts = [];
    for (const { key, text, written, seen, check } of doubts) {
      if (!this.membership.mayLoseRecord(written, seen)) this.findings.add(check, text, [keyWord(key)]);
    }
  }

  private compare(key: string, register: Register, found: RegisterValue, by: RegisterUse): void {
    const last = register.changes.at(-1);
    if (last?.value === found) return;
    this.doubt(key, register, last, found, by, "lost update");
  }

  private doubt(
    key: string,
    register: Register,
    last: Change | undefined,
    found: RegisterValue,
    by: RegisterUse,
    check: string,
  ): void {
    if (!register.values.has(found)) {
      this.findings.add("value from nowhere", `${key}: ${by.name} sees ${found}, which nobody has stored`, [
        keyWord(key),
      ]);
      return;
    }
    if (last?.isStray === true) return;
    const seen = { pnn: by.pnn, atMs: this.time.nowMs };
    const written = last ?? { pnn: by.pnn, atMs: 0 };
    const text = `${key}: ${by.name} sees ${found ?? "nothing"} after ${last?.by ?? "nobody"} has stored ${last?.value ?? "nothing"} at ${(written.atMs / 1000).toFixed(6)} s, and no node was lost since`;
    this.doubts.push({ key, text, written, seen, check });
  }

  private register(key: string): Register {
    const known = this.registers.get(key);
    if (known !== undefined) return known;
    const register = new Register();
    this.registers.set(key, register);
    return register;
  }
}

/** "name.tdb/key" as it stands in the trace: the key. */
function keyWord(key: string): string {
  return key.slice(key.indexOf("/") + 1);
}
