import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { packetReqid } from "../../../src/protocol/index.js";
import { keyWithLmaster, RecordCluster, TestClient } from "./record-cluster.js";

describe("Sticky records", () => {
  let cluster: RecordCluster;
  let key: string;
  let client: TestClient;

  const answered = (): number[] => client.replies.map(packetReqid);

  /** Every request that reaches an owner makes its record sticky there; node 1 owns the record. */
  beforeEach(() => {
    cluster = new RecordCluster(3);
    key = keyWithLmaster(0, 3);
    client = new TestClient(1);
    for (const node of cluster.nodes) node.hopcountMakeSticky = 1;
    cluster.node(1).call(client, key, 1);
    cluster.settle();
  });

  /** Node 2 takes the record from node 1, then node 1 takes it back. */
  function comeBack(): void {
    cluster.node(2).call(client, key, 2);
    cluster.settle();
    cluster.node(1).call(client, key, 3);
    cluster.settle();
    assert.deepEqual(cluster.owners(key), [1]);
  }

  it("stay where they come for 200 ms, and leave then", () => {
    comeBack();
    assert.equal(cluster.node(1).database.sticky?.isSticky(key), true);
    cluster.node(2).call(client, key, 4);
    cluster.settle();
    assert.deepEqual(cluster.owners(key), [1]);
    // Each settle() takes a millisecond.
    cluster.time.advance(197);
    cluster.settle();
    assert.deepEqual(cluster.owners(key), [1]);
    cluster.time.advance(1);
    cluster.settle();
    assert.deepEqual(cluster.owners(key), [2]);
    assert.deepEqual(answered(), [1, 2, 3, 4]);
  });

  it("serve the clients of their node meanwhile", () => {
    comeBack();
    cluster.node(2).call(client, key, 4);
    cluster.settle();
    cluster.node(1).call(client, key, 5);
    assert.equal(answered().at(-1), 5);
  });

  it("do not stay a second time until the first stay is over", () => {
    comeBack();
    cluster.time.advance(200);
    cluster.node(2).call(client, key, 4);
    cluster.settle();
    assert.deepEqual(cluster.owners(key), [2]);
  });

  it("become ordinary again after their time, which lets the waiting requests go on", () => {
    comeBack();
    cluster.time.advance(600_000);
    assert.equal(cluster.node(1).database.sticky?.isSticky(key), false);
    cluster.node(2).call(client, key, 4);
    cluster.settle();
    assert.deepEqual(cluster.owners(key), [2]);
  });

  it("are made by requests that took many hops only", () => {
    for (const node of cluster.nodes) node.hopcountMakeSticky = 50;
    comeBack();
    assert.equal(cluster.node(1).database.sticky?.isSticky(key), false);
  });

  it("keep no request when the database goes away", () => {
    comeBack();
    cluster.node(2).call(client, key, 4);
    cluster.settle();
    cluster.node(1).calls.databaseDetached(cluster.node(1).database);
    cluster.time.advance(700_000);
    cluster.settle();
    assert.deepEqual(cluster.owners(key), [1]);
  });
});
