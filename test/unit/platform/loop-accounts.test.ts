import assert from "node:assert/strict";
import { test } from "node:test";
import { LoopAccounts } from "../../../src/platform/loop-accounts.js";
import { LOG_INTERVAL_MS, LoopWatch, TICK_MS } from "../../../src/platform/loop-watch.js";
import { FakeTime, RecordingLogger } from "../fake-time.js";

function setUp(limitMs = 100) {
  const time = new FakeTime();
  const accounts = new LoopAccounts(time);
  const logger = new RecordingLogger();
  const endsOfTurn: Array<() => void> = [];
  let cpuMs = 0;
  const watch = new LoopWatch(
    {
      clock: time,
      timers: time,
      logger,
      accounts,
      atEndOfTurn: (callback) => void endsOfTurn.push(callback),
      cpuMs: () => cpuMs,
    },
    { limitMs },
  );
  watch.start();
  return {
    time,
    accounts,
    logger,
    /** A handler of this kind that takes so long. */
    handler: (name: string, ms: number, cpuShare = 1) => {
      const kind = accounts.kind(name);
      accounts.begin(time.now());
      accounts.enter(kind);
      time.pass(ms);
      cpuMs += ms * cpuShare;
      accounts.end(time.now(), kind);
    },
    endTurn: () => {
      for (const callback of endsOfTurn.splice(0)) callback();
    },
    useCpu: (ms: number) => {
      cpuMs += ms;
    },
  };
}

function timesOf(accounts: LoopAccounts) {
  return accounts.all.map(({ name, count, totalMs, maxMs }) => ({ name, count, totalMs, maxMs }));
}

test("handlers of one input share its time, each from its own begin", () => {
  const { time, accounts } = setUp();
  const [call, control, input] = ["call", "control", "input"].map((name) => accounts.kind(name));
  assert.ok(call !== undefined && control !== undefined && input !== undefined);
  accounts.begin(time.now());
  time.pass(1);
  accounts.enter(call);
  time.pass(2);
  accounts.enter(control);
  time.pass(5);
  accounts.enter(call);
  time.pass(4);
  accounts.end(time.now(), input);
  assert.deepEqual(timesOf(accounts), [
    { name: "call", count: 2, totalMs: 7, maxMs: 4 },
    { name: "control", count: 1, totalMs: 5, maxMs: 5 },
  ]);
});

test("handlers of one kind in a row are counted one by one and timed together, without a reading of the clock", () => {
  const { time, accounts } = setUp();
  const call = accounts.kind("call");
  accounts.begin(time.now());
  for (let i = 0; i < 3; i++) {
    accounts.enter(call);
    time.pass(2);
  }
  accounts.end(time.now(), call);
  assert.deepEqual(timesOf(accounts), [{ name: "call", count: 3, totalMs: 6, maxMs: 6 }]);
});

test("an input for which no handler was entered counts as what its source says", () => {
  const { time, accounts } = setUp();
  accounts.begin(time.now());
  time.pass(3);
  accounts.end(time.now(), accounts.kind("part of a packet"));
  assert.deepEqual(timesOf(accounts), [{ name: "part of a packet", count: 1, totalMs: 3, maxMs: 3 }]);
});

test("a handler that runs inside of another one is part of it", () => {
  const { time, accounts } = setUp();
  const outer = accounts.kind("outer");
  accounts.run(outer, () => {
    time.pass(1);
    accounts.run(accounts.kind("inner"), () => time.pass(2));
    time.pass(1);
  });
  assert.deepEqual(timesOf(accounts), [{ name: "outer", count: 1, totalMs: 4, maxMs: 4 }]);
});

test("a handler that throws is counted, and the next one is not part of it", () => {
  const { time, accounts } = setUp();
  const kind = accounts.kind("faulty");
  assert.throws(() =>
    accounts.run(kind, () => {
      time.pass(2);
      throw new Error("broken");
    }),
  );
  accounts.run(accounts.kind("next"), () => time.pass(1));
  assert.deepEqual(
    timesOf(accounts).map(({ name, totalMs }) => [name, totalMs]),
    [
      ["faulty", 2],
      ["next", 1],
    ],
  );
});

test("timers and callbacks of a part of the daemon are counted under its name", () => {
  const { time, accounts } = setUp(0);
  const timers = accounts.timersOf(
    {
      after: (delayMs, callback, kind) => time.after(delayMs, () => kind && accounts.run(kind, callback)),
      nextTurn: (callback, kind) => time.nextTurn(() => kind && accounts.run(kind, callback)),
    },
    "keepalive",
  );
  timers.after(10, () => time.pass(3));
  timers.nextTurn(() => time.pass(1));
  time.advance(20);
  assert.deepEqual(timesOf(accounts), [{ name: "timer keepalive", count: 2, totalMs: 4, maxMs: 3 }]);
});

