// A record of a world in one line: "x.tdb a: lmaster n0, n0 3/1 DATA "v" | n1 5/1 DATA "w"" : node, rsn/dmaster, flags, data.
import { DbFlag, lmasterOf, RecordFlag } from "../../protocol/index.js";
import { describeKey, type StoredRecord } from "../invariants/dump.js";
import type { World } from "../world.js";
import { activeNodes } from "./states.js";

const SHOWN_BYTES_MAX = 40;
const FLAG_NAMES: ReadonlyArray<readonly [number, string]> = [
  [RecordFlag.MIGRATED_WITH_DATA, "MIGRATED"],
  [RecordFlag.VACUUM_MIGRATED, "VACUUM_MIGRATED"],
  [RecordFlag.AUTOMATIC, "AUTOMATIC"],
  [RecordFlag.RO_HAVE_DELEGATIONS, "DELEGATED"],
  [RecordFlag.RO_HAVE_READONLY, "READONLY"],
  [RecordFlag.RO_REVOKING_READONLY, "REVOKING"],
  [RecordFlag.RO_REVOKE_COMPLETE, "REVOKED"],
];

/** What each running node has of a record. */
export function copiesOf(world: World, database: string, key: string): Map<number, StoredRecord> {
  const copies = new Map<number, StoredRecord>();
  for (const pnn of world.running()) {
    const record = world.node(pnn).records(database).get(key);
    if (record !== undefined) copies.set(pnn, record);
  }
  return copies;
}

/** The same without nodes that are stopped or banned: their copies do not count. */
export function activeCopies(world: World, database: string, key: string): Map<number, StoredRecord> {
  const active = activeNodes(world);
  return new Map([...copiesOf(world, database, key)].filter(([pnn]) => active.includes(pnn)));
}

/** Persistent or replicated: each node has all records. */
export function isReplicated(world: World, database: string): boolean {
  return world.running().some((pnn) => {
    const flags = [...(world.node(pnn).ctdb?.databases.all ?? [])].find(({ name }) => name === database)?.flags ?? 0;
    return (flags & (DbFlag.PERSISTENT | DbFlag.REPLICATED)) !== 0;
  });
}

/** The node that the running ones call lmaster of the key, by the map of the first of them that is in it. */
function lmasterOfKey(world: World, key: string): number | undefined {
  for (const pnn of world.running()) {
    const map = world.node(pnn).ctdb?.state.vnnMap.map ?? [];
    if (map.includes(pnn)) return lmasterOf([...map], Buffer.from(key, "latin1"));
  }
  return undefined;
}

/** Data as text: in quotes, or its length. */
export function describeValue(data: Uint8Array | undefined): string {
  if (data === undefined || data.length === 0) return "none";
  const text = Buffer.from(data).toString("latin1");
  return /^[\x20-\x7e]*$/.test(text) && text.length <= SHOWN_BYTES_MAX ? `"${text}"` : `${data.length} bytes`;
}

export function describeRecord(world: World, database: string, key: string): string {
  const active = activeNodes(world);
  const copies = [...copiesOf(world, database, key)].map(([pnn, { rsn, dmaster, flags, data }]) => {
    const names = FLAG_NAMES.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => ` ${name}`);
    const state = active.includes(pnn) ? "" : " (inactive)";
    return `n${pnn}${state} ${rsn}/${dmaster}${names.join("")} ${data.length === 0 ? "empty" : describeValue(data)}`;
  });
  const lmaster = isReplicated(world, database) ? "" : ` (lmaster n${lmasterOfKey(world, key) ?? "?"})`;
  return `${database} ${describeKey(key)}${lmaster}: ${copies.length === 0 ? "nowhere" : copies.join(" | ")}`;
}
