// I9: from one quiet moment to the next the owner's rsn of a record does not fall, unless a recovery, a wipe or a restore
// replaced the database, or vacuuming removed the record everywhere.
import { describeKey, type NodeDump, type Violation } from "./dump.js";

interface Past {
  readonly generation: number;
  readonly rsn: ReadonlyMap<string, number>;
}

export class OwnerHistory {
  private readonly past = new Map<string, Past>();

  /** Compares with the moment of the last call and remembers this one. */
  check(database: string, nodes: readonly NodeDump[]): Violation[] {
    const generation = nodes[0]?.generation ?? 0;
    const rsn = new Map<string, number>();
    const present = new Set<string>();
    for (const { pnn, databases } of nodes) {
      for (const [key, record] of databases.get(database)?.records ?? []) {
        present.add(key);
        if (record.dmaster === pnn) rsn.set(key, record.rsn);
      }
    }
    const before = this.past.get(database);
    this.past.set(database, { generation, rsn });
    if (before?.generation !== generation) return [];
    const violations: Violation[] = [];
    for (const [key, old] of before.rsn) {
      const now = rsn.get(key);
      if (!present.has(key) || now === undefined || now >= old) continue;
      violations.push({
        invariant: "I9",
        text: `${database}, ${describeKey(key)}: the owner's rsn fell from ${old} to ${now}`,
      });
    }
    return violations;
  }
}
