import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { packetReqid, RecordFlag, replyCallData } from "../../../src/protocol/index.js";
import { keyWithLmaster, RecordCluster, TestClient } from "./record-cluster.js";

const { MIGRATED_WITH_DATA, RO_HAVE_DELEGATIONS, RO_HAVE_READONLY } = RecordFlag;

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

  it("are forgotten by a recovery, and what waited for a revoke goes on", () => {
    cluster.node(1).read(client, key, 5);
    cluster.settle();
    client.replies.length = 0;
    cluster.node(0).call(client, key, 6);
    const stored = cluster.node(0).file.get(key);
    stored?.writeUInt32LE(MIGRATED_WITH_DATA, 16);
    cluster.node(0).calls.databaseThawed(cluster.node(0).database);
    assert.deepEqual(answers(), ["6:"]);
  });
});
