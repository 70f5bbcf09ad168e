import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { NodeState } from "../../../src/cluster/node-state.js";
import { NodeTable } from "../../../src/cluster/node-table.js";
import { Generation, NodeFlag, RecoveryMode, RunState } from "../../../src/protocol/index.js";
import { FakeTime, RecordingLogger } from "../fake-time.js";

const LIST = [
  { address: "10.0.0.1", deleted: false },
  { address: "0.0.0.0", deleted: true },
  { address: "10.0.0.3", deleted: false },
];

describe("NodeState", () => {
  let time: FakeTime;
  let logger: RecordingLogger;
  let nodes: NodeTable;
  let state: NodeState;
  let steps: string[];
  let allFrozen: boolean;
  let enableBans: boolean;

  beforeEach(() => {
    time = new FakeTime();
    logger = new RecordingLogger();
    steps = [];
    allFrozen = true;
    enableBans = true;
    nodes = new NodeTable(LIST, 2, logger);
    state = new NodeState(
      {
        logger,
        timers: time,
        nodes,
        databases: {
          setAllGenerations: (generation) => steps.push(`generations ${generation}`),
          freezeAllInvalid: () => steps.push("freeze"),
          get allFrozen() {
            return allFrozen;
          },
        },
        tunables: () => ({ recoveryDropAllIpsSeconds: 120, recoveryBanPeriodSeconds: 300, enableBans }),
        releaseAllPublicAddresses: () => steps.push("release addresses"),
      },
      { capabilities: 0x30003 },
    );
  });

  it("begins in recovery, with a map of all nodes that are not deleted and no valid generation", () => {
    assert.equal(state.recoveryMode, RecoveryMode.ACTIVE);
    assert.deepEqual(state.vnnMap, { generation: Generation.INVALID, map: [0, 2] });
  });

  it("never lets the run state go back", () => {
    state.setRunState(RunState.SETUP);
    assert.throws(() => state.setRunState(RunState.INIT));
  });

  it("becomes inactive inside the stop: no generation, in recovery, frozen, no addresses", () => {
    state.setVnnMap({ generation: 77, map: [0, 2] });
    state.setRecoveryMode(RecoveryMode.NORMAL);
    state.stop();
    assert.equal(state.generation, Generation.INVALID);
    assert.equal(state.recoveryMode, RecoveryMode.ACTIVE);
    assert.deepEqual(steps, ["generations 1", "freeze", "release addresses"]);
    assert.ok(state.isInactive);
  });

  it("becomes inactive when it is taken out of the nodes list", () => {
    state.setVnnMap({ generation: 77, map: [0, 2] });
    state.setRecoveryMode(RecoveryMode.NORMAL);
    nodes.reload([...LIST.slice(0, 2), { address: "0.0.0.0", deleted: true }]);
    state.nodesListRead(false);
    assert.equal(state.generation, Generation.INVALID);
    assert.equal(state.recoveryMode, RecoveryMode.ACTIVE);
    assert.deepEqual(steps, ["generations 1", "freeze", "release addresses"]);
  });

  it("stays in recovery after a continue, until the leader includes it", () => {
    state.stop();
    state.continue();
    assert.ok(!state.isInactive);
    assert.equal(state.recoveryMode, RecoveryMode.ACTIVE);
  });

  it("ends a ban by itself", () => {
    state.setBan(60);
    assert.equal(nodes.own.flags & NodeFlag.BANNED, NodeFlag.BANNED);
    assert.equal(state.banSeconds, 60);
    time.advance(60_000);
    assert.equal(nodes.own.flags & NodeFlag.BANNED, 0);
    assert.equal(state.banSeconds, 0);
  });

  it("bans itself again when the ban ends and its databases were never frozen", () => {
    allFrozen = false;
    state.setBan(60);
    time.advance(60_000);
    assert.equal(state.banSeconds, 300);
  });

  it("replaces a running ban, without becoming inactive twice, and lifts it at once when asked to", () => {
    state.setBan(60);
    const once = steps.length;
    state.setBan(600);
    assert.equal(steps.length, once);
    time.advance(61_000);
    assert.equal(state.banSeconds, 600);
    state.setBan(0);
    assert.equal(nodes.own.flags & NodeFlag.BANNED, 0);
  });

  it("ignores bans where they are disabled", () => {
    enableBans = false;
    state.setBan(60);
    assert.equal(nodes.own.flags & NodeFlag.BANNED, 0);
  });

  it("drops its addresses when a recovery does not end, and not when it does", () => {
    state.setRecoveryMode(RecoveryMode.NORMAL);
    state.setRecoveryMode(RecoveryMode.ACTIVE);
    time.advance(119_000);
    state.setRecoveryMode(RecoveryMode.NORMAL);
    time.advance(10_000);
    assert.deepEqual(steps, []);
    state.setRecoveryMode(RecoveryMode.ACTIVE);
    time.advance(120_000);
    assert.deepEqual(steps, ["release addresses"]);
  });
});

describe("NodeTable", () => {
  it("knows itself as connected and all others as not", () => {
    const nodes = new NodeTable(LIST, 0, new RecordingLogger());
    assert.deepEqual(
      nodes.all.map((node) => node.flags),
      [NodeFlag.UNHEALTHY, NodeFlag.DELETED | NodeFlag.DISCONNECTED, NodeFlag.UNHEALTHY | NodeFlag.DISCONNECTED],
    );
  });

  it("finds nodes by address, but not deleted ones", () => {
    const nodes = new NodeTable(LIST, 0, new RecordingLogger());
    assert.equal(nodes.pnnOfAddress("10.0.0.3"), 2);
    assert.equal(nodes.pnnOfAddress("0.0.0.0"), undefined);
  });

  it("keeps the state of nodes whose line is unchanged when the list is read again", () => {
    const nodes = new NodeTable(LIST, 0, new RecordingLogger());
    nodes.setFlags(2, 0);
    const change = nodes.reload([
      { address: "10.0.0.1", deleted: false },
      { address: "10.0.0.2", deleted: false },
      { address: "10.0.0.3", deleted: false },
      { address: "10.0.0.4", deleted: false },
    ]);
    assert.deepEqual(change, { dropped: [], added: [1, 3] });
    assert.equal(nodes.require(2).flags, 0);
    assert.deepEqual(nodes.reload([{ address: "10.0.0.1", deleted: false }]), { dropped: [1, 2, 3], added: [] });
  });

  it("refuses a list that ends before this node, and keeps what it had", () => {
    const nodes = new NodeTable(LIST, 2, new RecordingLogger());
    assert.throws(() => nodes.reload(LIST.slice(0, 2)), /this node, 2, is not in the list of 2 nodes/);
    assert.equal(nodes.size, LIST.length);
  });

  it("stays connected to itself, and stopped, while its own line is deleted and when it comes back", () => {
    const nodes = new NodeTable(LIST, 0, new RecordingLogger());
    nodes.setFlags(0, NodeFlag.STOPPED);
    nodes.reload([{ address: "0.0.0.0", deleted: true }, ...LIST.slice(1)]);
    assert.equal(nodes.own.flags, NodeFlag.STOPPED | NodeFlag.DELETED);
    nodes.reload(LIST);
    assert.equal(nodes.own.flags, NodeFlag.STOPPED);
  });
});
