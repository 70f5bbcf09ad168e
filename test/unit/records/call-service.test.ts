import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import {
  CallId,
  PacketWriter,
  packetReqid,
  replyCallData,
  replyCallStatus,
  writeRecordHeader,
  writeReqCall,
  writeReqDmaster,
} from "../../../src/protocol/index.js";
import { VISIT_MS } from "../../../src/records/first-visits.js";
import { keyWithLmaster, RecordCluster, TestClient } from "./record-cluster.js";

describe("CallService", () => {
  it("answers at once where the record is at home", () => {
    const cluster = new RecordCluster(3);
    const key = keyWithLmaster(0, 3);
    const client = new TestClient(1);
    cluster.node(0).call(client, key, 5);
    assert.deepEqual(client.replies.map(packetReqid), [5]);
    assert.equal(cluster.node(0).header(key), "2/0");
    assert.deepEqual(cluster.sent, []);
  });

  it("moves a record from node to node with the rsn steps that C daemons make", () => {
    const cluster = new RecordCluster(3);
    const [l, a, b] = [0, 1, 2];
    const key = keyWithLmaster(l, 3);
    const client = new TestClient(1);
    cluster.node(a).call(client, key, 1);
    cluster.settle();
    assert.deepEqual(
      [l, a].map((pnn) => cluster.node(pnn).header(key)),
      ["1/1", "3/1"],
    );
    cluster.node(a).write(key, "data");
    cluster.node(b).call(client, key, 2);
    cluster.settle();
    assert.deepEqual(
      [l, a, b].map((pnn) => cluster.node(pnn).header(key)),
      ["3/2", "3/2", "5/2"],
    );
    assert.equal(cluster.node(l).text(key), "data");
    cluster.node(l).call(client, key, 3);
    cluster.settle();
    assert.deepEqual(
      [l, b].map((pnn) => cluster.node(pnn).header(key)),
      ["7/0", "5/0"],
    );
    assert.deepEqual(client.replies.map(packetReqid), [1, 2, 3]);
    assert.deepEqual(cluster.owners(key), [l]);
  });

  it("takes the shortest way: lmaster, owner, lmaster, requester", () => {
    const cluster = new RecordCluster(3);
    const key = keyWithLmaster(0, 3);
    const client = new TestClient(1);
    cluster.node(1).call(client, key, 1);
    cluster.settle();
    cluster.sent.length = 0;
    cluster.node(2).call(client, key, 2);
    cluster.settle();
    assert.deepEqual(cluster.sent, ["REQ_CALL 2>0", "REQ_CALL 0>1", "REQ_DMASTER 1>0", "REPLY_DMASTER 0>2"]);
  });

  it("returns data, header and data, or nothing, as the function says", () => {
    const cluster = new RecordCluster(2);
    const key = keyWithLmaster(0, 2);
    const client = new TestClient(1);
    cluster.node(0).call(client, key, 1);
    cluster.node(0).write(key, "value");
    cluster.node(1).call(client, key, 2, CallId.FETCH);
    cluster.settle();
    cluster.node(1).call(client, key, 3, CallId.FETCH_WITH_HEADER);
    cluster.node(1).call(client, key, 4, 0x12345);
    const [, fetched, withHeader, unknown] = client.replies;
    assert.equal(fetched && replyCallData(fetched).toString(), "value");
    assert.equal(withHeader && replyCallData(withHeader).subarray(24).toString(), "value");
    assert.equal(unknown && replyCallStatus(unknown), 0);
    assert.equal(unknown && replyCallData(unknown).length, 0);
  });

  it("joins local calls for a record that is already on its way", () => {
    const cluster = new RecordCluster(2);
    const key = keyWithLmaster(0, 2);
    const clients = [1, 2, 3].map((id) => new TestClient(id));
    for (const client of clients) cluster.node(1).call(client, key, client.id);
    assert.equal(cluster.sent.length, 1);
    cluster.settle();
    assert.deepEqual(
      clients.map((client) => client.replies.length),
      [1, 1, 1],
    );
  });

  it("serves those that joined a call in their order when that has ended, without those that are gone", () => {
    const cluster = new RecordCluster(2);
    const key = keyWithLmaster(0, 2);
    const order: number[] = [];
    const clients = [1, 2, 3, 4].map((id) => {
      const client = new TestClient(id);
      client.onReply = () => order.push(id);
      return client;
    });
    for (const client of clients) cluster.node(1).call(client, key, client.id);
    const gone = clients[2];
    assert.ok(gone);
    gone.closed = true;
    cluster.node(1).calls.clientGone(gone);
    cluster.settle();
    assert.deepEqual(order, [1, 2, 4]);
    assert.deepEqual(cluster.sent, ["REQ_CALL 1>0", "REPLY_DMASTER 0>1"]);
    assert.equal(cluster.node(1).counters.pendingCalls, 0);
  });

  it("sends each local call by itself without FetchCollapse", () => {
    const cluster = new RecordCluster(2);
    const key = keyWithLmaster(0, 2);
    const clients = [1, 2, 3].map((id) => new TestClient(id));
    cluster.node(1).fetchCollapse = false;
    for (const client of clients) cluster.node(1).call(client, key, client.id);
    assert.deepEqual(cluster.sent, ["REQ_CALL 1>0", "REQ_CALL 1>0", "REQ_CALL 1>0"]);
    cluster.settle();
    assert.deepEqual(
      clients.map((client) => client.replies.length),
      [1, 1, 1],
    );
    assert.equal(cluster.node(1).counters.pendingCalls, 0);
  });

  it("moves the ownership of a persistent or replicated record too, and leaves its rsn alone", () => {
    for (const lmaster of [0, 1, 2]) {
      const cluster = new RecordCluster(3, false);
      const key = keyWithLmaster(lmaster, 3);
      const client = new TestClient(1);
      // As a transaction of node 0 leaves it.
      const value = Buffer.alloc(24 + 4);
      writeRecordHeader(value, 0, 7, 0, 0);
      value.write("data", 24);
      for (const node of cluster.nodes) node.file.set(key, Buffer.from(value));
      cluster.node(1).call(client, key, 1, CallId.FETCH);
      cluster.node(2).read(client, key, 2);
      cluster.settle();
      assert.deepEqual(
        client.replies.map((reply) => [packetReqid(reply), replyCallStatus(reply), replyCallData(reply).toString()]),
        [
          [1, 0, "data"],
          [2, 0, "data"],
        ],
      );
      assert.equal(cluster.owners(key).length, 1);
      for (const node of cluster.nodes) assert.match(node.header(key), /^7\//);
      for (const node of cluster.nodes) assert.deepEqual(node.database.hotKeys.top, [], "volatile databases only");
    }
  });

  it("queues for a record that another process holds, and serves in the order of arrival", () => {
    const cluster = new RecordCluster(3);
    const key = keyWithLmaster(0, 3);
    const order: number[] = [];
    const clients = [1, 2].map((id) => {
      const client = new TestClient(id);
      client.onReply = () => order.push(id);
      return client;
    });
    cluster.node(0).lock(key);
    for (const client of clients) cluster.node(client.id).call(client, key, 1);
    cluster.settle();
    assert.deepEqual(order, []);
    cluster.node(0).unlock(key);
    cluster.settle();
    assert.deepEqual(order, [1, 2]);
    assert.deepEqual(cluster.owners(key), [2]);
  });

  it("drops packets that waited for a lock while the database got a new generation", () => {
    const cluster = new RecordCluster(2);
    const key = keyWithLmaster(0, 2);
    const client = new TestClient(1);
    cluster.node(0).lock(key);
    cluster.node(1).call(client, key, 1);
    cluster.settle();
    for (const node of cluster.nodes) node.database.generation = 8;
    cluster.node(0).unlock(key);
    cluster.settle();
    assert.equal(client.replies.length, 0);
    cluster.node(1).calls.databaseThawed(cluster.node(1).database);
    cluster.settle();
    assert.equal(client.replies.length, 1);
  });

  it("processes what waited at the lmaster anew after a freeze that was no recovery", () => {
    const cluster = new RecordCluster(4);
    const key = keyWithLmaster(0, 4);
    const client = new TestClient(1);
    cluster.node(1).call(client, key, 1);
    cluster.settle();
    // Node 2's request is forwarded and held up at the owner, node 3's waits at the lmaster.
    cluster.node(1).lock(key);
    cluster.node(2).call(client, key, 2);
    cluster.settle();
    cluster.node(3).call(client, key, 3);
    cluster.settle();
    assert.equal(cluster.node(0).database.migrations.size, 1);
    cluster.node(0).calls.databaseThawed(cluster.node(0).database);
    cluster.node(1).unlock(key);
    cluster.settle();
    assert.deepEqual(client.replies.map(packetReqid), [1, 2, 3]);
  });

  describe("when the next request comes right behind the record", () => {
    let cluster: RecordCluster;
    let key: string;
    let client: TestClient;
    const migrations = (): string[] => cluster.sent.filter((packet) => packet.includes("DMASTER"));

    /** Node 0 is the lmaster; node 2 wants the record of node 1, and what happens when its client is told is up to the test. */
    beforeEach(() => {
      cluster = new RecordCluster(4);
      key = keyWithLmaster(0, 4);
      client = new TestClient(1);
      cluster.node(1).call(client, key, 1);
      cluster.settle();
      cluster.sent.length = 0;
      cluster.node(2).call(client, key, 2);
      cluster.node(3).call(client, key, 3);
    });

    it("keeps the record until the client that it came for was there", () => {
      const seen: string[] = [];
      client.onReply = (packet) => {
        const node = cluster.node(packetReqid(packet));
        // The next request is processed before the client, which has to wake up first.
        node.receiveLater(() => {
          seen.push(node.owns(key) ? "there" : "gone");
          node.write(key, "visited");
        });
      };
      cluster.settle((busy) => busy.find(({ pnn }) => pnn !== 2) ?? busy[0]);
      assert.deepEqual(seen, ["there", "there"]);
      assert.deepEqual(migrations(), ["REQ_DMASTER 1>0", "REPLY_DMASTER 0>2", "REQ_DMASTER 2>0", "REPLY_DMASTER 0>3"]);
    });

    it("gives it away at once when the client was there before the request", () => {
      client.onReply = (packet) => cluster.node(packetReqid(packet)).write(key, "visited");
      const begin = cluster.time.now();
      cluster.settle();
      assert.deepEqual(client.replies.map(packetReqid), [1, 2, 3]);
      assert.equal(cluster.time.now() - begin, VISIT_MS, "settle() ends with one");
    });

    it("gives it away after a millisecond when the client does not come", () => {
      cluster.settle();
      assert.deepEqual(client.replies.map(packetReqid), [1, 2, 3]);
      assert.deepEqual(cluster.owners(key), [3]);
    });
  });

  it("lets the requests of a node pass that has got the record by the time they have their turn at the lmaster", () => {
    const cluster = new RecordCluster(4);
    const key = keyWithLmaster(0, 4);
    const client = new TestClient(1);
    cluster.node(1).call(client, key, 1);
    cluster.settle();
    cluster.node(1).lock(key);
    cluster.node(2).fetchCollapse = false;
    for (const reqid of [2, 3, 4]) cluster.node(2).call(client, key, reqid);
    cluster.settle();
    cluster.node(3).call(client, key, 5);
    cluster.settle();
    cluster.node(1).unlock(key);
    cluster.settle();
    assert.deepEqual(client.replies.map(packetReqid).sort(), [1, 2, 3, 4, 5]);
    assert.equal(cluster.node(0).database.migrations.size, 0);
  });

  it("forgets the calls of a client that is gone while they wait for a lock", () => {
    const cluster = new RecordCluster(2);
    const key = keyWithLmaster(0, 2);
    const node = cluster.node(0);
    const [gone, staying] = [new TestClient(1), new TestClient(2)];
    node.lock(key);
    for (const client of [gone, staying, gone]) node.call(client, key, client.id);
    assert.equal(node.waiters.length, 3);
    gone.closed = true;
    node.calls.clientGone(gone);
    assert.equal(node.waiters.length, 1);
    node.unlock(key);
    assert.deepEqual(
      [gone, staying].map((client) => client.replies.length),
      [0, 1],
    );
    assert.equal(node.counters.pendingCalls, 0);
  });

  it("asks again for those that joined a call which got no answer for 30 seconds", () => {
    const cluster = new RecordCluster(2);
    const key = keyWithLmaster(0, 2);
    const clients = [1, 2, 3].map((id) => new TestClient(id));
    cluster.loses = () => true;
    for (const client of clients) cluster.node(1).call(client, key, client.id);
    cluster.loses = () => false;
    cluster.time.advance(29_000);
    assert.equal(cluster.sent.length, 1);
    cluster.time.advance(1500);
    cluster.settle();
    assert.deepEqual(
      clients.map((client) => client.replies.length),
      [0, 1, 1],
    );
    // The first one is repaired by a recovery, like any lost call.
    cluster.node(1).calls.databaseThawed(cluster.node(1).database);
    cluster.settle();
    assert.equal(clients[0]?.replies.length, 1);
    assert.equal(cluster.node(1).counters.pendingCalls, 0);
  });

  it("notes how long a call took, from the client's request to its end", () => {
    const cluster = new RecordCluster(2);
    const key = keyWithLmaster(0, 2);
    const client = new TestClient(1);
    cluster.node(1).call(client, key, 1);
    cluster.time.advance(250);
    cluster.settle();
    cluster.node(1).call(client, key, 2);
    assert.deepEqual(cluster.node(1).latencies, [
      "call_from_client_cb 3 test.tdb 0.25",
      "call_from_client_cb 3 test.tdb 0",
    ]);
  });

  it("says nothing to a client that names an unknown database, and REPLY_ERROR to a node", () => {
    const cluster = new RecordCluster(2);
    const client = new TestClient(1);
    const writer = new PacketWriter();
    writeReqCall(writer, 7, 0, 1, 9, 0, 0x9999, CallId.NULL, 0, Buffer.from("k"), Buffer.alloc(0));
    cluster.node(0).calls.fromClient(client, writer.packet());
    assert.equal(client.replies.length, 0);
    assert.equal(cluster.node(0).counters.pendingCalls, 0);
    cluster.node(0).calls.onReqCall(Buffer.from(writer.packet()));
    assert.deepEqual(cluster.sent, ["REPLY_ERROR 0>1"]);
  });

  it("answers a client with status -1 when a node refuses its call", () => {
    const cluster = new RecordCluster(2);
    const key = keyWithLmaster(0, 2);
    const client = new TestClient(1);
    cluster.node(0).hasDatabase = false;
    cluster.node(1).call(client, key, 4);
    cluster.settle();
    assert.deepEqual(client.replies.map(replyCallStatus), [-1]);
    assert.equal(cluster.node(1).calls.pendingCount, 0);
  });

  it("lets no record leave while a transaction is committed, and keeps no lock", () => {
    const cluster = new RecordCluster(2);
    const key = keyWithLmaster(0, 2);
    const client = new TestClient(1);
    cluster.node(0).call(client, key, 1);
    cluster.node(0).database.commitActive = true;
    cluster.node(1).call(client, key, 2);
    cluster.settle();
    assert.deepEqual(cluster.owners(key), [0]);
    cluster.node(0).database.commitActive = false;
    cluster.node(1).calls.databaseThawed(cluster.node(1).database);
    cluster.settle();
    assert.deepEqual(cluster.owners(key), [1]);
  });

  it("does not take the reply to an older request id for the answer to a call that was sent again", () => {
    const cluster = new RecordCluster(2);
    const key = keyWithLmaster(0, 2);
    const client = new TestClient(1);
    cluster.node(1).call(client, key, 1);
    cluster.node(1).calls.databaseThawed(cluster.node(1).database);
    cluster.settle();
    assert.equal(client.replies.length, 1);
    assert.deepEqual(cluster.owners(key), [1]);
    assert.equal(cluster.node(1).counters.pendingCalls, 0);
  });

  it("counts a record's migrations for the hot keys only with a call of its own node", () => {
    const cluster = new RecordCluster(2);
    const key = keyWithLmaster(0, 2);
    const client = new TestClient(1);
    for (const pnn of [1, 0, 1]) {
      cluster.node(pnn).call(client, key, 1);
      cluster.settle();
    }
    const top = (pnn: number) => cluster.node(pnn).database.hotKeys.top.map((hot) => `${hot.key} ${hot.count}`);
    assert.deepEqual([top(0), top(1)], [[`${key} 1`], [`${key} 2`]]);
  });

  it("stores a record that arrives for a client that is gone", () => {
    const cluster = new RecordCluster(2);
    const key = keyWithLmaster(0, 2);
    const client = new TestClient(1);
    cluster.node(1).call(client, key, 1);
    client.closed = true;
    cluster.node(1).calls.clientGone(client);
    cluster.settle();
    assert.equal(client.replies.length, 0);
    assert.deepEqual(cluster.owners(key), [1]);
  });

  it("forces a recovery when a node that is not the recorded owner gives the record away", () => {
    const cluster = new RecordCluster(3);
    const key = keyWithLmaster(0, 3);
    const client = new TestClient(1);
    cluster.node(1).call(client, key, 1);
    cluster.settle();
    const copy = Buffer.from(cluster.node(0).file.get(key) ?? []);
    // Node 2 believes to own the record as well, and node 1's pointer leads to it.
    for (const pnn of [1, 2]) {
      const wrong = Buffer.from(copy);
      wrong.writeUInt32LE(2, 8);
      cluster.node(pnn).file.set(key, wrong);
    }
    cluster.node(1).call(client, key, 2);
    cluster.settle();
    assert.equal(cluster.node(0).recoveries.length, 1);
    assert.equal(client.replies.length, 1);
  });

  it("forces a recovery when a node gives a record away to a node that is not its lmaster, and stores nothing", () => {
    const cluster = new RecordCluster(3);
    const key = keyWithLmaster(0, 3);
    const writer = new PacketWriter();
    const data = Buffer.from("data");
    writeReqDmaster(writer, 7, 2, 1, 9, cluster.node(2).database.id, 5, 2, Buffer.from(key), data, 0);
    cluster.node(2).receive(Buffer.from(writer.packet()));
    cluster.settle();
    assert.equal(cluster.node(2).recoveries.length, 1);
    assert.equal(cluster.node(2).header(key), "-");
    assert.deepEqual(cluster.sent, []);
  });

  it("forces a recovery when a call finds no owner, since the nodes point at each other", () => {
    const cluster = new RecordCluster(3);
    const key = keyWithLmaster(0, 3);
    const client = new TestClient(1);
    cluster.node(1).call(client, key, 1);
    cluster.settle();
    // The lmaster names node 1, which has lost the record on the way and knows of nothing.
    const wrong = Buffer.from(cluster.node(0).file.get(key) ?? []);
    wrong.writeUInt32LE(0, 8);
    cluster.node(1).file.set(key, wrong);
    cluster.node(2).call(client, key, 2);
    cluster.settle();
    assert.equal(cluster.nodes.flatMap((node) => node.recoveries).length, 1);
  });

  for (const size of [2, 3, 5]) {
    it(`keeps hop counts below ${size + 2} when all of ${size} nodes fight for one record`, () => {
      const rounds = 300;
      let seed = 12345;
      const random = (n: number): number => {
        seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
        return (seed >>> 8) % n;
      };
      const cluster = new RecordCluster(size);
      const key = keyWithLmaster(0, size);
      const done = new Array<number>(size).fill(0);
      const clients = cluster.nodes.map((node) => {
        const client = new TestClient(node.pnn + 1);
        client.onReply = () => {
          done[node.pnn] = (done[node.pnn] ?? 0) + 1;
          if ((done[node.pnn] ?? 0) < rounds) node.receiveLater(() => node.call(client, key, done[node.pnn] ?? 0));
        };
        return client;
      });
      for (const [pnn, client] of clients.entries()) cluster.node(pnn).call(client, key, 0);
      cluster.settle((busy) => busy[random(busy.length)]);
      assert.deepEqual(done, new Array<number>(size).fill(rounds));
      assert.equal(cluster.owners(key).length, 1);
      const hops = Math.max(...cluster.nodes.map((node) => node.maxHopCount));
      assert.ok(hops < size + 2, `a request took ${hops} hops`);
    });
  }
});
