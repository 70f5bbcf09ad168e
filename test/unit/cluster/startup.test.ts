import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { NodeState } from "../../../src/cluster/node-state.js";
import { NodeTable } from "../../../src/cluster/node-table.js";
import { EVENT_TIMED_OUT, Startup } from "../../../src/cluster/startup.js";
import { NodeFlag, RecoveryMode, RunState } from "../../../src/protocol/index.js";
import { FakeTime, RecordingLogger } from "../fake-time.js";

describe("Startup", () => {
  let time: FakeTime;
  let nodes: NodeTable;
  let state: NodeState;
  let startup: Startup;
  let events: string[];
  let results: Record<string, number>;
  let shutdowns: number[];
  let unhealthyDatabases: number;

  function recovered(): void {
    state.setVnnMap({ generation: 5, map: [0] });
    state.setRecoveryMode(RecoveryMode.NORMAL);
    state.setRunState(RunState.STARTUP);
    time.advance(10);
  }

  beforeEach(() => {
    time = new FakeTime();
    events = [];
    results = {};
    shutdowns = [];
    unhealthyDatabases = 0;
    const logger = new RecordingLogger();
    nodes = new NodeTable([{ address: "10.0.0.1", deleted: false }], 0, logger);
    state = new NodeState(
      {
        logger,
        timers: time,
        nodes,
        databases: { setAllGenerations() {}, freezeAllInvalid() {}, allFrozen: false },
        tunables: () => ({ recoveryDropAllIpsSeconds: 120, recoveryBanPeriodSeconds: 300, enableBans: true }),
        releaseAllPublicAddresses() {},
      },
      { capabilities: 3 },
    );
    startup = new Startup({
      timers: time,
      logger,
      nodes,
      state,
      databases: { allFrozen: false, recheckHealth: () => unhealthyDatabases },
      runEvent: (event, _args, done) => {
        events.push(event);
        time.nextTurn(() => done(results[event] ?? 0));
      },
      tunables: () => ({ monitorIntervalSeconds: 15, monitorTimeoutCount: 3 }),
      notify: (event) => events.push(`notify ${event}`),
      announceStartup: () => events.push("announce"),
      healthChanged: () => events.push("health changed"),
      shutdown: (_reason, status) => shutdowns.push(status),
    });
    state.onChanged(() => startup.stateChanged());
    state.setRunState(RunState.FIRST_RECOVERY);
    startup.begin();
  });

  it("asks for another recovery when nobody says that the one it was in is over", () => {
    state.setRunState(RunState.FIRST_RECOVERY);
    startup.begin();
    state.setVnnMap({ generation: 5, map: [0] });
    state.setRecoveryMode(RecoveryMode.NORMAL);
    time.advance(35_000);
    assert.equal(state.recoveryMode, RecoveryMode.NORMAL);
    time.advance(10_000);
    assert.equal(state.recoveryMode, RecoveryMode.ACTIVE);
    recovered();
    assert.equal(state.runState, RunState.RUNNING);
  });

  it("waits for the first recovery, then runs startup once, and is healthy right after the first monitor event", () => {
    time.advance(5000);
    assert.deepEqual(events, []);
    recovered();
    assert.deepEqual(events, ["startup", "notify startup", "announce", "monitor", "notify healthy", "health changed"]);
    assert.equal(state.runState, RunState.RUNNING);
    assert.equal(nodes.own.flags, 0);
  });

  it("tries a failed startup event again every five seconds", () => {
    results = { startup: 1 };
    recovered();
    time.advance(10_000);
    assert.deepEqual(events, ["startup", "startup", "startup"]);
    results = {};
    time.advance(5000);
    assert.equal(state.runState, RunState.RUNNING);
  });

  it("shuts down when a persistent database is unhealthy", () => {
    unhealthyDatabases = 1;
    recovered();
    assert.deepEqual(shutdowns, [11]);
  });

  it("does not monitor in recovery, and looks at once when that is over", () => {
    recovered();
    state.setRecoveryMode(RecoveryMode.ACTIVE);
    events.length = 0;
    time.advance(60_000);
    assert.deepEqual(events, []);
    state.setRecoveryMode(RecoveryMode.NORMAL);
    time.advance(10);
    assert.deepEqual(events, ["monitor"]);
  });

  it("disables the node after a failed monitor event and enables it after a good one", () => {
    recovered();
    results = { monitor: 1 };
    time.advance(20_000);
    assert.equal(nodes.own.flags, NodeFlag.UNHEALTHY);
    results = {};
    time.advance(20_000);
    assert.equal(nodes.own.flags, 0);
  });

  it("takes monitor events that time out for a failure only when there are too many in a row", () => {
    recovered();
    results = { monitor: EVENT_TIMED_OUT };
    events.length = 0;
    while (events.filter((event) => event === "monitor").length < 2) time.advance(1000);
    assert.equal(nodes.own.flags, 0);
    while (events.filter((event) => event === "monitor").length < 3) time.advance(1000);
    assert.equal(nodes.own.flags, NodeFlag.UNHEALTHY);
  });
});
