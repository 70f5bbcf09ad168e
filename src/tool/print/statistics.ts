// Prints the counters of a daemon (statistics, stats) and of a database (dbstatistics).
import type { DbStatistics, Latency, Statistics } from "../../protocol/index.js";
import type { JsonValue, Printer } from "../command.js";
import { ctimeText, isoText, spanText } from "./clock-text.js";

const PROTOCOL_VERSION = 1;

/** The counters in the order in which they are printed; a dot separates group and name. */
function counters(s: Statistics): readonly (readonly [name: string, value: number])[] {
  return [
    ["num_clients", s.numClients],
    ["frozen", s.frozen],
    ["recovering", s.recovering],
    ["num_recoveries", s.numRecoveries],
    ["client_packets_sent", s.clientPacketsSent],
    ["client_packets_recv", s.clientPacketsRecv],
    ["node_packets_sent", s.nodePacketsSent],
    ["node_packets_recv", s.nodePacketsRecv],
    ["keepalive_packets_sent", s.keepalivePacketsSent],
    ["keepalive_packets_recv", s.keepalivePacketsRecv],
    ["node.req_call", s.node.reqCall],
    ["node.reply_call", s.node.replyCall],
    ["node.req_dmaster", s.node.reqDmaster],
    ["node.reply_dmaster", s.node.replyDmaster],
    ["node.reply_error", s.node.replyError],
    ["node.req_message", s.node.reqMessage],
    ["node.req_control", s.node.reqControl],
    ["node.reply_control", s.node.replyControl],
    ["node.req_tunnel", s.node.reqTunnel],
    ["client.req_call", s.client.reqCall],
    ["client.req_message", s.client.reqMessage],
    ["client.req_control", s.client.reqControl],
    ["client.req_tunnel", s.client.reqTunnel],
    ["timeouts.call", s.timeouts.call],
    ["timeouts.control", s.timeouts.control],
    ["timeouts.traverse", s.timeouts.traverse],
    ["locks.num_calls", s.locks.numCalls],
    ["locks.num_current", s.locks.numCurrent],
    ["locks.num_pending", s.locks.numPending],
    ["locks.num_failed", s.locks.numFailed],
    ["total_calls", s.totalCalls],
    ["pending_calls", s.pendingCalls],
    ["childwrite_calls", s.childwriteCalls],
    ["pending_childwrite_calls", s.pendingChildwriteCalls],
    ["memory_used", s.memoryUsed],
    ["max_hop_count", s.maxHopCount],
    ["total_ro_delegations", s.totalRoDelegations],
    ["total_ro_revokes", s.totalRoRevokes],
  ];
}

/** Latencies in the order of the machine readable columns. */
function latencies(s: Statistics): readonly (readonly [name: string, latency: Latency])[] {
  return [
    ["reclock_ctdbd", s.reclock.ctdbd],
    ["reclock_recd", s.reclock.recd],
    ["call", s.callLatency],
    ["lockwait", s.locks.latency],
    ["childwrite", s.childwriteLatency],
  ];
}

function average(latency: Latency): number {
  return latency.num === 0 ? 0 : latency.total / latency.num;
}

function counterLines(values: readonly (readonly [name: string, value: number])[]): string {
  let group = "";
  let text = "";
  for (const [name, value] of values) {
    const dot = name.indexOf(".");
    const number = String(value).padStart(10);
    if (dot < 0) {
      group = "";
      text += ` ${name.padEnd(22)}    ${number}\n`;
      continue;
    }
    const own = name.slice(0, dot);
    if (own !== group) text += ` ${own}\n`;
    group = own;
    text += `     ${name.slice(dot + 1).padEnd(22)}${number}\n`;
  }
  return text;
}

function bucketLine(name: string, buckets: readonly number[]): string {
  return ` ${name}: ${buckets.join(" ")}\n`;
}

function latencyLine(name: string, latency: Latency): string {
  const figures = [latency.min, average(latency), latency.max].map((one) => one.toFixed(6)).join("/");
  return ` ${`${name.padEnd(18)} MIN/AVG/MAX`.padEnd(30)}     ${figures} sec out of ${latency.num}\n`;
}

function statisticsText(s: Statistics): string {
  const now = s.statisticsCurrentTime.sec;
  const start = s.statisticsStartTime.sec;
  return (
    `CTDB version ${PROTOCOL_VERSION}\n` +
    `Current time of statistics  :                ${ctimeText(now)}\n` +
    `Statistics collected since  : ${spanText(now - start)} ${ctimeText(start)}\n` +
    counterLines(counters(s)) +
    bucketLine("hop_count_buckets", s.hopCountBucket) +
    bucketLine("lock_buckets", s.locks.buckets) +
    latencyLine("locks_latency", s.locks.latency) +
    latencyLine("reclock_ctdbd", s.reclock.ctdbd) +
    latencyLine("reclock_recd", s.reclock.recd) +
    latencyLine("call_latency", s.callLatency) +
    latencyLine("childwrite_latency", s.childwriteLatency)
  );
}

