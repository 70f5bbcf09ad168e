// The history of the transactions on one persistent or replicated database. Each one reads the token of the one before and leaves its
// own in two records, so that all that was committed is one chain, whose end stands in the database.
import type { Findings } from "./findings.js";
import type { Membership } from "./membership.js";

/** The end of the chain in a database that nobody has written to. */
export const NO_TOKEN = "";

interface Committed {
  readonly token: string;
  readonly atMs: number;
}

export class TransactionHistory {
  /** Of each token that was ever tried: the token that it follows. */
  private readonly previous = new Map<string, string>();
  /** Acknowledged since the last quiet moment. */
  private acknowledged: Committed[] = [];
  /** By the token that they follow. */
  private readonly followers = new Map<string, Committed>();
  private base = NO_TOKEN;
  private baseMs = 0;
  private baseNumber = 0;
  commits = 0;

  constructor(
    readonly database: string,
    /** Persistent, not replicated. */
    private readonly onDisk: boolean,
    private readonly time: { readonly nowMs: number },
    private readonly membership: Membership,
    private readonly findings: Findings,
  ) {}

  /** A transaction has read both records and is about to be committed. */
  tried(token: string, pair: readonly [string, string]): void {
    const [first, second] = pair;
    if (first !== second) this.report("half-done transaction", `one record says ${first}, the other ${second}`);
    this.previous.set(token, first);
  }

  /** The client was told that it is done. */
  committed(token: string): void {
    const atMs = this.time.nowMs;
    const previous = this.previous.get(token) ?? NO_TOKEN;
    const other = this.followers.get(previous);
    if (other !== undefined && !this.mayLose(other.atMs, atMs)) {
      this.report("lost transaction", `${token} and ${other.token} both follow ${previous}, and both are acknowledged`);
    }
    const commit = { token, atMs };
    this.followers.set(previous, commit);
    this.acknowledged.push(commit);
    this.commits++;
  }

  /** At a quiet moment: what a node has, all nodes having the same. */
  check(pair: readonly [string, string], sequenceNumber: number): void {
    const now = this.time.nowMs;
    const [end, second] = pair;
    if (end !== second) this.report("half-done transaction", `one record says ${end}, the other ${second}`);
    const chain = this.chainTo(end);
    const mayLose = this.mayLose(this.baseMs, now);
    for (const { token, atMs } of this.acknowledged) {
      if (chain.tokens.has(token) || this.mayLose(atMs, now)) continue;
      this.report("lost transaction", `${token} was acknowledged at ${(atMs / 1000).toFixed(6)} s and is not there`);
    }
    if (!mayLose) {
      if (!chain.reachesBase) this.report("lost transaction", `what ${this.base} had written is gone; ${end} is there`);
      else if (sequenceNumber !== this.baseNumber + chain.tokens.size) {
        this.report(
          "I13",
          `the sequence number is ${sequenceNumber} after ${chain.tokens.size} transactions since ${this.baseNumber}`,
        );
      }
    }
    this.base = end;
    this.baseMs = now;
    this.baseNumber = sequenceNumber;
    this.acknowledged = [];
    this.followers.clear();
    this.previous.clear();
  }

  /** Tokens from `end` back to the one of the last quiet moment, without that one. */
  private chainTo(end: string): { readonly tokens: ReadonlySet<string>; readonly reachesBase: boolean } {
    const tokens = new Set<string>();
    let token = end;
    while (token !== this.base) {
      tokens.add(token);
      const before = this.previous.get(token);
      if (before === undefined || tokens.has(before)) return { tokens, reachesBase: false };
      token = before;
    }
    return { tokens, reachesBase: true };
  }

  private mayLose(committedMs: number, seenMs: number): boolean {
    return this.membership.mayLoseTransaction(committedMs, seenMs, this.onDisk);
  }

  private report(check: string, text: string): void {
    this.findings.add(check, `${this.database}: ${text}`, [this.database]);
  }
}
