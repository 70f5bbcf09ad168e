// A recovery waits for nodes that are not connected with each other yet, but not for ever.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ClusterView } from "../../../src/cluster/cluster-view.js";
import { LINKS_GRACE_MS } from "../../../src/cluster/limits.js";
import { LinkAgreement, missingLink } from "../../../src/cluster/link-agreement.js";
import { NodeFlag, type NodeMap, sockAddr } from "../../../src/protocol/index.js";

function mapOf(flags: readonly number[]): NodeMap {
  return { nodes: flags.map((bits, pnn) => ({ pnn, flags: bits, addr: sockAddr(`127.0.0.${pnn + 1}`, 4379) })) };
}

function viewOf(flags: readonly number[]): ClusterView {
  const view = new ClusterView(0);
  view.replaceNodes(mapOf(flags).nodes);
  return view;
}

describe("LinkAgreement", () => {
  it("finds an active node that does not see another active node", () => {
    const maps = new Map([
      [1, mapOf([0, 0, NodeFlag.DISCONNECTED | NodeFlag.UNHEALTHY])],
      [2, mapOf([0, 0, 0])],
    ]);
    assert.deepEqual(missingLink(viewOf([0, 0, 0]), maps), { from: 1, to: 2 });
  });

  it("takes no notice of nodes that the leader itself does not count as active", () => {
    const maps = new Map([[1, mapOf([0, 0, NodeFlag.DISCONNECTED])]]);
    assert.equal(missingLink(viewOf([0, 0, NodeFlag.DISCONNECTED]), maps), undefined);
    assert.equal(missingLink(viewOf([0, 0, NodeFlag.BANNED]), maps), undefined);
    assert.equal(missingLink(viewOf([0, NodeFlag.STOPPED, 0]), maps), undefined);
  });

  it("waits for a missing link for a while only, and anew for the next one", () => {
    let now = 1000;
    const agreement = new LinkAgreement({ now: () => now, wall: () => now });
    const missing = { from: 1, to: 2 };
    assert.equal(agreement.mustWait(missing), true);
    now += LINKS_GRACE_MS - 1;
    assert.equal(agreement.mustWait(missing), true);
    now += 1;
    assert.equal(agreement.mustWait(missing), false);
    assert.equal(agreement.mustWait(undefined), false);
    assert.equal(agreement.mustWait(missing), true);
  });
});