/** Unlike all other machine readable lines, these have no separator in front. */
function statisticsHeader(s: Statistics, separator: string): string {
  const names = [
    "CTDB version",
    "Current time of statistics",
    "Statistics collected since",
    ...counters(s).map(([name]) => name),
    ...latencies(s).flatMap(([name]) => ["num", "min", "avg", "max"].map((part) => `${part}_${name}_latency`)),
  ];
  return `${names.map((name) => name + separator).join("")}\n`;
}

function statisticsMachineLine(s: Statistics, separator: string): string {
  const values = [
    PROTOCOL_VERSION,
    s.statisticsCurrentTime.sec,
    s.statisticsStartTime.sec,
    ...counters(s).map(([, value]) => value),
    ...latencies(s).flatMap(([, one]) => [one.num, one.min.toFixed(6), average(one).toFixed(6), one.max.toFixed(6)]),
  ];
  return `${values.map((value) => value + separator).join("")}\n`;
}

function latencyJson(latency: Latency): JsonValue {
  return { count: latency.num, minSeconds: latency.min, avgSeconds: average(latency), maxSeconds: latency.max };
}

function statisticsJson(s: Statistics): JsonValue {
  return {
    currentTime: isoText(s.statisticsCurrentTime.sec),
    collectedSince: isoText(s.statisticsStartTime.sec),
    counters: Object.fromEntries(counters(s)),
    hopCountBuckets: s.hopCountBucket,
    lockBuckets: s.locks.buckets,
    latencies: Object.fromEntries(latencies(s).map(([name, latency]) => [name, latencyJson(latency)])),
  };
}

export const statisticsPrinter: Printer<Statistics> = {
  plain: statisticsText,
  machine: (report, separator) => statisticsHeader(report, separator) + statisticsMachineLine(report, separator),
  json: statisticsJson,
};

export const statisticsHistoryPrinter: Printer<readonly Statistics[]> = {
  plain: (report) => report.map(statisticsText).join(""),
  machine(report, separator) {
    const first = report[0];
    const header = first === undefined ? "" : statisticsHeader(first, separator);
    return header + report.map((one) => statisticsMachineLine(one, separator)).join("");
  },
  json: (report) => ({ intervals: report.map(statisticsJson) }),
};

export interface DatabaseStatisticsReport {
  readonly name: string;
  readonly statistics: DbStatistics;
}

export const databaseStatisticsPrinter: Printer<DatabaseStatisticsReport> = {
  plain({ name, statistics: s }) {
    const slots = s.hotKeys.slice(0, s.numHotKeys);
    const hotKeys = slots.map((slot) => `     Count:${slot.count} Key:${Buffer.from(slot.key).toString("hex")}\n`);
    return (
      `DB Statistics ${name}\n` +
      counterLines([
        ["db_ro_delegations", s.dbRoDelegations],
        ["db_ro_revokes", s.dbRoRevokes],
        ["locks.num_calls", s.locks.numCalls],
        ["locks.num_current", s.locks.numCurrent],
        ["locks.num_pending", s.locks.numPending],
        ["locks.num_failed", s.locks.numFailed],
      ]) +
      bucketLine("hop_count_buckets", s.hopCountBucket) +
      bucketLine("lock_buckets", s.locks.buckets) +
      latencyLine("locks_latency", s.locks.latency) +
      latencyLine("vacuum_latency", s.vacuum.latency) +
      ` Num Hot Keys:     ${s.numHotKeys}\n` +
      hotKeys.join("")
    );
  },
  json: ({ name, statistics: s }) => ({
    name,
    readonlyDelegations: s.dbRoDelegations,
    readonlyRevokes: s.dbRoRevokes,
    locks: {
      calls: s.locks.numCalls,
      current: s.locks.numCurrent,
      pending: s.locks.numPending,
      failed: s.locks.numFailed,
      latency: latencyJson(s.locks.latency),
      buckets: s.locks.buckets,
    },
    vacuumLatency: latencyJson(s.vacuum.latency),
    hopCountBuckets: s.hopCountBucket,
    hotKeys: s.hotKeys
      .filter((slot) => slot.key.length > 0)
      .map((slot) => ({ count: slot.count, key: Buffer.from(slot.key).toString("hex") })),
  }),
};
