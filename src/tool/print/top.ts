// The screen of `ctdb top`: aligned tables, colours only where asked for. Pure: two snapshots in, lines out.
import { DbFlag } from "../../protocol/index.js";
import type { DatabaseSample, NodeSample, TopSnapshot } from "../fetch/top-snapshot.js";
import { nodeFlagsText } from "./node-flags.js";
import { escapedText } from "./records.js";

export interface TopScreen {
  readonly before: TopSnapshot;
  readonly now: TopSnapshot;
  readonly leader: number | undefined;
  /** Newest last. */
  readonly changes: readonly string[];
  readonly colours: boolean;
  readonly rows: number;
}

type Colour = "bold" | "red" | "green" | "yellow" | "dim";
const CODES: Readonly<Record<Colour, number>> = { bold: 1, red: 31, green: 32, yellow: 33, dim: 2 };

interface Cell {
  readonly text: string;
  readonly colour?: Colour;
}

const HOT_KEYS_SHOWN = 5;
const KEY_CHARACTERS_MAX = 40;
const DB_TYPES: readonly (readonly [flag: number, name: string])[] = [
  [DbFlag.PERSISTENT, "persistent"],
  [DbFlag.REPLICATED, "replicated"],
];

function paint(text: string, colour: Colour | undefined, colours: boolean): string {
  return colour === undefined || !colours ? text : `\x1b[${CODES[colour]}m${text}\x1b[0m`;
}

/** Aligned columns: the first `left` ones to the left, the others (numbers) to the right. */
function table(rows: readonly (readonly Cell[])[], left: number, colours: boolean): string[] {
  const widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.text.length);
  return rows.map((row) =>
    row
      .map(({ text, colour }, i) => {
        const width = widths[i] ?? 0;
        return paint(i < left ? text.padEnd(width) : text.padStart(width), colour, colours);
      })
      .join("  ")
      .trimEnd(),
  );
}

const head = (...names: string[]): Cell[] => names.map((text) => ({ text, colour: "dim" as const }));

function rate(now: number | undefined, before: number | undefined, seconds: number): string {
  if (now === undefined || before === undefined || seconds <= 0) return "-";
  return String(Math.max(0, Math.round((now - before) / seconds)));
}

function milliseconds(seconds: number | undefined): string {
  return seconds === undefined ? "-" : (seconds * 1000).toFixed(2);
}

function nodeRow(
  sample: NodeSample,
  before: NodeSample | undefined,
  seconds: number,
  leader: number | undefined,
): Cell[] {
  const { node, statistics: s } = sample;
  const old = before?.statistics;
  const state: Cell = { text: nodeFlagsText(node.flags), colour: node.flags === 0 ? "green" : "red" };
  return [
    { text: `${node.pnn}${node.pnn === leader ? "*" : ""}`, colour: "bold" },
    { text: node.addr.address },
    state,
    { text: s === undefined ? "-" : String(s.numClients) },
    { text: rate(s?.totalCalls, old?.totalCalls, seconds) },
    { text: rate(s?.client.reqControl, old?.client.reqControl, seconds) },
    { text: rate(s?.client.reqMessage, old?.client.reqMessage, seconds) },
    { text: rate(s?.nodePacketsSent, old?.nodePacketsSent, seconds) },
    { text: s === undefined ? "-" : String(s.pendingCalls) },
    { text: s === undefined ? "-" : String(s.locks.numPending) },
    {
      text: milliseconds(
        s === undefined || s.callLatency.num === 0 ? undefined : s.callLatency.total / s.callLatency.num,
      ),
    },
    { text: milliseconds(s?.reclock.recd.max) },
    { text: busyShare(sample, before) },
    { text: milliseconds(longestHandler(sample)) },
    { text: s === undefined ? "-" : String(s.numRecoveries), ...(s?.recovering ? { colour: "yellow" as const } : {}) },
  ];
}

/** Share of the time in which the node's event loop ran handlers. */
function busyShare(sample: NodeSample, before: NodeSample | undefined): string {
  const { loop } = sample;
  const old = before?.loop;
  if (loop === undefined || old === undefined || loop.elapsed <= old.elapsed) return "-";
  return `${((100 * (loop.busy - old.busy)) / (loop.elapsed - old.elapsed)).toFixed(1)}%`;
}

function longestHandler({ loop }: NodeSample): number | undefined {
  return loop?.kinds.reduce((longest, kind) => Math.max(longest, kind.max), 0);
}

/** Lock requests of a database on all nodes. */
function lockCalls(sample: DatabaseSample | undefined): number {
  let sum = 0;
  for (const one of sample?.statistics.values() ?? []) sum += one.locks.numCalls;
  return sum;
}

