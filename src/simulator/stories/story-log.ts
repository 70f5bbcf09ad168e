// The log of a story: those lines of the trace that it wants to show, made readable and free of what differs without a meaning - request
// ids, generations (g1, g2 ... as they appear), process ids. Each begins with the virtual seconds since its command began.
import { CallId, databaseId, NodeFlag, RecoveryMode, RunState } from "../../protocol/index.js";
import type { World } from "../world.js";
import { describeRecord } from "./records.js";

/** One line of the trace in its parts. */
export interface TracedLine {
  /** All of it, with the time. */
  readonly line: string;
  readonly who: string;
  readonly kind: string;
  readonly text: string;
}

/** The text to be shown; undefined: nothing. */
export type LineFilter = (line: TracedLine) => string | undefined;

const LINE = /^\S+ (?:(.+?) )?(packet|client|link|log|process|state|fault|note) (.*)$/s;
const INVALID_GENERATION = 1;
/** Times are given in steps of so much: a change of the code that is not one of the behaviour shall not show. */
const SHOWN_MS = 10;
/** Bits that are combinations of others. */
const FLAG_NAMES = Object.entries(NodeFlag).filter(([, bit]) => (bit & (bit - 1)) === 0);
const LOCAL_DATABASES = ["g_lock.tdb"];

export function nameOf(values: Readonly<Record<string, number>>, value: number): string {
  return Object.entries(values).find(([, other]) => other === value)?.[0] ?? String(value);
}

export function flagNames(flags: number): string {
  const names = FLAG_NAMES.filter(([, bit]) => (flags & bit) !== 0).map(([name]) => name);
  return names.length === 0 ? "none" : names.join(" ");
}

export class StoryLog {
  private filters: LineFilter[] = [];
  private watched: Array<{ readonly database: string; readonly key: string; last: string | undefined }> = [];
  private lines: string[] = [];
  private generations = new Map<number, string>();
  private readonly databases = new Map<number, string>();
  /** Requests that are shown, by sender and request id: their replies are, too. */
  private requests = new Map<string, string>();
  private world: World | undefined;
  private stopListening: (() => void) | undefined;
  private beginMs = 0;

  constructor() {
    for (const name of LOCAL_DATABASES) this.knowDatabase(name);
  }

  /** From now on it is this world that is shown; numbers of generations begin anew. */
  attach(world: World): void {
    this.stopListening?.();
    this.world = world;
    this.beginMs = 0;
    this.generations = new Map();
    this.requests = new Map();
    for (const record of this.watched) record.last = undefined;
    this.stopListening = world.trace.listen((line) => this.heard(line));
  }

  /** Names of databases stand in place of their numbers. */
  knowDatabase(name: string): void {
    this.databases.set(databaseId(name), name);
  }

  /** A command begins. */
  begin(): void {
    this.beginMs = this.world?.time.nowMs ?? 0;
    this.lines = [];
  }

  /** A command has ended: what is to be recorded for it. */
  end(): readonly string[] {
    for (const record of this.watched) {
      const { world } = this;
      const text = world === undefined ? undefined : describeRecord(world, record.database, record.key);
      if (text === undefined || text === record.last) continue;
      record.last = text;
      this.say(text);
    }
    return this.lines;
  }

  say(text: string): void {
    const ms = (this.world?.time.nowMs ?? 0) - this.beginMs;
    const shown = (Math.floor(ms / SHOWN_MS) * SHOWN_MS) / 1000;
    this.lines.push(`${shown.toFixed(2).padStart(6)} ${text}`);
  }

  show(filter: LineFilter): void {
    this.filters.push(filter);
  }

  /** Shows the record after each command that has changed it. */
  showRecord(database: string, key: string): void {
    this.watched.push({ database, key, last: undefined });
  }

  /** Shows nothing more of the trace, and no records. */
  hide(): void {
    this.filters = [];
    this.watched = [];
  }

  // ------------------------------------------------------------------ filters

  /** Calls for one record between nodes, with their replies. */
  calls(database: string, key: string): LineFilter {
    this.knowDatabase(database);
    const about = ` db 0x${databaseId(database).toString(16)} ${key} `;
    return ({ who, kind, text }) => {
      if (kind !== "packet" || !/^RE(?:Q|PLY)_(?:CALL|DMASTER|ERROR) /.test(text)) return undefined;
      return text.includes(about) || this.isReplyTo(text, "call") !== undefined
        ? this.packet(who, text, "call")
        : undefined;
    };
  }

