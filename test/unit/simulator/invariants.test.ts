import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DbFlag, hashKey, RecordFlag } from "../../../src/protocol/index.js";
import {
  checkNoEmptyRecords,
  checkQuietCluster,
  checkTraverse,
  type DatabaseDump,
  type NodeDump,
  OwnerHistory,
  ownedKeys,
  type StoredRecord,
  type Violation,
} from "../../../src/simulator/invariants/index.js";

const { AUTOMATIC, MIGRATED_WITH_DATA, RO_HAVE_DELEGATIONS, RO_HAVE_READONLY, VACUUM_MIGRATED } = RecordFlag;
const SIZE = 3;
const SEQUENCE_NUMBER_KEY = "__db_sequence_number__\0";

/** A key whose lmaster is node 0. */
const KEY =
  Array.from({ length: 100 }, (_, i) => `key${i}`).find((key) => hashKey(Buffer.from(key)) % SIZE === 0) ?? "";

function record(rsn: number, dmaster: number, text = "", flags = 0): StoredRecord {
  return { rsn, dmaster, flags, data: Buffer.from(text) };
}

type Records = Readonly<Record<string, StoredRecord>>;
interface Change {
  readonly node?: Partial<NodeDump>;
  readonly database?: Partial<DatabaseDump>;
}

/** One database "a.tdb" on as many nodes as there are entries. */
function cluster(records: readonly Records[], flags = 0, changes: Readonly<Record<number, Change>> = {}): NodeDump[] {
  return records.map((entries, pnn) => {
    const database: DatabaseDump = {
      name: "a.tdb",
      flags,
      records: new Map(Object.entries(entries)),
      generation: 7,
      locksCurrent: 0,
      locksPending: 0,
      copyHolders: undefined,
      ...changes[pnn]?.database,
    };
    const vnnMap = records.map((_, i) => i);
    const databases = new Map([["a.tdb", database]]);
    return { pnn, generation: 7, vnnMap, recovering: false, databases, ...changes[pnn]?.node };
  });
}

const at = (...copies: ReadonlyArray<StoredRecord | undefined>): Records[] =>
  copies.map((copy) => (copy === undefined ? {} : { [KEY]: copy }));
const names = (violations: readonly Violation[]): string => [...new Set(violations.map((one) => one.invariant))].join();

