// `ctdb top [SECONDS]`: a live view of nodes, addresses, databases, hot records, loop times and recoveries; `q` ends it. Where standard output
// is no terminal it prints one look (as text, or as JSON) and ends.
import { setTimeout as delay } from "node:timers/promises";
import type { ClusterCommand, ClusterContext, JsonValue } from "../command.js";
import { UsageError } from "../errors.js";
import { LeaderWatch } from "../fetch/leader.js";
import { type TopSnapshot, takeSnapshot } from "../fetch/top-snapshot.js";
import { nodeFlagNames } from "../print/node-flags.js";
import { topLines } from "../print/top.js";
import { topChanges } from "../top-changes.js";

const DEFAULT_INTERVAL_SECONDS = 1;
const INTERVAL_MIN_SECONDS = 0.1;
const INTERVAL_MAX_SECONDS = 86_400;
const CHANGES_MAX = 100;
const UNLIMITED_ROWS = 10_000;
const ENTER_SCREEN = "\x1b[?1049h\x1b[?25l";
const LEAVE_SCREEN = "\x1b[?25h\x1b[?1049l";
/** What a shell reports for a program that SIGTERM ended. */
const SIGTERM_EXIT_STATUS = 143;
const HOME_AND_CLEAR = "\x1b[H\x1b[J";

function snapshotJson(now: TopSnapshot, leader: number | undefined): JsonValue {
  return {
    leader: leader ?? null,
    generation: now.generation ?? null,
    recoveryActive: now.recoveryActive ?? null,
    nodes: now.nodes.map(({ node, statistics, loop }) => ({
      pnn: node.pnn,
      address: node.addr.address,
      flags: nodeFlagNames(node.flags),
      clients: statistics?.numClients ?? null,
      totalCalls: statistics?.totalCalls ?? null,
      recoveries: statistics?.numRecoveries ?? null,
      loopBusySeconds: loop?.busy ?? null,
      longTurns: loop?.longTurns ?? null,
    })),
    addresses: now.addresses.map(({ addr, pnn }) => ({ address: addr.address, pnn: pnn < 0 ? null : pnn })),
    databases: now.databases.map((db) => ({ name: db.name })),
  };
}

/** Reads keys until `q` or Ctrl-C. */
function untilQuit(): Promise<void> {
  const { stdin } = process;
  if (!stdin.isTTY) return new Promise(() => undefined);
  stdin.setRawMode(true);
  return new Promise((resolve) => {
    stdin.on("data", (bytes: Buffer) => {
      if (bytes.includes("q") || bytes.includes(3)) resolve();
    });
  });
}

async function watchCluster(context: ClusterContext, watch: LeaderWatch, intervalMs: number): Promise<void> {
  const { terminal } = context;
  let quit = false;
  const quitting = untilQuit().then(() => {
    quit = true;
  });
  const changes: string[] = [];
  let before = await takeSnapshot(context);
  while (!quit) {
    await Promise.race([delay(intervalMs), quitting]);
    const now = await takeSnapshot(context);
    const clock = new Date().toTimeString().slice(0, 8);
    changes.push(...topChanges(before, now).map((line) => `${clock} ${line}`));
    changes.splice(0, changes.length - CHANGES_MAX);
    const rows = process.stdout.rows || UNLIMITED_ROWS;
    const lines = topLines({ before, now, leader: watch.heard, changes, colours: true, rows });
    terminal.out(`${HOME_AND_CLEAR}${lines.join("\n")}\n`);
    before = now;
  }
}

const command: ClusterCommand = {
  async run(context) {
    const { args, terminal, options, cluster } = context;
    const seconds = args[0] === undefined ? DEFAULT_INTERVAL_SECONDS : Number(args[0]);
    if (!(seconds >= INTERVAL_MIN_SECONDS && seconds <= INTERVAL_MAX_SECONDS)) throw new UsageError();
    const watch = await LeaderWatch.start(cluster, terminal);
    if (options.json || !process.stdout.isTTY) {
      const before = await takeSnapshot(context);
      const leader = await watch.leader();
      await delay(seconds * 1000);
      const now = await takeSnapshot(context);
      if (options.json) context.reportJson(snapshotJson(now, leader));
      else {
        const screen = { before, now, leader, changes: [], colours: false, rows: UNLIMITED_ROWS };
        terminal.out(`${topLines(screen).join("\n")}\n`);
      }
      return 0;
    }
    terminal.out(ENTER_SCREEN);
    // Whatever ends the program, the terminal gets its own screen back.
    process.once("exit", () => terminal.out(LEAVE_SCREEN));
    process.once("SIGTERM", () => process.exit(SIGTERM_EXIT_STATUS));
    await watchCluster(context, watch, seconds * 1000);
    return 0;
  },
};
export default command;