  /** Controls of these names between nodes, with their replies. */
  controls(names: readonly string[]): LineFilter {
    return ({ who, kind, text }) => {
      if (kind !== "packet" || !/^RE(?:Q|PLY)_CONTROL /.test(text)) return undefined;
      const name = names.find((name) => text.includes(` ${name} `));
      if (name !== undefined) return this.packet(who, text, name);
      const request = this.isReplyTo(text, ...names);
      return request === undefined ? undefined : this.packet(who, `${text} to ${request}`, request);
    };
  }

  states(): LineFilter {
    return ({ who, kind, text }) =>
      kind === "state" && !text.includes("cluster lock") ? `${who} ${readableState(this.readable(text))}` : undefined;
  }

  clusterLock(): LineFilter {
    return ({ who, kind, text }) => (kind === "state" && text.includes("cluster lock") ? `${who} ${text}` : undefined);
  }

  /** Log lines of daemons, by "n0 ctdbd what it says". */
  logLines(pattern: RegExp): LineFilter {
    return ({ who, kind, text }) =>
      kind === "log" && pattern.test(`${who} ${text}`) ? `${who} ${this.readable(text)}` : undefined;
  }

  /** Any lines of the trace, as they are there. */
  traceLines(pattern: RegExp): LineFilter {
    return ({ line, who, text }) =>
      pattern.test(line) ? `${who}${who === "" ? "" : " "}${this.readable(text)}` : undefined;
  }

  // ------------------------------------------------------------------ lines

  private heard(line: string): void {
    const [, who = "", kind, text] = LINE.exec(line) ?? [];
    if (kind === undefined || text === undefined) return;
    for (const filter of this.filters) {
      const shown = filter({ line, who, kind, text });
      if (shown === undefined) continue;
      this.say(shown);
      return;
    }
  }

  private packet(who: string, text: string, about: string): string {
    const [, name = "", from = "", to = "", id = ""] = /^(\S+) (\S+)>(\S+) #(\d+) /.exec(text) ?? [];
    if (name.startsWith("REQ_")) this.requests.set(`${from} ${id}`, about);
    const way = who === `n${from}>n${to}` ? "" : ` (${from}>${to})`;
    return `${who} ${name}${way} ${this.readable(text.replace(/^\S+ \S+ #\d+ /, ""))}`;
  }

  private isReplyTo(text: string, ...abouts: readonly string[]): string | undefined {
    const [, to = "", id = ""] = /^REPLY_\S+ \S+>(\S+) #(\d+) /.exec(text) ?? [];
    const about = this.requests.get(`${to} ${id}`);
    return about !== undefined && abouts.includes(about) ? about : undefined;
  }

  private readable(text: string): string {
    return text
      .replace(/ ?#\d+/g, "")
      .replace(/\bRECOVERY 0x[0-9a-f]+/g, "RECOVERY")
      .replace(/ srvid 0x[0-9a-f]+/g, "")
      .replace(/\b(gen(?:eration)?)([ =])(0x[0-9a-f]+|\d+)/g, (_all, word: string, sign: string, number: string) => {
        return `${word}${sign}${this.generation(Number(number))}`;
      })
      .replace(/(?:\bdb )?\b0x([0-9a-f]{5,8})\b/g, (all, digits: string) => {
        return this.databases.get(Number.parseInt(digits, 16)) ?? all;
      })
      .replace(/\bcall (\d+)/g, (_all, id: string) => `call ${nameOf(CallId, Number(id))}`)
      .replace(/\b(pid|process|reqid[=:]?) ?\d{4,}/g, "$1 ...");
  }

  private generation(number: number): string {
    if (number === INVALID_GENERATION) return "invalid";
    const known = this.generations.get(number);
    if (known !== undefined) return known;
    const name = `g${this.generations.size + 1}`;
    this.generations.set(number, name);
    return name;
  }
}

function readableState(text: string): string {
  const [, run, recovery, rest] = /^run state (\d+) recovery mode (\d+) (.*)$/.exec(text) ?? [];
  if (rest !== undefined) {
    return `${nameOf(RunState, Number(run))}, recovery ${nameOf(RecoveryMode, Number(recovery))}, ${rest}`;
  }
  const [, pnn, before, after] = /^flags of (\d+): (0x[0-9a-f]+) > (0x[0-9a-f]+)$/.exec(text) ?? [];
  return after === undefined ? text : `flags of ${pnn}: ${flagNames(Number(before))} > ${flagNames(Number(after))}`;
}
