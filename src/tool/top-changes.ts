// What happened between two looks of `ctdb top`: recoveries, nodes that come and go, addresses that move. Pure.
import type { TopSnapshot } from "./fetch/top-snapshot.js";
import { nodeFlagsText } from "./print/node-flags.js";

const MICROSECONDS = 1_000_000;

/** One line for each change, oldest first. */
export function topChanges(before: TopSnapshot, now: TopSnapshot): string[] {
  const lines: string[] = [];
  for (const { node, uptime, loop } of now.nodes) {
    const old = before.nodes.find((one) => one.node.pnn === node.pnn);
    if (old === undefined) lines.push(`node ${node.pnn} (${node.addr.address}) is new`);
    else if (old.node.flags !== node.flags) {
      lines.push(`node ${node.pnn}: ${nodeFlagsText(old.node.flags)} -> ${nodeFlagsText(node.flags)}`);
    }
    const turns = (loop?.longTurns ?? 0) - (old?.loop?.longTurns ?? Number.POSITIVE_INFINITY);
    for (const turn of loop?.turns.slice(0, Math.max(0, turns)).reverse() ?? []) {
      const [worst] = turn.parts;
      const cause = worst === undefined ? "outside of handlers" : `mostly ${worst.name}`;
      lines.push(`node ${node.pnn}: a turn of the loop took ${(1000 * turn.total).toFixed(0)} ms, ${cause}`);
    }
    const finished = uptime?.lastRecoveryFinished;
    const oldFinished = old?.uptime?.lastRecoveryFinished;
    if (uptime === undefined || finished === undefined || oldFinished === undefined) continue;
    if (finished.sec === oldFinished.sec && finished.usec === oldFinished.usec) continue;
    const { lastRecoveryStarted: started } = uptime;
    const seconds = finished.sec - started.sec + (finished.usec - started.usec) / MICROSECONDS;
    lines.push(`node ${node.pnn}: recovery finished after ${seconds.toFixed(3)} s`);
  }
  if (before.recoveryActive === false && now.recoveryActive === true) lines.push("recovery began");
  if (before.generation !== now.generation && now.generation !== undefined) {
    lines.push(`generation ${before.generation ?? "?"} -> ${now.generation}`);
  }
  for (const { addr, pnn } of now.addresses) {
    const old = before.addresses.find((one) => one.addr.address === addr.address);
    if (old === undefined || old.pnn === pnn) continue;
    const place = (at: number): string => (at < 0 ? "nowhere" : `node ${at}`);
    lines.push(`address ${addr.address}: ${place(old.pnn)} -> ${place(pnn)}`);
  }
  return lines;
}
