// TDB sequence numbers of volatile databases: what clients of one node change, those of the others are to see.
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { Database } from "../../../src/databases/database.js";
import { sequenceNumberControls } from "../../../src/databases/sequence-numbers.js";
import { TdbFlag } from "../../../src/protocol/index.js";
import { answered } from "./answered-call.js";
import { DatabaseRig } from "./database-rig.js";

describe("TDB sequence numbers", () => {
  let rig: DatabaseRig;
  let database: Database;
  let handlers: ReturnType<typeof sequenceNumberControls>;
  let announced: number;

  beforeEach(() => {
    rig = new DatabaseRig();
    database = rig.attach("a.tdb");
    announced = 0;
    handlers = sequenceNumberControls({
      timers: rig.time,
      databases: rig.databases,
      ownPnn: 0,
      controls: { request: () => announced++ },
      intervalMs: () => 1000,
    });
  });

  function enable(id = database.id): string {
    const answer = answered("ENABLE_SEQNUM");
    handlers.ENABLE_SEQNUM?.(id, answer.call);
    return answer.text;
  }
  function update(srcnode: number, id = database.id): string {
    const answer = answered("UPDATE_SEQNUM", srcnode);
    handlers.UPDATE_SEQNUM?.(id, answer.call);
    return answer.text;
  }

  it("change with each store once they are enabled, which DB_OPEN_FLAGS shows", () => {
    rig.put(database, "k", 1, 0, 0, "a");
    assert.equal(database.file.seqnum(), 0);
    assert.equal(enable(), "0");
    assert.equal(rig.reply("DB_OPEN_FLAGS", database.id) & TdbFlag.SEQNUM, TdbFlag.SEQNUM);
    rig.put(database, "k", 1, 0, 0, "b");
    assert.equal(database.file.seqnum(), 1);
    assert.equal(enable(0x1234), "-1");
  });

  it("are told to the others once an interval, if there was a change", () => {
    enable();
    enable();
    rig.time.advance(5000);
    assert.equal(announced, 0);
    for (const text of ["a", "b", "c"]) rig.put(database, "k", 1, 0, 0, text);
    rig.time.advance(999);
    assert.equal(announced, 0);
    rig.time.advance(5000);
    assert.equal(announced, 1);
  });

  it("go up by one when another node tells of a change, which is not told on", () => {
    enable();
    assert.deepEqual([update(1), update(0), update(1, 0x1234)], ["0", "0", "-1"]);
    assert.equal(database.file.seqnum(), 1);
    rig.time.advance(5000);
    assert.equal(announced, 0);
  });

  it("are no longer watched after a detach", () => {
    enable();
    rig.put(database, "k", 1, 0, 0, "a");
    rig.databases.detach(database);
    rig.time.advance(5000);
    assert.equal(announced, 0);
  });
});
