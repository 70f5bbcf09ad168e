// The ten records of a database that migrate to this node most often within a second (GET_DB_STATISTICS shows them).
import type { Clock, Logger } from "../platform/ports.js";

export const HOT_KEYS_MAX = 10;
const WINDOW_MS = 1000;
/** Keys that are counted at a time; when more migrate within a second the count starts anew. */
const COUNTED_KEYS_MAX = 100_000;

export interface HotKey {
  count: number;
  key: string;
  loggedCount: number;
}

export class HotKeys {
  /** Ascending by count. */
  readonly top: HotKey[] = [];
  private counts = new Map<string, number>();
  private windowEndMs = 0;

  constructor(
    private readonly modules: { readonly clock: Clock; readonly logger: Logger },
    private readonly databaseName: string,
  ) {}

  /** A migration of `key` (latin1 text of its bytes) to this node, asked for by a call of this node. */
  count(key: string): void {
    const now = this.modules.clock.now();
    if (now >= this.windowEndMs || this.counts.size >= COUNTED_KEYS_MAX) {
      this.counts.clear();
      this.windowEndMs = now + WINDOW_MS;
    }
    const count = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, count);
    const lowest = this.top[0];
    if (this.top.length >= HOT_KEYS_MAX && lowest !== undefined && count <= lowest.count) return;
    this.update(key, count);
  }

  reset(): void {
    this.top.length = 0;
  }

  private update(key: string, count: number): void {
    const known = this.top.find((hot) => hot.key === key);
    if (known !== undefined) {
      if (count <= known.count) return;
      known.count = count;
      if (count >= 2 * known.loggedCount) this.log("Updated", known);
    } else {
      const hot = { count, key, loggedCount: count };
      if (this.top.length >= HOT_KEYS_MAX) this.top[0] = hot;
      else this.top.push(hot);
      this.log("Added", hot);
    }
    this.top.sort((a, b) => a.count - b.count);
  }

  private log(what: string, hot: HotKey): void {
    hot.loggedCount = hot.count;
    const hex = Buffer.from(hot.key, "latin1").toString("hex");
    this.modules.logger.notice(`${what} hot key database=${this.databaseName} key=${hex} count=${hot.count}`);
  }
}
