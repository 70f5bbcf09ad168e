// What the files of all nodes hold, read with Debian's tdbdump, and the rules that hold when nothing moves.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  lmasterOf,
  RECORD_HEADER_SIZE,
  recordHeaderDmaster,
  recordHeaderFlags,
  recordHeaderRsn,
} from "../../src/protocol/index.js";
import type { LocalCluster } from "../cluster/local-cluster.js";

export interface StoredRecord {
  readonly rsn: number;
  readonly dmaster: number;
  readonly flags: number;
  readonly value: Buffer;
}

function unquote(text: string): Buffer {
  const bytes: number[] = [];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "\\") {
      bytes.push(Number.parseInt(text.slice(i + 1, i + 3), 16));
      i += 2;
    } else bytes.push(text.charCodeAt(i));
  }
  return Buffer.from(bytes);
}

/** Records of a CTDB file by key (latin1); what is too short to be a record is left out. */
export function dumpFile(path: string): Map<string, StoredRecord> {
  const text = execFileSync("tdbdump", [path], { encoding: "latin1", maxBuffer: 1 << 28 });
  const records = new Map<string, StoredRecord>();
  for (const match of text.matchAll(/^key\(\d+\) = "(.*)"\ndata\(\d+\) = "(.*)"$/gm)) {
    const key = unquote(match[1] ?? "");
    const data = unquote(match[2] ?? "");
    if (data.length < RECORD_HEADER_SIZE) continue;
    records.set(key.toString("latin1"), {
      rsn: recordHeaderRsn(data, 0),
      dmaster: recordHeaderDmaster(data, 0),
      flags: recordHeaderFlags(data, 0),
      value: data.subarray(RECORD_HEADER_SIZE),
    });
  }
  return records;
}

/**
 * Checks on the files of the nodes `pnns`, while nobody uses the database: each record has exactly one owner, the lmaster
 * knows it, and no other copy is as new. Gives the owners' records by key.
 */
export function checkOwners(
  cluster: LocalCluster,
  database: string,
  pnns: readonly number[],
  vnnMap: readonly number[],
): Map<string, StoredRecord> {
  const files = new Map(pnns.map((pnn) => [pnn, dumpFile(cluster.node(pnn).volatileFile(database))]));
  const keys = new Set([...files.values()].flatMap((file) => [...file.keys()]));
  const owned = new Map<string, StoredRecord>();
  for (const key of keys) {
    const copies = [...files].flatMap(([pnn, file]) => {
      const copy = file.get(key);
      return copy === undefined ? [] : [{ pnn, copy }];
    });
    const text = `${key}: ${copies.map(({ pnn, copy }) => `node ${pnn} dmaster ${copy.dmaster} rsn ${copy.rsn}`).join(", ")}`;
    const owners = copies.filter(({ pnn, copy }) => copy.dmaster === pnn);
    assert.equal(owners.length, 1, `exactly one owner of ${text}`);
    const owner = owners[0];
    if (owner === undefined) continue;
    const lmaster = lmasterOf(vnnMap, Buffer.from(key, "latin1"));
    const atLmaster = files.get(lmaster)?.get(key);
    assert.equal(atLmaster?.dmaster, owner.pnn, `the lmaster ${lmaster} names the owner of ${text}`);
    for (const { pnn, copy } of copies) {
      if (pnn !== owner.pnn) assert.ok(copy.rsn < owner.copy.rsn, `the owner's rsn is the highest of ${text}`);
    }
    owned.set(key, owner.copy);
  }
  return owned;
}
