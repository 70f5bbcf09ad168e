// What happened in a world, one compact line an event: "12.003417 n0 log ...". All lines go into a running hash, by which two runs are
// compared; the text of the last ones is kept, or of all where the run asks for it.

/**
 * packet: between nodes. client: between a daemon and its clients (the cluster manager is one). link: connections. log: of the
 * daemons. process: begins and ends. state: run state, recovery mode and flags of nodes. fault: done to the world. note: of scenarios.
 */
export type TraceKind = "packet" | "client" | "link" | "log" | "process" | "state" | "fault" | "note";

export interface TraceOptions {
  /** Nothing is traced, and the hash says nothing: for many runs, of which the few that matter are run again. */
  readonly off?: boolean;
  /** Lines of which the text is kept. Default 2000; Infinity: all. */
  readonly keepLines?: number;
  /** Kinds of which the text is kept; the hash takes all. Default: all. */
  readonly kinds?: ReadonlySet<TraceKind>;
  /** Gets each line of those kinds as it is made. */
  readonly onLine?: (line: string) => void;
}

const KEEP_LINES = 2000;

export class Trace {
  private readonly ring: string[] = [];
  private ringNext = 0;
  private readonly keepLines: number;
  /** Whoever makes a costly text may look first. */
  readonly isOff: boolean;
  private readonly listeners = new Set<(line: string) => void>();
  private h1 = 0x811c9dc5;
  private h2 = 0x9e3779b9;
  /** Lines so far, of all kinds. */
  count = 0;

  constructor(
    private readonly time: { readonly nowMs: number },
    private readonly options: TraceOptions = {},
  ) {
    this.isOff = options.off ?? false;
    this.keepLines = options.keepLines ?? KEEP_LINES;
  }

  /** `who`: "n2" for a node, "n2 ctdbd" and the like for a process, "" for the world. */
  add(kind: TraceKind, who: string, text: string): void {
    if (this.isOff) return;
    const line = `${(this.time.nowMs / 1000).toFixed(6)} ${who}${who === "" ? "" : " "}${kind} ${text}`;
    this.count++;
    this.mix(line);
    for (const listener of this.listeners) listener(line);
    const { kinds, onLine } = this.options;
    if (kinds !== undefined && !kinds.has(kind)) return;
    if (this.ring.length < this.keepLines) this.ring.push(line);
    else {
      this.ring[this.ringNext] = line;
      this.ringNext = (this.ringNext + 1) % this.keepLines;
    }
    onLine?.(line);
  }

  /** Calls back for each line of any kind, until the function that it returns is called. */
  listen(listener: (line: string) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Hash of all lines so far: 16 hex digits. */
  get hash(): string {
    const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, "0");
    return hex(this.h1) + hex(this.h2);
  }

  /** The lines that were kept, oldest first; `filter` chooses. */
  lines(filter: (line: string) => boolean = () => true): string[] {
    return [...this.ring.slice(this.ringNext), ...this.ring.slice(0, this.ringNext)].filter(filter);
  }

  private mix(line: string): void {
    let { h1, h2 } = this;
    for (let index = 0; index < line.length; index++) {
      const code = line.charCodeAt(index);
      h1 = Math.imul(h1 ^ code, 0x01000193);
      h2 = Math.imul(h2 ^ code, 0x85ebca6b) ^ (h2 >>> 15);
    }
    this.h1 = h1;
    this.h2 = h2;
  }
}
