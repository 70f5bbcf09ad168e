// The live view: what changed between two looks, and the screen.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { LoopTimes } from "../../../src/protocol/index.js";
import type { TopSnapshot } from "../../../src/tool/fetch/top-snapshot.js";
import { topLines } from "../../../src/tool/print/top.js";
import { topChanges } from "../../../src/tool/top-changes.js";

const time = (sec: number) => ({ sec, usec: 0 });

function snapshot(
  change: Partial<TopSnapshot> & { flags?: number; recoveredAt?: number; ipOn?: number; loop?: LoopTimes },
): TopSnapshot {
  const node = { pnn: 0, flags: change.flags ?? 0, addr: { family: 4 as const, address: "10.0.0.1", port: 0 } };
  const uptime = {
    currentTime: time(100),
    ctdbdStartTime: time(1),
    lastRecoveryStarted: time((change.recoveredAt ?? 10) - 1),
    lastRecoveryFinished: time(change.recoveredAt ?? 10),
  };
  return {
    takenAtMs: 0,
    generation: 5,
    recoveryActive: false,
    nodes: [{ node, statistics: undefined, uptime, loop: change.loop }],
    databases: [],
    addresses: [{ addr: { family: 4, address: "10.9.0.1", port: 0 }, pnn: change.ipOn ?? 0 }],
    ...change,
  };
}

test("nothing changed, nothing is told", () => {
  assert.deepEqual(topChanges(snapshot({}), snapshot({})), []);
});

test("flags, recoveries, generations and moved addresses are told", () => {
  const now = snapshot({ flags: 0x20, recoveredAt: 50, ipOn: -1, generation: 6, recoveryActive: true });
  assert.deepEqual(topChanges(snapshot({}), now), [
    "node 0: OK -> STOPPED|INACTIVE",
    "node 0: recovery finished after 1.000 s",
    "recovery began",
    "generation 5 -> 6",
    "address 10.9.0.1: node 0 -> nowhere",
  ]);
});

function loopTimes(change: Partial<LoopTimes>): LoopTimes {
  return { elapsed: 10, busy: 1, limitMs: 100, longTurns: 0, kinds: [], turns: [], ...change };
}

test("long turns of a loop are told as they happen, those of before are not", () => {
  const turn = (total: number, name?: string) => ({
    end: time(1),
    total,
    cpu: total,
    inHandlers: name === undefined ? 0 : 1,
    parts: name === undefined ? [] : [{ name, count: 1, total }],
  });
  const turns = [turn(1.5), turn(0.2, "control DB_PULL"), turn(9, "control PING")];
  const now = snapshot({ loop: loopTimes({ longTurns: 3, turns }) });
  assert.deepEqual(topChanges(snapshot({ loop: loopTimes({ longTurns: 1 }) }), now), [
    "node 0: a turn of the loop took 200 ms, mostly control DB_PULL",
    "node 0: a turn of the loop took 1500 ms, outside of handlers",
  ]);
  assert.deepEqual(topChanges(snapshot({}), now), []);
});

test("a node's row ends with the busy share of its loop since the last look, and the longest handler", () => {
  const before = snapshot({ loop: loopTimes({ elapsed: 10, busy: 1 }) });
  const kinds = [{ name: "control PING", count: 3, total: 0.5, max: 0.25 }];
  const now = snapshot({ takenAtMs: 1000, loop: loopTimes({ elapsed: 12, busy: 1.5, kinds }) });
  const screen = { before, now, leader: 0, changes: [], colours: false, rows: 24 };
  assert.match(topLines(screen)[2] ?? "", /LOOP +LONGEST MS +RECOVERIES$/);
  assert.match(topLines(screen)[3] ?? "", /25\.0% +250\.00 +-$/);
  const ofC = { ...screen, now: snapshot({ takenAtMs: 1000 }) };
  assert.match(topLines(ofC)[3] ?? "", /- +- +-$/);
});

test("the screen fits the rows, has the changes last and no colours where none are asked for", () => {
  const before = snapshot({});
  const now = snapshot({ takenAtMs: 1000 });
  const screen = { before, now, leader: 0, changes: ["12:00:00 recovery began"], colours: false, rows: 24 };
  const lines = topLines(screen);
  assert.match(lines[0] ?? "", /^ctdb top {2}1\/1 nodes healthy {2}leader 0 {2}NORMAL {2}generation 5$/);
  assert.match(lines[3] ?? "", /^0\* +10\.0\.0\.1 +OK/);
  assert.equal(lines.at(-1), "12:00:00 recovery began");
  assert.equal(lines.join("").includes("\x1b"), false);
  assert.equal(topLines({ ...screen, rows: 8 }).length <= 6, true);
});
