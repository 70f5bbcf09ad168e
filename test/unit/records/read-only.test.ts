import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import {
  Operation,
  packetOperation,
  packetReqid,
  RecordFlag,
  replyCallData,
  replyCallStatus,
} from "../../../src/protocol/index.js";
import { keyWithLmaster, RecordCluster, TestClient } from "./record-cluster.js";

const { MIGRATED_WITH_DATA, RO_HAVE_DELEGATIONS, RO_HAVE_READONLY, RO_REVOKING_READONLY } = RecordFlag;

describe("Read-only copies", () => {
  let cluster: RecordCluster;
  let key: string;
  let client: TestClient;

  function answers(): string[] {
    return client.replies.map((reply) => `${packetReqid(reply)}:${replyCallData(reply).toString()}`);
  }

  /** Node 0 is lmaster and owner of a record with data. */
  beforeEach(() => {
    cluster = new RecordCluster(3);
    key = keyWithLmaster(0, 3);
    client = new TestClient(1);
    cluster.node(0).call(client, key, 1);
    cluster.node(0).write(key, "old");
    client.replies.length = 0;
  });

  it("are given away without moving the record, with the rsn steps that C daemons make", () => {
    assert.equal(cluster.node(0).header(key), "2/0");
    cluster.node(1).read(client, key, 5);
    cluster.settle();
    assert.deepEqual(answers(), ["5:old"]);
    assert.deepEqual([cluster.node(0).header(key), cluster.node(1).header(key)], ["5/0", "3/0"]);
    assert.equal(cluster.node(0).flags(key), RO_HAVE_DELEGATIONS | MIGRATED_WITH_DATA);
    assert.equal(cluster.node(1).flags(key), RO_HAVE_READONLY | MIGRATED_WITH_DATA);
    cluster.node(2).read(client, key, 6);
    cluster.settle();
    assert.deepEqual([cluster.node(0).header(key), cluster.node(2).header(key)], ["5/0", "3/0"]);
  });

  it("are taken back before the owner's client may write", () => {
    cluster.node(1).read(client, key, 5);
    cluster.settle();
    client.replies.length = 0;
    cluster.node(0).call(client, key, 6);
    assert.deepEqual(answers(), []);
    cluster.time.turn();
    cluster.settle();
    assert.deepEqual(answers(), ["6:"]);
    assert.equal(cluster.node(1).flags(key) & RO_HAVE_READONLY, 0);
    assert.equal(cluster.node(0).flags(key), MIGRATED_WITH_DATA);
    assert.deepEqual([cluster.node(0).header(key), cluster.node(1).header(key)], ["8/0", "4/0"]);
  });

  it("are taken back before the record leaves for a writer on another node", () => {
    cluster.node(1).read(client, key, 5);
    cluster.settle();
    cluster.node(2).call(client, key, 6);
    cluster.settle();
    cluster.time.turn();
    cluster.settle();
    assert.deepEqual(cluster.owners(key), [2]);
    assert.equal(cluster.node(1).flags(key) & RO_HAVE_READONLY, 0);
    assert.deepEqual(answers(), ["5:old", "6:"]);
    assert.equal(cluster.node(0).database.readOnlyCounters.revokes, 1);
  });

  it("make readers wait a second longer than writers, so that these do not have to revoke again at once", () => {
    cluster.node(1).read(client, key, 5);
    cluster.settle();
    client.replies.length = 0;
    cluster.node(0).call(client, key, 6);
    cluster.node(2).read(client, key, 7);
    cluster.settle();
    cluster.time.turn();
    cluster.settle();
    assert.deepEqual(answers(), ["6:"]);
    cluster.node(0).write(key, "new");
    cluster.time.advance(1000);
    cluster.settle();
    assert.deepEqual(answers(), ["6:", "7:new"]);
  });

  it("are asked back again when a node does not answer", () => {
    cluster.node(1).read(client, key, 5);
    cluster.settle();
    client.replies.length = 0;
    cluster.node(1).answersUpdates = false;
    cluster.node(0).call(client, key, 6);
    cluster.time.turn();
    cluster.settle();
    assert.deepEqual(answers(), []);
    cluster.node(1).answersUpdates = true;
    cluster.time.advance(1000);
    cluster.settle();
    cluster.time.turn();
    cluster.settle();
    assert.deepEqual(answers(), ["6:"]);
  });

  it("with a sequence number that is none are not stored, and their reader hears that its call failed", () => {
    cluster.loses = (packet) => {
      if (packetOperation(packet) === Operation.REPLY_CALL) replyCallData(packet).fill(0xff, 0, 8);
      return false;
    };
    cluster.node(1).lock(key);
    cluster.node(1).read(client, key, 5);
    cluster.node(1).unlock(key);
    cluster.settle();
    assert.deepEqual(client.replies.map(replyCallStatus), [-1]);
    assert.equal(cluster.node(1).header(key), "-");
    cluster.loses = () => false;
    cluster.node(1).read(client, key, 6);
    cluster.settle();
    assert.deepEqual(answers(), ["5:", "6:old"]);
  });

  it("are forgotten by a recovery, and what waited for a revoke goes on", () => {
    cluster.node(1).read(client, key, 5);
    cluster.settle();
    client.replies.length = 0;
    cluster.node(0).call(client, key, 6);
    const stored = cluster.node(0).file.get(key);
    stored?.writeUInt32LE(MIGRATED_WITH_DATA, 16);
    cluster.node(0).database.rewrittenWhileFrozen = true;
    cluster.node(0).calls.databaseThawed(cluster.node(0).database);
    assert.deepEqual(answers(), ["6:"]);
  });

  it("are forgotten with their database: a revoke that is under way does not touch its file any more", () => {
    const node = cluster.node(0);
    cluster.node(1).read(client, key, 5);
    cluster.settle();
    client.replies.length = 0;
    node.call(client, key, 6);
    node.read(client, key, 7);
    node.hasDatabase = false;
    node.database.tryLock = () => assert.fail("the file is closed");
    node.calls.databaseDetached(node.database);
    cluster.time.turn();
    cluster.settle();
    cluster.time.advance(1000);
    cluster.settle();
    assert.deepEqual([answers(), node.counters.pendingCalls], [[], 0]);
  });

  it("are remembered over a freeze that changed nothing", () => {
    cluster.node(1).read(client, key, 5);
    cluster.settle();
    cluster.node(0).calls.databaseThawed(cluster.node(0).database);
    cluster.node(0).call(client, key, 6);
    cluster.time.turn();
    cluster.settle();
    assert.equal(cluster.node(1).flags(key) & RO_HAVE_READONLY, 0);
  });

  it("are not stored when they waited for a lock while the database was rewritten", () => {
    // Another process takes the record while the request is on its way.
    cluster.node(1).read(client, key, 5);
    cluster.node(1).lock(key);
    cluster.settle();
    assert.deepEqual(answers(), []);
    // wipedb: all nodes are frozen, emptied and thawed; the generation stays.
    for (const node of cluster.nodes) {
      node.file.clear();
      node.database.rewrittenWhileFrozen = true;
      node.calls.databaseThawed(node.database);
      node.database.rewrittenWhileFrozen = false;
    }
    cluster.node(1).unlock(key);
    cluster.settle();
    assert.deepEqual(answers(), ["5:"]);
    assert.equal(cluster.node(1).text(key), "");
  });

  it("start a new revoke when the record is marked as being revoked and nobody does it", () => {
    cluster.node(1).read(client, key, 5);
    cluster.settle();
    const stored = cluster.node(0).file.get(key);
    stored?.writeUInt32LE(cluster.node(0).flags(key) | RO_REVOKING_READONLY, 16);
    client.replies.length = 0;
    cluster.node(0).call(client, key, 6);
    cluster.time.turn();
    cluster.settle();
    assert.deepEqual(answers(), ["6:"]);
    assert.equal(cluster.node(1).flags(key) & RO_HAVE_READONLY, 0);
  });

  it("are never given to the own node, whose record a revoke would overwrite", () => {
    cluster.node(1).call(client, key, 5);
    cluster.settle();
    // The record comes back while the read is on its way to the node that had it.
    cluster.node(0).read(client, key, 6);
    cluster.loses = () => true;
    cluster.settle();
    cluster.loses = () => false;
    cluster.node(0).file.set(key, Buffer.from(cluster.node(1).file.get(key) ?? []));
    cluster.node(0).file.get(key)?.writeUInt32LE(0, 8);
    cluster.node(0).calls.databaseThawed(cluster.node(0).database);
    cluster.settle();
    assert.equal(answers().at(-1), "6:old");
    assert.equal(cluster.node(0).database.readOnlyCopies?.holdersOf(key), undefined);
  });

  it("finish at once when nobody has a copy", () => {
    cluster.node(0).file.get(key)?.writeUInt32LE(RO_HAVE_DELEGATIONS, 16);
    cluster.node(0).call(client, key, 6);
    cluster.time.turn();
    assert.deepEqual(answers(), ["6:"]);
  });

  it("drop the calls of clients that are gone when the revoke has ended", () => {
    cluster.node(1).read(client, key, 5);
    cluster.settle();
    client.replies.length = 0;
    cluster.node(0).call(client, key, 6);
    client.closed = true;
    cluster.node(0).calls.clientGone(client);
    cluster.time.turn();
    cluster.settle();
    assert.deepEqual(answers(), []);
  });

  it("are served from the owner itself when the database of the owner has no read-only property", () => {
    const owner = cluster.node(0).database;
    Object.assign(owner, { readOnlyCopies: undefined });
    cluster.node(1).read(client, key, 5);
    cluster.settle();
    assert.deepEqual(answers(), ["5:old"]);
    assert.deepEqual(cluster.owners(key), [1]);
  });
});
