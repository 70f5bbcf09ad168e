// What holds of the records of a volatile database on all active nodes whenever nothing moves: I1 to I8 and I10.
import { lmasterOf, RecordFlag } from "../../protocol/index.js";
import { describeKey, type Invariant, type NodeDump, type StoredRecord, type Violation } from "./dump.js";

const KNOWN_FLAGS =
  RecordFlag.MIGRATED_WITH_DATA |
  RecordFlag.VACUUM_MIGRATED |
  RecordFlag.AUTOMATIC |
  RecordFlag.RO_HAVE_DELEGATIONS |
  RecordFlag.RO_HAVE_READONLY |
  RecordFlag.RO_REVOKING_READONLY |
  RecordFlag.RO_REVOKE_COMPLETE;
const TRANSIENT_FLAGS = RecordFlag.VACUUM_MIGRATED | RecordFlag.AUTOMATIC;
/** Requester's pointer, lmaster, owner. */
const FORWARDS_MAX = 3;

interface Copy {
  readonly pnn: number;
  readonly record: StoredRecord;
}

/** All copies of one record. */
class KeyCheck {
  private readonly owners: Copy[];
  private readonly lmaster: number;

  constructor(
    private readonly database: string,
    private readonly key: string,
    private readonly copies: readonly Copy[],
    private readonly nodes: readonly NodeDump[],
    vnnMap: readonly number[],
    private readonly violations: Violation[],
  ) {
    this.owners = copies.filter(({ pnn, record }) => record.dmaster === pnn);
    this.lmaster = lmasterOf(vnnMap, Buffer.from(key, "latin1"));
  }

  run(): void {
    for (const { pnn, record } of this.copies) this.checkFlags(pnn, record.flags);
    if (this.owners.length > 1) this.report("I1", "more than one owner");
    const atLmaster = this.at(this.lmaster);
    const [owner] = this.owners;
    if (atLmaster === undefined) this.report("I2", `its lmaster ${this.lmaster} does not have it`);
    else if (owner === undefined)
      this.report("I2", `its lmaster ${this.lmaster} names ${atLmaster.dmaster}, which does not own it`);
    else if (this.owners.length === 1 && atLmaster.dmaster !== owner.pnn) {
      this.report("I2", `its lmaster ${this.lmaster} names ${atLmaster.dmaster} instead of the owner`);
    }
    if (owner === undefined || this.owners.length > 1) return;
    for (const { pnn } of this.nodes) this.checkWay(pnn, owner.pnn);
    for (const copy of this.copies) if (copy !== owner) this.checkCopy(copy, owner);
  }

  private checkFlags(pnn: number, flags: number): void {
    if ((flags & TRANSIENT_FLAGS) !== 0) this.report("I6", `a transient flag is stored on node ${pnn}`);
    if ((flags & ~KNOWN_FLAGS) !== 0) this.report("I6", `an unknown flag is stored on node ${pnn}`);
  }

  private checkCopy({ pnn, record }: Copy, owner: Copy): void {
    if (record.rsn >= owner.record.rsn)
      this.report("I3", `the copy of node ${pnn} is as new as that of owner ${owner.pnn}`);
    if (record.data.length > 0 && (owner.record.flags & RecordFlag.MIGRATED_WITH_DATA) === 0) {
      this.report("I7", `node ${pnn} has a copy with data, which the owner's flags do not say`);
    }
    if ((record.flags & RecordFlag.RO_HAVE_READONLY) !== 0) this.checkReadOnlyCopy(pnn, record, owner);
  }

  private checkReadOnlyCopy(pnn: number, record: StoredRecord, owner: Copy): void {
    const report = (text: string): void => this.report("I5", `node ${pnn} has a read-only copy, ${text}`);
    if ((owner.record.flags & RecordFlag.RO_HAVE_DELEGATIONS) === 0) report("the owner gave none away");
    const holders = this.nodes.find((node) => node.pnn === owner.pnn)?.databases.get(this.database)?.copyHolders;
    if (holders !== undefined && holders.get(this.key)?.has(pnn) !== true) report("the owner does not know of it");
    if (Buffer.compare(record.data, owner.record.data) !== 0) report("with other data than the owner's");
    if (record.rsn !== owner.record.rsn - 2) report(`its rsn is not ${owner.record.rsn - 2}`);
  }

