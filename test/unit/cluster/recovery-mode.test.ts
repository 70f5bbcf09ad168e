// SETVNNMAP and SET_RECMODE: what a node asks before it believes that a recovery has ended.
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { clusterControls, type TestClusterLock } from "../../../src/cluster/cluster-controls.js";
import { NodeState } from "../../../src/cluster/node-state.js";
import { NodeTable } from "../../../src/cluster/node-table.js";
import type { ControlHandlers } from "../../../src/controls/control-service.js";
import { RecoveryMode } from "../../../src/protocol/index.js";
import { answered } from "../databases/answered-call.js";
import { FakeTime, RecordingLogger } from "../fake-time.js";

const GENERATION = 77;

describe("The end of a recovery on a node", () => {
  let state: NodeState;
  let databaseGeneration: number;
  let allFrozen: boolean;
  let oneFrozen: boolean;
  let happened: string[];
  let lockTest: Parameters<TestClusterLock>[0] | undefined;

  function handlersFor(clusterLock: string | undefined): ControlHandlers {
    const clock = new FakeTime();
    const logger = new RecordingLogger();
    const nodes = new NodeTable([{ address: "10.0.0.1", deleted: false }], 0, logger);
    state = new NodeState(
      {
        logger,
        timers: clock,
        nodes,
        databases: { setAllGenerations: () => {}, freezeAllInvalid: () => {}, allFrozen: true },
        tunables: () => ({ recoveryDropAllIpsSeconds: 120, recoveryBanPeriodSeconds: 300, enableBans: true }),
        releaseAllPublicAddresses: () => {},
      },
      { capabilities: 0x30003 },
    );
    return clusterControls(
      {
        clock,
        logger,
        nodes,
        state,
        databases: {
          firstWithOtherGeneration: (generation) =>
            databaseGeneration === generation ? undefined : { name: "a.tdb", generation: databaseGeneration },
          firstInRecovery: (generation) =>
            databaseGeneration === generation && !allFrozen && !oneFrozen ? undefined : { name: "a.tdb" },
          get allFrozen() {
            return allFrozen;
          },
          thawAll: () => {
            allFrozen = false;
            happened.push("thaw all");
          },
        },
        request: { request: () => {} },
        counters: { numRecoveries: 0, reclockCtdbd: { add: () => {} } },
        runEvent: () => {},
        testClusterLock: (done) => {
          lockTest = done;
        },
        readNodesList: () => [],
        nodesListChanged: () => {},
        nodesFileBroken: () => {},
        recoveryEnded: () => happened.push("attaches go on"),
        endCommits: () => {},
        shutdown: () => {},
      },
      { port: 4379, clusterLock, daemonStartedWallMs: 0 },
    );
  }

  beforeEach(() => {
    databaseGeneration = GENERATION;
    allFrozen = false;
    oneFrozen = false;
    happened = [];
    lockTest = undefined;
  });

  function setMap(handlers: ControlHandlers, generation = GENERATION): string {
    const answer = answered("SETVNNMAP");
    handlers.SETVNNMAP?.({ generation, map: [0] }, answer.call);
    return answer.text;
  }

  function setMode(handlers: ControlHandlers, mode: number) {
    const answer = answered("SET_RECMODE");
    handlers.SET_RECMODE?.(mode, answer.call);
    return answer;
  }

  it("is refused as long as a database has another generation than the vnnmap", () => {
    const handlers = handlersFor(undefined);
    assert.equal(setMap(handlers), "0");
    databaseGeneration = GENERATION - 1;
    assert.equal(setMode(handlers, RecoveryMode.NORMAL).text, "-1");
    assert.deepEqual([state.recoveryMode, happened], [RecoveryMode.ACTIVE, []]);
    databaseGeneration = GENERATION;
    assert.equal(setMode(handlers, RecoveryMode.NORMAL).text, "0");
    assert.deepEqual([state.recoveryMode, happened], [RecoveryMode.NORMAL, ["attaches go on"]]);
    assert.equal(setMode(handlers, RecoveryMode.NORMAL).text, "0");
    assert.deepEqual(happened, ["attaches go on"], "once");
  });

  it("thaws what a FREEZE of the whole node had frozen", () => {
    const handlers = handlersFor(undefined);
    setMap(handlers);
    allFrozen = true;
    setMode(handlers, RecoveryMode.NORMAL);
    assert.deepEqual(happened, ["thaw all", "attaches go on"]);
  });

  it("is refused, and so is the map before it, on a node that was stopped meanwhile; a map also outside of recoveries", () => {
    const handlers = handlersFor(undefined);
    setMap(handlers);
    setMode(handlers, RecoveryMode.NORMAL);
    assert.equal(setMap(handlers, GENERATION + 1), "-1");
    state.stop();
    assert.match(setMap(handlers), /^-1 this node is stopped/);
    assert.match(setMode(handlers, RecoveryMode.NORMAL).text, /^-1 this node is stopped/);
  });

  for (const [answer, ends] of [
    ["contention", true],
    ["timeout", true],
    ["taken", false],
    ["error", false],
  ] as const) {
    it(`${ends ? "comes" : "does not come"} when the test of the cluster lock says "${answer}", for the leader holds that lock`, () => {
      const handlers = handlersFor("/lock");
      setMap(handlers);
      const reply = setMode(handlers, RecoveryMode.NORMAL);
      assert.equal(reply.text, "pending");
      lockTest?.(answer);
      assert.match(reply.text, ends ? /^0$/ : /^-1 /);
      assert.equal(state.recoveryMode, ends ? RecoveryMode.NORMAL : RecoveryMode.ACTIVE);
    });
  }

  it("does not come when another recovery has begun during the test of the cluster lock", () => {
    const handlers = handlersFor("/lock");
    setMap(handlers);
    const reply = setMode(handlers, RecoveryMode.NORMAL);
    setMap(handlers, GENERATION + 1);
    lockTest?.("contention");
    assert.match(reply.text, /^-1 .*overtaken/);
    assert.equal(state.recoveryMode, RecoveryMode.ACTIVE);
  });

  it("does not come when a leader whose map was replaced has frozen or committed a database during the test of the cluster lock", () => {
    const meanwhile = {
      frozen: () => {
        oneFrozen = true;
      },
      committed: () => {
        databaseGeneration = GENERATION - 1;
      },
    };
    for (const happens of Object.values(meanwhile)) {
      const handlers = handlersFor("/lock");
      [databaseGeneration, oneFrozen] = [GENERATION, false];
      setMap(handlers);
      const reply = setMode(handlers, RecoveryMode.NORMAL);
      happens();
      lockTest?.("contention");
      assert.match(reply.text, /^-1 .*overtaken/);
      assert.equal(state.recoveryMode, RecoveryMode.ACTIVE);
    }
  });
});