test("a long turn is logged with its handlers, worst first", () => {
  const { accounts, logger, handler, endTurn } = setUp();
  handler("control DB_PULL", 60);
  for (let i = 0; i < 3; i++) handler("node REQ_CALL", 25);
  assert.deepEqual(logger.lines, []);
  endTurn();
  assert.deepEqual(logger.lines, [
    "A turn of the loop took 135 ms: node REQ_CALL 75 ms (3), control DB_PULL 60 ms (1)",
  ]);
  assert.equal(accounts.longTurnCount, 1);
  assert.deepEqual(accounts.longTurns[0]?.handlers[0], { name: "node REQ_CALL", count: 3, totalMs: 75 });
});

test("turns that are not long each do not add up to a long one", () => {
  const { logger, handler, endTurn } = setUp();
  for (let i = 0; i < 10; i++) {
    handler("node REQ_CALL", 90);
    endTurn();
  }
  assert.deepEqual(logger.lines, []);
});

test("a long turn in which the process had no CPU says so", () => {
  const { logger, handler, endTurn } = setUp();
  handler("timer keepalive", 2000, 0.001);
  endTurn();
  assert.deepEqual(logger.lines, [
    "A turn of the loop took 2000 ms in 2.0 ms of CPU time: the process waited, was stopped, or others had the CPU: " +
      "timer keepalive 2000 ms (1)",
  ]);
});

test("of many long turns one line is logged in a while: the worst, with the number of the others", () => {
  const { time, accounts, logger, handler, endTurn } = setUp();
  for (const ms of [110, 120, 400, 130]) {
    handler("node REQ_CALL", ms);
    endTurn();
    time.advance(0);
  }
  assert.deepEqual(logger.lines.splice(0), ["A turn of the loop took 110 ms: node REQ_CALL 110 ms (1)"]);
  time.advance(LOG_INTERVAL_MS);
  assert.deepEqual(logger.lines, [
    "A turn of the loop took 400 ms: node REQ_CALL 400 ms (1); 2 shorter long ones since the last line",
  ]);
  time.advance(3 * LOG_INTERVAL_MS);
  assert.equal(logger.lines.length, 1);
  assert.equal(accounts.longTurnCount, 4);
  assert.deepEqual(
    accounts.longTurns.map((turn) => turn.totalMs),
    [130, 400, 120, 110],
  );
});

test("time that passes outside of handlers is named: the process did not run", () => {
  const { time, accounts, logger, handler, endTurn } = setUp();
  handler("node REQ_CALL", 40);
  time.pass(1500);
  time.advance(0);
  endTurn();
  assert.deepEqual(logger.lines, [
    "The loop stood still for 1400 ms outside of all handlers (40 ms of CPU time): the process did not run: " +
      "it was stopped, or others had the CPU",
  ]);
  assert.equal(accounts.longTurns[0]?.inHandlers, false);
});

test("time that passes outside of handlers with the CPU in use is the runtime's own", () => {
  const { time, logger, useCpu } = setUp();
  time.pass(TICK_MS + 300);
  useCpu(310);
  time.advance(0);
  assert.deepEqual(logger.lines, [
    "The loop stood still for 300 ms outside of all handlers (310 ms of CPU time): the runtime was busy, with garbage " +
      "collection for example",
  ]);
});

test("an idle loop is not taken for one that stands still, nor a long handler for time outside of handlers", () => {
  const { time, logger, handler, endTurn } = setUp();
  time.advance(10_000);
  handler("control DB_PULL", 500);
  time.advance(0);
  endTurn();
  assert.deepEqual(logger.lines, ["A turn of the loop took 500 ms: control DB_PULL 500 ms (1)"]);
});

test("with a limit of 0 nothing is watched, but everything counted", () => {
  const { time, accounts, logger, handler, endTurn } = setUp(0);
  handler("control DB_PULL", 5000);
  endTurn();
  time.advance(10_000);
  assert.deepEqual(logger.lines, []);
  assert.equal(accounts.kind("control DB_PULL").totalMs, 5000);
});

test("a reset sets counts, times and long turns to zero", () => {
  const { time, accounts, handler, endTurn } = setUp();
  handler("control DB_PULL", 500);
  endTurn();
  time.pass(100);
  accounts.reset();
  assert.deepEqual([accounts.all, accounts.longTurns, accounts.longTurnCount, accounts.elapsedMs], [[], [], 0, 0]);
  handler("control PING", 1);
  assert.deepEqual([accounts.busySinceResetMs, accounts.elapsedMs], [1, 1]);
});
