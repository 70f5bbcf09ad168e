// Which waits are worth a line in the log: a key is not reported again unless it waits longer than the longest wait that was
// logged for it in the last half minute.
import { WARNING_KEYS_MAX, WARNING_MEMORY_MS } from "./limits.js";

export class WaitWarnings {
  private readonly logged = new Map<string, { seconds: number; expiresMs: number }>();

  /** Says whether a wait of `seconds` for `key` of a database is to be logged, and remembers it if so. */
  shouldLog(database: string, key: string, seconds: number, nowMs: number): boolean {
    const name = `${database}/${key}`;
    const before = this.logged.get(name);
    if (before !== undefined && before.expiresMs > nowMs && seconds <= before.seconds) return false;
    this.logged.delete(name);
    this.logged.set(name, { seconds, expiresMs: nowMs + WARNING_MEMORY_MS });
    this.forgetOld(nowMs);
    return true;
  }

  private forgetOld(nowMs: number): void {
    for (const [name, entry] of this.logged) {
      if (entry.expiresMs > nowMs && this.logged.size <= WARNING_KEYS_MAX) return;
      this.logged.delete(name);
    }
  }
}