function databaseRows(screen: TopScreen, seconds: number): Cell[][] {
  const entries = screen.now.databases.map((db) => {
    const old = screen.before.databases.find((one) => one.name === db.name);
    const perSecond = seconds > 0 ? (lockCalls(db) - lockCalls(old)) / seconds : 0;
    let hops = 0;
    let pending = 0;
    for (const one of db.statistics.values()) {
      hops = Math.max(
        hops,
        one.hopCountBucket.findLastIndex((count) => count > 0),
      );
      pending += one.locks.numPending;
    }
    const type = DB_TYPES.find(([flag]) => (db.flags & flag) !== 0)?.[1] ?? "volatile";
    const row: Cell[] = [
      { text: db.name },
      { text: type },
      { text: String(Math.round(perSecond)) },
      { text: String(pending) },
      { text: hops <= 0 ? "0" : `< ${2 ** hops}` },
    ];
    return { row, perSecond, name: db.name };
  });
  entries.sort((a, b) => b.perSecond - a.perSecond || (a.name < b.name ? -1 : 1));
  return entries.map((one) => one.row);
}

function hotKeyLines(now: TopSnapshot, colours: boolean): string[] {
  const keys = now.databases.flatMap((db) =>
    [...db.statistics].flatMap(([pnn, one]) =>
      one.hotKeys.filter((slot) => slot.key.length > 0).map((slot) => ({ db: db.name, pnn, slot })),
    ),
  );
  if (keys.length === 0) return [];
  keys.sort((a, b) => b.slot.count - a.slot.count);
  const rows = keys
    .slice(0, HOT_KEYS_SHOWN)
    .map(({ db, pnn, slot }): Cell[] => [
      { text: db },
      { text: `node ${pnn}` },
      { text: escapedText(slot.key).slice(0, KEY_CHARACTERS_MAX) },
      { text: String(slot.count) },
    ]);
  return ["", ...table([head("HOT RECORD IN", "SEEN BY", "KEY", "HOPS"), ...rows], 3, colours)];
}

/** The lines of the screen, cut to its size. */
export function topLines(screen: TopScreen): string[] {
  const { before, now, colours, leader } = screen;
  const seconds = (now.takenAtMs - before.takenAtMs) / 1000;
  const healthy = now.nodes.filter(({ node }) => node.flags === 0).length;
  const mode: Cell =
    now.recoveryActive === true ? { text: "RECOVERY", colour: "yellow" } : { text: "NORMAL", colour: "green" };
  const title =
    `${paint("ctdb top", "bold", colours)}  ${healthy}/${now.nodes.length} nodes healthy  ` +
    `leader ${leader ?? "UNKNOWN"}  ${paint(mode.text, mode.colour, colours)}  generation ${now.generation ?? "?"}`;
  const nodeRows = now.nodes.map((sample) =>
    nodeRow(
      sample,
      before.nodes.find((one) => one.node.pnn === sample.node.pnn),
      seconds,
      leader,
    ),
  );
  const nodeHead = head(
    "NODE",
    "ADDRESS",
    "STATE",
    "CLIENTS",
    "CALLS/S",
    "CTRL/S",
    "MSG/S",
    "SENT/S",
    "PENDING",
    "LOCKS",
    "CALL MS",
    "RECD MS",
    "LOOP",
    "LONGEST MS",
    "RECOVERIES",
  );
  const lines = [title, "", ...table([nodeHead, ...nodeRows], 3, colours)];
  if (now.addresses.length > 0) {
    const hosted = now.nodes.map(({ node }) => {
      const own = now.addresses.filter((one) => one.pnn === node.pnn).map((one) => one.addr.address);
      return own.length === 0 ? undefined : `node ${node.pnn}: ${own.join(" ")}`;
    });
    const lost = now.addresses.filter((one) => one.pnn < 0).map((one) => one.addr.address);
    if (lost.length > 0) hosted.push(paint(`nowhere: ${lost.join(" ")}`, "red", colours));
    lines.push("", paint("ADDRESSES", "dim", colours), ...hosted.filter((one) => one !== undefined));
  }
  if (now.databases.length > 0) {
    const databases = table(
      [head("DATABASE", "TYPE", "LOCKS/S", "WAITING", "HOPS"), ...databaseRows(screen, seconds)],
      2,
      colours,
    );
    lines.push("", ...databases);
  }
  lines.push(...hotKeyLines(now, colours));
  const room = Math.max(0, screen.rows - 2);
  const changeLines =
    screen.changes.length === 0 ? [] : ["", paint("CHANGES", "dim", colours), ...screen.changes.slice(-8)];
  return [...lines.slice(0, Math.max(0, room - changeLines.length)), ...changeLines];
}
