import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import {
  type ControlName,
  lmasterOf,
  NodeFlag,
  type RecBuffer,
  RecBufferReader,
  RecBufferWriter,
  RecordFlag,
} from "../../../src/protocol/index.js";
import { BATCH_RECORDS_MAX } from "../../../src/vacuum/limits.js";
import type { RunLink } from "../../../src/vacuum/run-link.js";
import { VacuumRun } from "../../../src/vacuum/vacuum-run.js";
import { FakeTime, RecordingLogger } from "../fake-time.js";
import { FakeFile, header } from "./fake-file.js";

const SELF = 0;
const DB = 0x77;
const MAP = [0, 1, 2];
const { MIGRATED_WITH_DATA, RO_HAVE_DELEGATIONS } = RecordFlag;

/** A name whose lmaster is `pnn`. */
function keyOf(pnn: number, nth = 0): string {
  for (let i = 0, found = 0; ; i++) {
    const key = `key-${i}`;
    if (lmasterOf(MAP, Buffer.from(key)) === pnn && found++ === nth) return key;
  }
}

describe("vacuum run", () => {
  let file: FakeFile;
  let time: FakeTime;
  let flags: number[];
  let sent: string[];
  /** Keys that a node does not remove; "fails": the control does. */
  let answers: Map<number, string[] | "fails">;
  let batches: Buffer[];
  let keptOf: Array<readonly number[]>;
  let remembered: string[];
  let stop: AbortController;
  let beforeAnswer: () => void;

  beforeEach(() => {
    file = new FakeFile();
    time = new FakeTime();
    flags = [0, 0, 0];
    sent = [];
    answers = new Map();
    batches = [];
    keptOf = [];
    remembered = [];
    stop = new AbortController();
    beforeAnswer = () => {};
  });

  function batch(...records: Array<[key: string, rsn: number, flags?: number]>): void {
    const writer = new RecBufferWriter(DB);
    for (const [key, rsn, recordFlags] of records) writer.add(0, Buffer.from(key), header(rsn, SELF, recordFlags ?? 0));
    batches.push(Buffer.from(writer.bytes()));
  }

  const link: RunLink = {
    pnn: SELF,
    control: async (name, request, { pnn, signal }) => {
      assert.equal(file.lockCount, 0, "no lock is held while the network is waited for");
      await Promise.resolve();
      signal.throwIfAborted();
      const reply = answer(name, request, pnn ?? SELF);
      // The table of controls gives each name its types; this double has three of them.
      return reply as never;
    },
  };

  function answer(name: ControlName, request: unknown, pnn: number): unknown {
    if (name === "GET_NODEMAP") {
      return { nodes: flags.map((flag, node) => ({ pnn: node, flags: flag, addr: undefined })) };
    }
    const { records } = request as RecBuffer;
    const keys = records.map(({ key }) => Buffer.from(key).toString());
    sent.push(`${name} ${pnn} ${keys.join(" ")}`);
    beforeAnswer();
    const refusal = answers.get(pnn) ?? [];
    if (refusal === "fails") throw new Error("no answer");
    if (name === "VACUUM_FETCH") return undefined;
    assert.equal(name, "TRY_DELETE_RECORDS");
    return { dbId: DB, records: records.filter((_, i) => refusal.includes(keys[i] ?? "")) };
  }

  function start(options: { full?: boolean; repackLimit?: number } = {}) {
    const run = new VacuumRun(
      {
        clock: time,
        timers: time,
        logger: new RecordingLogger(),
        link,
        file,
        source: {
          nextBatch: async (kept) => {
            keptOf.push(kept);
            return batches.shift();
          },
          remember: (records) => {
            const reader = new RecBufferReader(records);
            while (reader.next()) remembered.push(`${reader.key}:${reader.rsn}`);
          },
        },
        signal: stop.signal,
      },
      {
        dbId: DB,
        name: "test.tdb",
        path: "/test.tdb.0",
        tdbFlags: 0,
        maxDead: 5,
        full: options.full === true,
        repackLimit: options.repackLimit ?? 0,
        lmasters: MAP,
      },
    );
    return { run, ended: run.run() };
  }

  it("removes what never travelled without asking anybody", async () => {
    file.put(keyOf(SELF), 3, SELF);
    batch([keyOf(SELF), 3]);
    await start().ended;
    assert.equal(file.content.size, 0);
    assert.deepEqual(sent, []);
    assert.deepEqual(keptOf.at(-1), []);
  });

  it("has all other active nodes remove their copies before its own", async () => {
    const key = keyOf(SELF);
    file.put(key, 3, SELF, MIGRATED_WITH_DATA);
    batch([key, 3, MIGRATED_WITH_DATA]);
    beforeAnswer = () => assert.ok(file.content.has(key), "the lmaster's record goes last");
    const { run, ended } = start();
    await ended;
    assert.deepEqual(sent, [`TRY_DELETE_RECORDS 1 ${key}`, `TRY_DELETE_RECORDS 2 ${key}`]);
    assert.equal(file.content.size, 0);
    assert.equal(run.deleted, 1);
  });

  it("keeps and remembers a record that one node could not remove, and removes the others", async () => {
    const [stays, goes] = [keyOf(SELF, 0), keyOf(SELF, 1)];
    for (const key of [goes, stays]) file.put(key, 3, SELF, MIGRATED_WITH_DATA);
    batch([goes, 3], [stays, 3]);
    answers.set(2, [stays]);
    const { run, ended } = start();
    await ended;
    assert.deepEqual([...file.content.keys()], [stays]);
    assert.deepEqual(keptOf.at(-1), [1]);
    assert.equal(run.kept, 1);
  });

  it("removes nothing when a node does not answer, and asks no more in this run", async () => {
    const keys = [keyOf(SELF, 0), keyOf(SELF, 1)];
    for (const key of keys) {
      file.put(key, 3, SELF, MIGRATED_WITH_DATA);
      batch([key, 3]);
    }
    answers.set(1, "fails");
    await start().ended;
    assert.equal(file.content.size, 2);
    assert.deepEqual(keptOf.slice(1), [[0], [0]]);
    assert.equal(sent.length, 2, "one list, to two nodes");
  });

  it("does not ask inactive nodes that take no part in the cluster", async () => {
    const key = keyOf(SELF);
    flags = [0, 0, 0, NodeFlag.STOPPED];
    file.put(key, 3, SELF, MIGRATED_WITH_DATA);
    batch([key, 3]);
    await start().ended;
    assert.deepEqual(
      sent.map((text) => text.split(" ")[1]),
      ["1", "2"],
    );
    assert.equal(file.content.size, 0);
  });

  it("removes nothing while a member of the VNN map is away, as it may come back with its copies", async () => {
    const key = keyOf(SELF);
    flags = [0, 0, NodeFlag.DISCONNECTED];
    file.put(key, 3, SELF, MIGRATED_WITH_DATA);
    batch([key, 3]);
    await start().ended;
    assert.deepEqual(sent, []);
    assert.deepEqual(keptOf.at(-1), [0]);
    assert.equal(file.content.size, 1);
  });

  it("leaves a record alone that was used again while the others were asked", async () => {
    const key = keyOf(SELF);
    file.put(key, 3, SELF, MIGRATED_WITH_DATA);
    batch([key, 3]);
    beforeAnswer = () => file.put(key, 3, SELF, MIGRATED_WITH_DATA, "data");
    await start().ended;
    assert.equal(file.content.get(key)?.subarray(24).toString(), "data");
    assert.deepEqual(keptOf.at(-1), []);
  });

  it("remembers a record whose lock is busy at the end", async () => {
    const key = keyOf(SELF);
    file.put(key, 3, SELF, MIGRATED_WITH_DATA);
    batch([key, 3]);
    beforeAnswer = () => file.foreign.add(key);
    await start().ended;
    assert.deepEqual(keptOf.at(-1), [0]);
  });

  it("hands records of other lmasters over, one list a node, and remembers them until they are gone", async () => {
    const [a, b, c] = [keyOf(1, 0), keyOf(1, 1), keyOf(2)];
    for (const key of [a, b, c]) file.put(key, 3, SELF);
    batch([a, 3], [b, 3], [c, 3]);
    answers.set(2, "fails");
    const { run, ended } = start();
    await ended;
    assert.deepEqual(sent.sort(), [`VACUUM_FETCH 1 ${a} ${b}`, `VACUUM_FETCH 2 ${c}`]);
    assert.deepEqual(keptOf.at(-1), [0, 1, 2]);
    assert.equal(run.handedOver, 3);
    assert.equal(file.content.size, 3);
  });

  it("finds all empty records of its own in a full run, and remembers what it could not remove", async () => {
    const [goes, stays, data, foreign] = [keyOf(SELF, 0), keyOf(SELF, 1), keyOf(SELF, 2), keyOf(1)];
    file.put(goes, 3, SELF);
    file.put(stays, 4, SELF, MIGRATED_WITH_DATA);
    file.put(data, 5, SELF, 0, "data");
    file.put(foreign, 6, SELF);
    file.put(keyOf(2), 7, 2);
    answers.set(1, [stays]);
    await start({ full: true }).ended;
    assert.deepEqual([...file.content.keys()].sort(), [stays, data, foreign, keyOf(2)].sort());
    assert.deepEqual(remembered.sort(), [`${stays}:4`, `${foreign}:6`].sort());
  });

  it("goes through more records than one batch holds", async () => {
    for (let i = 0; i < 3 * BATCH_RECORDS_MAX; i++) file.put(keyOf(SELF, 0) + i, 1, SELF);
    const total = file.content.size;
    const { run, ended } = start({ full: true });
    await ended;
    const others = [...file.content.keys()].filter((key) => lmasterOf(MAP, Buffer.from(key)) !== SELF);
    assert.equal(others.length, file.content.size);
    assert.equal(run.deleted + others.length, total);
    assert.equal(remembered.length, others.length);
  });

  it("has read-only copies taken back in a full run, and leaves the record until then", async () => {
    const key = keyOf(SELF);
    file.put(key, 3, SELF, RO_HAVE_DELEGATIONS);
    batch([key, 3]);
    await start().ended;
    assert.deepEqual(sent, []);
    await start({ full: true }).ended;
    assert.deepEqual(sent, [`VACUUM_FETCH ${SELF} ${key}`]);
    assert.equal(file.content.size, 1);
  });

  it("repacks a file with a long list of free space", async () => {
    file.freelistEntries = 99;
    await start({ repackLimit: 100 }).ended;
    await start().ended;
    assert.equal(file.repacked, 0);
    file.freelistEntries = 100;
    await start({ repackLimit: 100 }).ended;
    assert.equal(file.repacked, 1);
  });

  it("ends when it is told to while it waits for a node, and removes nothing after that", async () => {
    const key = keyOf(SELF);
    file.put(key, 3, SELF, MIGRATED_WITH_DATA);
    batch([key, 3]);
    beforeAnswer = () => {
      stop.abort(new Error("told to stop"));
      throw new Error("gone");
    };
    await assert.rejects(start().ended, /told to stop/);
    assert.equal(file.content.size, 1);
  });

  it("rests as long as it works", async () => {
    for (let i = 0; i < 100; i++) file.put(`k${i}`, 1, SELF, 0, "data");
    let reads = 0;
    const clock = { now: () => time.now() + reads++ * 2.5, wall: () => time.wall() };
    let rests = 0;
    const timers = {
      after: (ms: number, callback: () => void) => {
        rests++;
        assert.ok(ms >= 2);
        queueMicrotask(callback);
        return { cancel() {} };
      },
      nextTurn: (callback: () => void) => queueMicrotask(callback),
    };
    const run = new VacuumRun(
      {
        clock,
        timers,
        logger: new RecordingLogger(),
        link,
        file,
        source: { nextBatch: async () => undefined, remember() {} },
        signal: stop.signal,
      },
      {
        dbId: DB,
        name: "test.tdb",
        path: "",
        tdbFlags: 0,
        maxDead: 5,
        full: true,
        repackLimit: 0,
        lmasters: MAP,
      },
    );
    await run.run();
    assert.ok(rests >= 6, `${rests} rests`);
  });
});
