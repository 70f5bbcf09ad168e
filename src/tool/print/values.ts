// Prints the commands whose report is one value or a short list: pnn, ping, getpid, leader, runstate, getvar and the like.
import type { Printer } from "../command.js";
import { machineLine } from "./machine-line.js";

export const pnnPrinter: Printer<number> = { plain: (pnn) => `${pnn}\n`, json: (pnn) => ({ pnn }) };

export const pidPrinter: Printer<number> = { plain: (pid) => `${pid}\n`, json: (pid) => ({ pid }) };

/** Undefined where no leader announced itself. */
export const leaderPrinter: Printer<number | undefined> = {
  plain: (leader) => `${leader ?? "UNKNOWN"}\n`,
  json: (leader) => ({ leader: leader ?? null }),
};

export const versionPrinter: Printer<string> = {
  plain: (version) => `${version}\n`,
  json: (version) => ({ version }),
};

export interface PingReport {
  readonly pnn: number;
  readonly seconds: number;
  readonly clients: number;
}

export const pingPrinter: Printer<PingReport> = {
  plain: ({ pnn, seconds, clients }) => `response from ${pnn} time=${seconds.toFixed(6)} sec  (${clients} clients)\n`,
  json: ({ pnn, seconds, clients }) => ({ pnn, seconds, clients }),
};

export const runstatePrinter: Printer<string> = {
  plain: (runstate) => `${runstate}\n`,
  json: (runstate) => ({ runstate }),
};

export const debugLevelPrinter: Printer<string> = {
  plain: (level) => `${level}\n`,
  json: (level) => ({ debugLevel: level }),
};

/** The setting of the cluster lock; null: none, nothing is printed. */
export const clusterLockPrinter: Printer<string | null> = {
  plain: (setting) => (setting === null ? "" : `${setting}\n`),
  json: (setting) => ({ clusterLock: setting }),
};

export interface CapabilitiesReport {
  readonly leader: boolean;
  readonly lmaster: boolean;
}

export const capabilitiesPrinter: Printer<CapabilitiesReport> = {
  plain: ({ leader, lmaster }) => `LEADER: ${leader ? "YES" : "NO"}\nLMASTER: ${lmaster ? "YES" : "NO"}\n`,
  machine: ({ leader, lmaster }, separator) =>
    machineLine(["LEADER", "LMASTER"], separator) + machineLine([leader ? 1 : 0, lmaster ? 1 : 0], separator),
  json: ({ leader, lmaster }) => ({ leader, lmaster }),
};

export interface TunableReport {
  readonly name: string;
  readonly value: number;
}

function tunableLine({ name, value }: TunableReport): string {
  return `${name.padEnd(26)} = ${value}\n`;
}

export const tunablePrinter: Printer<TunableReport> = {
  plain: tunableLine,
  json: ({ name, value }) => ({ name, value }),
};

export const tunablesPrinter: Printer<readonly TunableReport[]> = {
  plain: (tunables) => tunables.map(tunableLine).join(""),
  json: (tunables) => ({ tunables: Object.fromEntries(tunables.map(({ name, value }) => [name, value])) }),
};

export interface ProcessReport {
  readonly pid: number;
  /** 0: not asked for. */
  readonly srvid: bigint;
  readonly exists: boolean;
}

export const processPrinter: Printer<ProcessReport> = {
  plain({ pid, srvid, exists }) {
    const what = srvid === 0n ? `PID ${pid}` : `PID ${pid} with SRVID 0x${srvid.toString(16)}`;
    return `${what} ${exists ? "exists" : "does not exist"}\n`;
  },
  json: ({ pid, srvid, exists }) => ({ pid, srvid: srvid === 0n ? null : `0x${srvid.toString(16)}`, exists }),
};

/** Text that a daemon made (memory reports). */
export const textPrinter: Printer<string> = { plain: (text) => text, json: (text) => ({ text }) };

/** The nodes list: deleted nodes are left out. */
export const nodesListPrinter: Printer<readonly { readonly pnn: number; readonly address: string }[]> = {
  plain: (nodes) => nodes.map((node) => `${node.address}\n`).join(""),
  machine: (nodes, separator) => nodes.map((node) => machineLine([node.pnn, node.address], separator)).join(""),
  json: (nodes) => ({ nodes: nodes.map(({ pnn, address }) => ({ pnn, address })) }),
};