describe("Invariants of a quiet cluster", () => {
  it("hold for a record that travelled, and its old copies", () => {
    const flags = MIGRATED_WITH_DATA;
    const nodes = cluster(at(record(5, 2, "new", flags), record(3, 0, "old", flags), record(7, 2, "new", flags)));
    assert.deepEqual(checkQuietCluster(nodes), []);
  });

  it("I1: a record has two owners", () => {
    assert.match(names(checkQuietCluster(cluster(at(record(5, 0), record(4, 1), undefined)))), /I1/);
  });

  it("I2: the lmaster does not have a record, or names somebody else than its owner", () => {
    assert.match(names(checkQuietCluster(cluster(at(undefined, record(4, 1), undefined)))), /I2/);
    assert.match(names(checkQuietCluster(cluster(at(record(3, 2), record(4, 1), undefined)))), /I2/);
    assert.match(names(checkQuietCluster(cluster(at(record(3, 2), undefined, undefined)))), /I2/);
  });

  it("I3: a copy is as new as the owner's", () => {
    assert.equal(names(checkQuietCluster(cluster(at(record(4, 1), record(4, 1), undefined)))), "I3");
  });

  it("I4: a request finds the owner after more than three forwards", () => {
    const nodes = cluster(at(record(3, 1), record(5, 2), record(6, 2)));
    assert.match(names(checkQuietCluster(nodes)), /I4/);
  });

  it("I5: a read-only copy is unknown to the owner, or not what the owner has", () => {
    const owner = record(9, 0, "data", MIGRATED_WITH_DATA | RO_HAVE_DELEGATIONS);
    const copy = record(7, 0, "data", MIGRATED_WITH_DATA | RO_HAVE_READONLY);
    const known = { 0: { database: { copyHolders: new Map([[KEY, new Set([1])]]) } } };
    assert.equal(names(checkQuietCluster(cluster(at(owner, copy, undefined), 0, known))), "");
    const wrong: ReadonlyArray<readonly [StoredRecord, StoredRecord]> = [
      [{ ...owner, flags: MIGRATED_WITH_DATA }, copy],
      [owner, { ...copy, rsn: 6 }],
      [owner, { ...copy, data: Buffer.from("dada") }],
    ];
    for (const [a, b] of wrong) assert.equal(names(checkQuietCluster(cluster(at(a, b, undefined)))), "I5");
    const unknown = { 0: { database: { copyHolders: new Map([[KEY, new Set([2])]]) } } };
    assert.equal(names(checkQuietCluster(cluster(at(owner, copy, undefined), 0, unknown))), "I5");
  });

  it("I6: a transient or an unknown flag is stored", () => {
    for (const flag of [AUTOMATIC, VACUUM_MIGRATED, 0x40]) {
      assert.equal(names(checkQuietCluster(cluster(at(record(4, 0, "x", flag), undefined, undefined)))), "I6");
    }
  });

  it("I7: data lies elsewhere, and the owner's flags do not say so", () => {
    const nodes = cluster(at(record(8, 0, "new"), record(4, 0, "old", MIGRATED_WITH_DATA), undefined));
    assert.equal(names(checkQuietCluster(nodes)), "I7");
  });

  it("I8: a traverse misses a record, shows one twice, or one that is no more", () => {
    const nodes = cluster(at(record(5, 1), record(7, 1, "x", MIGRATED_WITH_DATA), undefined));
    assert.deepEqual(ownedKeys("a.tdb", nodes), [KEY]);
    assert.equal(names(checkTraverse("a.tdb", [KEY], nodes)), "");
    for (const traversed of [[], [KEY, KEY], [KEY, "other"]]) {
      assert.equal(names(checkTraverse("a.tdb", traversed, nodes)), "I8");
    }
  });

  it("I9: the owner's rsn falls, without recovery, wipe or removal", () => {
    const history = new OwnerHistory();
    const moment = (copy: StoredRecord | undefined, node: Partial<NodeDump> = {}): string =>
      names(history.check("a.tdb", cluster(at(copy), 0, { 0: { node } })));
    assert.equal(moment(record(5, 0)), "");
    assert.equal(moment(record(6, 0)), "");
    assert.equal(moment(record(4, 0)), "I9");
    assert.equal(moment(undefined), "");
    assert.equal(moment(record(1, 0)), "");
    assert.equal(moment(record(0, 0), { generation: 8 }), "");
  });

  it("I10: vacuuming leaves an empty record", () => {
    assert.equal(names(checkNoEmptyRecords("a.tdb", cluster(at(record(5, 1), record(6, 1), undefined)))), "I10");
    assert.equal(names(checkNoEmptyRecords("a.tdb", cluster(at(record(6, 0, "x"), undefined, undefined)))), "");
    const emptyCopy = at(record(5, 1), record(6, 1, "x", MIGRATED_WITH_DATA), undefined);
    assert.equal(names(checkNoEmptyRecords("a.tdb", cluster(emptyCopy))), "");
  });

  it("I11: nodes disagree, recover, freeze, hold or wait for a lock", () => {
    const changes: Change[] = [
      { node: { generation: 8 } },
      { node: { vnnMap: [0, 2, 1] } },
      { node: { recovering: true } },
      { node: { databases: new Map() } },
      { database: { generation: 6 } },
      { database: { locksCurrent: 1 } },
      { database: { locksPending: 1 } },
    ];
    for (const change of changes) {
      const nodes = cluster([{}, {}, {}], 0, { 1: change });
      assert.equal(names(checkQuietCluster(nodes)), "I11", JSON.stringify(change));
    }
    assert.equal(names(checkQuietCluster(cluster([{}, {}, {}]))), "");
  });

  for (const flag of [DbFlag.PERSISTENT, DbFlag.REPLICATED]) {
    it(`I12: a record differs between the nodes of a database with flags ${flag}`, () => {
      const here = { a: record(3, 1, "x") };
      assert.equal(names(checkQuietCluster(cluster([here, { ...here, b: record(0, 1, "", AUTOMATIC) }], flag))), "");
      const others: Records[] = [{}, { a: record(4, 1, "x") }, { a: record(3, 0, "x") }, { a: record(3, 1, "y") }];
      for (const other of others) assert.equal(names(checkQuietCluster(cluster([here, other], flag))), "I12");
    });
  }

  it("I13: the sequence number differs", () => {
    const number = (value: number): Records => {
      const data = Buffer.alloc(8);
      data.writeUInt32LE(value);
      return { [SEQUENCE_NUMBER_KEY]: { ...record(value, 0), data } };
    };
    assert.equal(names(checkQuietCluster(cluster([number(5), number(6)], DbFlag.PERSISTENT))), "I13");
    assert.equal(names(checkQuietCluster(cluster([number(5), number(5)], DbFlag.PERSISTENT))), "");
  });
});
