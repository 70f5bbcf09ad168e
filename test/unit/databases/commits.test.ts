import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { ControlResult } from "../../../src/controls/control-service.js";
import { type CommitClient, type CommitDatabase, Commits } from "../../../src/databases/commits.js";
import { readMarshalledRecords } from "../../../src/databases/marshalled-records.js";
import { Control, RecBuffer, writeRecordHeader } from "../../../src/protocol/index.js";
import { FakeTime, RecordingLogger } from "../fake-time.js";
import { answered } from "./answered-call.js";

const NO_DATA = Buffer.alloc(0);
const DB = 0x11;
const OTHER_DB = 0x22;
const VOLATILE_DB = 0x33;

function records(dbId: number, text = "data"): RecBuffer {
  const data = Buffer.alloc(24 + text.length, text);
  writeRecordHeader(data, 0, 1, 0, 0);
  return { dbId, records: [{ reqid: 0, key: Buffer.from("key"), data }] };
}

describe("TRANS3_COMMIT", () => {
  let time: FakeTime;
  let state: { isRecovering: boolean };
  let active: Set<number>;
  let map: number[];
  let databases: Map<number, CommitDatabase>;
  let clients: Map<number, CommitClient>;
  let sent: Array<{ pnn: number; payload: Uint8Array; done: (result: ControlResult) => void }>;
  let forced: string[];
  let commits: Commits;
  let timeoutSeconds: number;

  function recovery(on: boolean): void {
    state.isRecovering = on;
    commits.recoveryModeChanged();
  }
  function commit(dbId: number, clientId: number, srcnode = 0) {
    const answer = answered("TRANS3_COMMIT", srcnode, clientId);
    commits.commit(readMarshalledRecords(Buffer.from(RecBuffer.encode(records(dbId)))), answer.call);
    return answer;
  }
  function nodeAnswers(pnn: number, status = 0, errorText = ""): void {
    for (const request of sent.filter((one) => one.pnn === pnn)) request.done({ status, data: NO_DATA, errorText });
  }
  function announce(name: "START_PERSISTENT_UPDATE" | "CANCEL_PERSISTENT_UPDATE", clientId: number): string {
    const answer = answered(name, 0, clientId);
    const handler = commits.handlers[name];
    assert.ok(handler);
    handler(undefined, answer.call as never);
    return answer.text;
  }

  beforeEach(() => {
    time = new FakeTime();
    state = { isRecovering: false };
    active = new Set([0, 1, 2]);
    map = [0, 1, 2];
    databases = new Map([
      [DB, { name: "one.tdb", isVolatile: false, commitActive: false }],
      [OTHER_DB, { name: "two.tdb", isVolatile: false, commitActive: false }],
      [VOLATILE_DB, { name: "volatile.tdb", isVolatile: true, commitActive: false }],
    ]);
    clients = new Map([
      [5, { id: 5 }],
      [6, { id: 6 }],
    ]);
    sent = [];
    forced = [];
    timeoutSeconds = 60;
    commits = new Commits({
      timers: time,
      logger: new RecordingLogger(),
      ownPnn: 0,
      databases,
      controls: {
        requestRaw: (pnn, opcode, payload, _options, done) => {
          assert.equal(opcode, Control.UPDATE_RECORD);
          sent.push({ pnn, payload, done });
        },
      },
      state,
      client: (id) => clients.get(id),
      vnnMap: () => map,
      isActive: (pnn) => active.has(pnn),
      allPnns: () => [0, 1, 2, 3],
      forceRecovery: (reason) => {
        forced.push(reason);
        if (!state.isRecovering) recovery(true);
      },
      controlTimeoutSeconds: () => timeoutSeconds,
    });
  });

  it("goes to every node of the map, and is answered once all have stored it", () => {
    const answer = commit(DB, 5);
    assert.deepEqual(
      sent.map(({ pnn }) => pnn),
      [0, 1, 2],
    );
    assert.deepEqual(RecBuffer.decode(sent[0]?.payload ?? NO_DATA), RecBuffer.decode(RecBuffer.encode(records(DB))));
    nodeAnswers(0);
    nodeAnswers(1);
    assert.equal(answer.text, "pending");
    assert.equal(databases.get(DB)?.commitActive, true);
    nodeAnswers(2);
    assert.equal(answer.text, "0");
    assert.equal(databases.get(DB)?.commitActive, false);
    assert.deepEqual(forced, []);
  });

  it("goes to nobody while a node of the map is out of sight: it waits for a recovery, which it does not force", () => {
    active.delete(1);
    const answer = commit(DB, 5);
    assert.deepEqual(sent, []);
    assert.deepEqual(forced, []);
    assert.equal(answer.text, "pending");
    recovery(true);
    map = [0, 2];
    recovery(false);
    commits.recoveryEnded();
    assert.match(answer.text, /^2 /);
    commit(DB, 5);
    assert.deepEqual(
      sent.map(({ pnn }) => pnn),
      [0, 2],
    );
  });

  it("that waits for a recovery which does not come is answered with 1 after ControlTimeout", () => {
    active.delete(1);
    const answer = commit(DB, 5);
    time.advance(60_000);
    assert.match(answer.text, /^1 /);
    assert.equal(databases.get(DB)?.commitActive, false);
    assert.equal(forced.length, 1);
  });

  it("goes also to a node that is no lmaster but was there at the last recovery, until that goes away", () => {
    map = [0, 1];
    commits.vnnMapChanged();
    commit(DB, 5);
    assert.deepEqual(
      sent.map(({ pnn }) => pnn),
      [0, 1, 2],
    );
    for (const pnn of [0, 1, 2]) nodeAnswers(pnn);
    sent = [];
    active.delete(2);
    commits.nodeFlagsChanged(2);
    // Back again, but no recovery has made it equal yet; and node 3 is new.
    active.add(2).add(3);
    commits.nodeFlagsChanged(2);
    commit(DB, 5);
    assert.deepEqual(
      sent.map(({ pnn }) => pnn),
      [0, 1],
    );
  });

  it("is refused during recovery, from strangers, for unknown and volatile databases", () => {
    assert.match(commit(DB, 99).text, /^-1 client 99/);
    assert.match(commit(DB, 5, 1).text, /^-1 client 5 of node 1/);
    assert.match(commit(DB, 0).text, /^-1 /);
    assert.match(commit(0x99, 5).text, /^-1 unknown database/);
    assert.match(commit(VOLATILE_DB, 5).text, /^-1 .*volatile/);
    recovery(true);
    assert.match(commit(DB, 5).text, /^-1 recovery is active/);
    assert.deepEqual(sent, []);
  });

  it("is one at a time for a client, also across databases, and one at a time for a database", () => {
    commit(DB, 5);
    assert.match(commit(OTHER_DB, 5).text, /^-1 client 5 has another commit/);
    assert.match(commit(DB, 6).text, /^-1 a commit to one.tdb is active/);
    const other = commit(OTHER_DB, 6);
    for (const pnn of [0, 1, 2]) nodeAnswers(pnn);
    assert.equal(other.text, "0");
    assert.equal(commit(DB, 6).text, "pending");
  });

  it("that fails on one node forces a recovery, and is answered with 2 when that has ended", () => {
    const answer = commit(DB, 5);
    nodeAnswers(1, -1, "disk full");
    assert.equal(forced.length, 1);
    assert.match(forced[0] ?? "", /node 1 failed with status -1, disk full/);
    nodeAnswers(0);
    nodeAnswers(2);
    time.advance(120_000);
    assert.equal(answer.text, "pending");
    recovery(false);
    assert.equal(answer.text, "pending");
    commits.recoveryEnded();
    assert.equal(answer.text, "2 trans3 commit ended by recovery");
    assert.equal(databases.get(DB)?.commitActive, false);
  });

  it("cut short by somebody else's recovery waits for its end, whatever the nodes still answer", () => {
    const answer = commit(DB, 5);
    nodeAnswers(0);
    recovery(true);
    nodeAnswers(1);
    nodeAnswers(2);
    assert.equal(answer.text, "pending");
    recovery(false);
    // A new commit that begins before END_RECOVERY is none of its business.
    const later = commit(OTHER_DB, 6);
    commits.recoveryEnded();
    assert.equal(answer.text, "2 trans3 commit ended by recovery");
    assert.equal(later.text, "pending");
    assert.deepEqual(forced, []);
  });

  it("is answered also when the leader dies before END_RECOVERY", () => {
    const answer = commit(DB, 5);
    recovery(true);
    recovery(false);
    time.advance(10_000);
    assert.equal(answer.text, "2 trans3 commit ended by recovery");
  });

  it("that takes longer than ControlTimeout is answered with 1, and a recovery makes the nodes equal", () => {
    const answer = commit(DB, 5);
    nodeAnswers(0);
    time.advance(59_999);
    assert.equal(answer.text, "pending");
    time.advance(1);
    assert.equal(answer.text, "1 timeout in ctdb_persistent_state");
    assert.equal(forced.length, 1);
    nodeAnswers(1);
    nodeAnswers(2);
    recovery(false);
    commits.recoveryEnded();
    assert.equal(commit(DB, 5).text, "pending");
  });

  it("has no time limit where ControlTimeout is 0", () => {
    timeoutSeconds = 0;
    const answer = commit(DB, 5);
    time.advance(1_000_000);
    assert.equal(answer.text, "pending");
  });

  it("whose client goes away forces a recovery and frees the database", () => {
    commit(DB, 5);
    const client = clients.get(5);
    assert.ok(client);
    clients.delete(5);
    commits.clientGone(client);
    assert.equal(forced.length, 1);
    for (const pnn of [0, 1, 2]) nodeAnswers(pnn);
    recovery(false);
    assert.equal(commit(DB, 6).text, "pending");
  });

  it("without any node that takes part fails like one that a node failed", () => {
    active.clear();
    const answer = commit(DB, 5);
    assert.equal(forced.length, 1);
    recovery(false);
    commits.recoveryEnded();
    assert.match(answer.text, /^2 /);
  });

  it("a node that is gone answers at once: the others get the update nevertheless", () => {
    const answer = commit(DB, 5);
    nodeAnswers(0, -1, "ctdb_control to disconnected node");
    assert.equal(sent.length, 3);
    recovery(false);
    commits.recoveryEnded();
    assert.match(answer.text, /^2 /);
  });

  it("START_PERSISTENT_UPDATE counts for its client, who forces a recovery by leaving with a count", () => {
    assert.equal(announce("START_PERSISTENT_UPDATE", 99), "-1");
    assert.equal(announce("CANCEL_PERSISTENT_UPDATE", 5), "0");
    assert.equal(announce("START_PERSISTENT_UPDATE", 5), "0");
    assert.equal(announce("CANCEL_PERSISTENT_UPDATE", 5), "0");
    assert.equal(announce("START_PERSISTENT_UPDATE", 6), "0");
    const [five, six] = [clients.get(5), clients.get(6)];
    assert.ok(five && six);
    commits.clientGone(five);
    assert.deepEqual(forced, []);
    commits.clientGone(six);
    assert.equal(forced.length, 1);
  });
});
