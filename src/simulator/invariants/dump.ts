// What the nodes of a cluster hold at one moment, as the invariants see it. Tests of real clusters read it from files and
// controls, the simulator from its nodes.

export interface StoredRecord {
  readonly rsn: number;
  readonly dmaster: number;
  /** RecordFlag bits. */
  readonly flags: number;
  /** Without the header. */
  readonly data: Uint8Array;
}

export interface DatabaseDump {
  readonly name: string;
  /** DbFlag bits. */
  readonly flags: number;
  /** By key, as latin1 text of its bytes. */
  readonly records: ReadonlyMap<string, StoredRecord>;
  /** undefined where it cannot be seen from outside. */
  readonly generation: number | undefined;
  /** Chain locks and locks of the whole database that are held or waited for. */
  readonly locksCurrent: number;
  readonly locksPending: number;
  /** Nodes that this node has given read-only copies of a record; undefined where that cannot be seen. */
  readonly copyHolders: ReadonlyMap<string, ReadonlySet<number>> | undefined;
}

export interface NodeDump {
  readonly pnn: number;
  readonly generation: number;
  readonly vnnMap: readonly number[];
  readonly recovering: boolean;
  /** By name. */
  readonly databases: ReadonlyMap<string, DatabaseDump>;
}

/**
 * I1 one owner; I2 the lmaster knows it; I3 its rsn is the highest; I4 it is reached in three forwards; I5 read-only copies are
 * known and true; I6 no transient flags; I7 records with copies elsewhere are marked; I8 a traverse shows each record once;
 * I9 the owner's rsn never falls; I10 vacuuming leaves no empty record; I11 nodes agree and nothing is frozen or locked;
 * I12 persistent and replicated databases are equal; I13 so are their sequence numbers; I14 files are in order; I15 no helper
 * and no use of recovery files is left.
 */
export type Invariant =
  | "I1"
  | "I2"
  | "I3"
  | "I4"
  | "I5"
  | "I6"
  | "I7"
  | "I8"
  | "I9"
  | "I10"
  | "I11"
  | "I12"
  | "I13"
  | "I14"
  | "I15";

export interface Violation {
  readonly invariant: Invariant;
  readonly text: string;
}

export function describeKey(key: string): string {
  return /^[\x21-\x7e]+\0?$/.test(key) ? key.replace("\0", "") : `0x${Buffer.from(key, "latin1").toString("hex")}`;
}
