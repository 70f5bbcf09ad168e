import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { DatabaseHealth, type HealthDatabase, healthControls } from "../../../src/databases/database-health.js";
import { DbFlag, OptionalStringToEnd } from "../../../src/protocol/index.js";
import { RecordingLogger } from "../fake-time.js";
import { answered } from "./answered-call.js";

class FakeFile {
  readonly path = "/state/persistent_health.tdb.0";
  inTransaction = false;
  constructor(
    readonly content: Map<string, Buffer>,
    private readonly intact = true,
  ) {}
  fetch(key: Uint8Array): Buffer | undefined {
    return this.content.get(Buffer.from(key).toString());
  }
  store(key: Uint8Array, data: Uint8Array): void {
    assert.ok(this.inTransaction);
    this.content.set(Buffer.from(key).toString(), Buffer.from(data));
  }
  delete(key: Uint8Array): boolean {
    assert.ok(this.inTransaction);
    return this.content.delete(Buffer.from(key).toString());
  }
  check(): boolean {
    return this.intact;
  }
  close(): void {}
  transactionStart(): void {
    this.inTransaction = true;
  }
  transactionCommit(): void {
    this.inTransaction = false;
  }
  transactionCancel(): void {
    this.inTransaction = false;
  }
}

describe("health of persistent databases", () => {
  let content: Map<string, Buffer>;
  let healthyNodes: number;
  let corrupt: boolean;
  let health: DatabaseHealth;
  let database: HealthDatabase;
  let volatileDatabase: HealthDatabase;
  let forced: string[];
  let startingUp: boolean;

  function get(id: number): string {
    const answer = answered("DB_GET_HEALTH");
    handlers().DB_GET_HEALTH?.(id, answer.call);
    return answer.text === "0" ? String(OptionalStringToEnd.decode(answer.data)) : answer.text;
  }
  function setHealthy(id: number): string {
    const answer = answered("DB_SET_HEALTHY");
    handlers().DB_SET_HEALTHY?.(id, answer.call);
    return answer.text;
  }
  function handlers() {
    const databases = new Map([
      [1, database],
      [2, volatileDatabase],
    ]);
    return healthControls({
      health,
      databases,
      isStartingUp: () => startingUp,
      forceRecovery: (reason) => forced.push(reason),
    });
  }

  beforeEach(() => {
    content = new Map();
    healthyNodes = 1;
    corrupt = false;
    forced = [];
    startingUp = false;
    database = { name: "p.tdb", flags: DbFlag.PERSISTENT, unhealthyReason: undefined };
    volatileDatabase = { name: "v.tdb", flags: 0, unhealthyReason: undefined };
    health = new DatabaseHealth({
      logger: new RecordingLogger(),
      openFile: (anew) => {
        if (anew) content.clear();
        return new FakeFile(content, anew || !corrupt);
      },
      healthyNodeCount: () => healthyNodes,
    });
  });

  it("is told by DB_GET_HEALTH: nothing, or the reason that is on disk", () => {
    health.open();
    assert.equal(get(1), "null");
    content.set("p.tdb", Buffer.from("it smells"));
    assert.equal(get(1), "it smells");
    assert.equal(database.unhealthyReason, "it smells");
    assert.equal(get(2), "null");
    assert.equal(get(3), "-1");
    assert.equal(health.recheck([database, volatileDatabase]), 1);
  });

  it("comes back by DB_SET_HEALTHY, which makes a starting node recover again", () => {
    content.set("p.tdb", Buffer.from("it smells"));
    health.open();
    startingUp = true;
    assert.equal(setHealthy(1), "0");
    assert.equal(content.size, 0);
    assert.equal(database.unhealthyReason, undefined);
    assert.equal(forced.length, 1);
    assert.equal(setHealthy(1), "0");
    assert.equal(setHealthy(2), "0");
    assert.equal(setHealthy(3), "-1");
    assert.equal(forced.length, 1);
  });

  it("comes back by a recovery with a healthy node, else it is noted once that there was none", () => {
    content.set("p.tdb", Buffer.from("it smells"));
    health.open();
    healthyNodes = 0;
    health.recovered(database);
    health.recovered(database);
    assert.equal(health.reasonOf("p.tdb"), "NO-HEALTHY-NODES - it smells");
    healthyNodes = 2;
    health.recovered(database);
    assert.equal(health.reasonOf("p.tdb"), undefined);
    assert.equal(database.unhealthyReason, undefined);
  });

  it("is unknown when its own file is corrupt: all that is on disk at start becomes suspect", () => {
    corrupt = true;
    health.open();
    health.attachedAtStart("p.tdb");
    health.startIsOver();
    health.attachedAtStart("new.tdb");
    assert.equal(
      health.reasonOf("p.tdb"),
      "WARNING - '/state/persistent_health.tdb.0' was cleared after a failure - manual verification needed",
    );
    assert.equal(health.reasonOf("new.tdb"), undefined);
  });
});
