import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ClusterView } from "../../../src/cluster/cluster-view.js";
import {
  nodeInRecovery,
  nodeMapInconsistency,
  vnnMapDifference,
  vnnMapInconsistency,
} from "../../../src/cluster/consistency-checks.js";
import { beats } from "../../../src/cluster/election-rules.js";
import { Capability, NodeFlag, type NodeMap } from "../../../src/protocol/index.js";

const BOTH = Capability.RECMASTER | Capability.LMASTER;

function view(flags: readonly number[]): ClusterView {
  const made = new ClusterView(0);
  made.replaceNodes(flags.map((value, pnn) => ({ pnn, flags: value })));
  return made;
}

function map(pnns: readonly number[]): NodeMap {
  return { nodes: pnns.map((pnn) => ({ pnn, flags: 0, addr: { family: 4, address: "127.0.0.1", port: 4379 } })) };
}

describe("the leader's consistency checks", () => {
  it("blame an active node with another list of nodes, and leave inactive ones alone", () => {
    const nodes = view([0, 0, NodeFlag.STOPPED]);
    assert.equal(nodeMapInconsistency(nodes, new Map([[1, map([0, 1, 2])]])), undefined);
    assert.equal(nodeMapInconsistency(nodes, new Map([[1, map([0, 1])]]))?.culprit, 1);
    assert.equal(nodeMapInconsistency(nodes, new Map([[1, map([0, 1, 3])]]))?.culprit, 1);
    assert.equal(nodeMapInconsistency(nodes, new Map([[2, map([0])]])), undefined);
  });

  it("want exactly the active lmasters in the VNN map", () => {
    const nodes = view([0, 0, NodeFlag.DISCONNECTED]);
    const capabilities = new Map([
      [0, BOTH],
      [1, BOTH],
    ]);
    assert.equal(vnnMapInconsistency(nodes, { generation: 5, map: [0, 1] }, capabilities), undefined);
    assert.equal(vnnMapInconsistency(nodes, { generation: 5, map: [0, 1, 2] }, capabilities)?.culprit, 0);
    assert.equal(vnnMapInconsistency(nodes, { generation: 5, map: [0, 2] }, capabilities)?.culprit, 1);
  });

  it("are content with the leader alone when nobody can be lmaster", () => {
    const capabilities = new Map([[0, Capability.RECMASTER]]);
    assert.equal(vnnMapInconsistency(view([0]), { generation: 5, map: [0] }, capabilities), undefined);
    assert.equal(vnnMapInconsistency(view([0, 0]), { generation: 5, map: [0, 1] }, capabilities)?.culprit, 0);
  });

  it("compare generation, size and order of VNN maps", () => {
    const own = { generation: 5, map: [0, 1] };
    assert.equal(vnnMapDifference(own, 1, { generation: 5, map: [0, 1] }), undefined);
    for (const other of [
      { generation: 6, map: [0, 1] },
      { generation: 5, map: [0] },
      { generation: 5, map: [1, 0] },
    ]) {
      assert.equal(vnnMapDifference(own, 1, other)?.culprit, 1);
    }
  });

  it("find the first node that is in recovery mode", () => {
    assert.equal(
      nodeInRecovery(
        new Map([
          [2, 1],
          [0, 0],
          [1, 1],
        ]),
      ),
      1,
    );
    assert.equal(nodeInRecovery(new Map([[0, 0]])), undefined);
  });
});

describe("the election rules", () => {
  const own = { pnn: 1, canBeLeader: true, prioritySec: 100, priorityUsec: 5 };
  const sender = { numConnected: 3, priorityTime: { sec: 100, usec: 5 }, pnn: 0, nodeFlags: 0 };

  it("prefer the earlier time, then the higher pnn", () => {
    assert.equal(beats(own, sender), true);
    assert.equal(beats(own, { ...sender, pnn: 2 }), false);
    assert.equal(beats(own, { ...sender, priorityTime: { sec: 100, usec: 4 } }), false);
    assert.equal(beats(own, { ...sender, pnn: 2, priorityTime: { sec: 101, usec: 0 } }), true);
  });

  it("let an active node beat an inactive one, and nobody lose to one that cannot lead", () => {
    const inactive = { ...sender, nodeFlags: NodeFlag.BANNED, priorityTime: { sec: 1, usec: 0 } };
    assert.equal(beats(own, inactive), true);
    assert.equal(beats({ ...own, canBeLeader: false }, inactive), false);
  });
});