  /** Follows a request of node `from`: to the lmaster or along the own pointer, whatever its daemon prefers. */
  private checkWay(from: number, owner: number): void {
    let at = from;
    for (let forwards = 0; forwards <= FORWARDS_MAX; forwards++) {
      if (at === owner) return;
      const dmaster = this.at(at)?.dmaster ?? this.lmaster;
      at = forwards === 0 || at === this.lmaster ? dmaster : this.lmaster;
    }
    this.report("I4", `a request of node ${from} does not come to the owner in ${FORWARDS_MAX} forwards`);
  }

  private at(pnn: number): StoredRecord | undefined {
    return this.copies.find((copy) => copy.pnn === pnn)?.record;
  }

  private report(invariant: Invariant, text: string): void {
    const copies = this.copies.map(
      ({ pnn, record }) =>
        `node ${pnn}: rsn ${record.rsn} dmaster ${record.dmaster} flags 0x${record.flags.toString(16)} ${record.data.length} bytes`,
    );
    this.violations.push({
      invariant,
      text: `${this.database}, ${describeKey(this.key)}: ${text} (${copies.join("; ")})`,
    });
  }
}

/** I1 to I7 of one volatile database; `nodes` are the active ones. */
export function checkVolatileDatabase(database: string, nodes: readonly NodeDump[]): Violation[] {
  const violations: Violation[] = [];
  const vnnMap = nodes[0]?.vnnMap ?? [];
  const copiesOf = new Map<string, Copy[]>();
  for (const { pnn, databases } of nodes) {
    for (const [key, record] of databases.get(database)?.records ?? []) {
      const copies = copiesOf.get(key);
      if (copies === undefined) copiesOf.set(key, [{ pnn, record }]);
      else copies.push({ pnn, record });
    }
  }
  for (const [key, copies] of copiesOf) new KeyCheck(database, key, copies, nodes, vnnMap, violations).run();
  return violations;
}

/** Keys (latin1) of the records with data that their owners hold; one that has two owners is there twice. */
export function ownedKeys(database: string, nodes: readonly NodeDump[]): string[] {
  return nodes.flatMap(({ pnn, databases }) =>
    [...(databases.get(database)?.records ?? [])]
      .filter(([, record]) => record.dmaster === pnn && record.data.length > 0)
      .map(([key]) => key),
  );
}

/** I8: a traverse of the cluster that gave `traversed` (keys as latin1) shows each record with data once. */
export function checkTraverse(database: string, traversed: readonly string[], nodes: readonly NodeDump[]): Violation[] {
  const violations: Violation[] = [];
  const report = (key: string, text: string): void => {
    violations.push({ invariant: "I8", text: `${database}, ${describeKey(key)}: ${text}` });
  };
  const expected = new Set(ownedKeys(database, nodes));
  const seen = new Set<string>();
  for (const key of traversed) {
    if (seen.has(key)) report(key, "a traverse shows it twice");
    else if (!expected.has(key)) report(key, "a traverse shows it, no owner has it");
    seen.add(key);
  }
  for (const key of expected) if (!seen.has(key)) report(key, "a traverse does not show it");
  return violations;
}

/** I10: after enough vacuum runs no empty record is left, but for old copies of records that have data at their owner. */
export function checkNoEmptyRecords(database: string, nodes: readonly NodeDump[]): Violation[] {
  const withData = new Set(ownedKeys(database, nodes));
  return nodes.flatMap(({ pnn, databases }) =>
    [...(databases.get(database)?.records ?? [])]
      .filter(([key, record]) => record.data.length === 0 && !withData.has(key))
      .map(([key]): Violation => {
        return { invariant: "I10", text: `${database}, ${describeKey(key)}: an empty record is left on node ${pnn}` };
      }),
  );
}
