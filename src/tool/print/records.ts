// Prints records of a database (catdb, cattdb, dumpdbbackup, tfetch).
import type { JsonValue } from "../command.js";

export interface RecordReport {
  readonly key: Uint8Array;
  readonly dmaster: number;
  readonly rsn: number | bigint;
  readonly flags: number;
  /** Without the record header. */
  readonly data: Uint8Array;
}

const FLAG_NAMES: readonly (readonly [flag: number, name: string])[] = [
  [0x0001_0000, "MIGRATED_WITH_DATA"],
  [0x0002_0000, "VACUUM_MIGRATED"],
  [0x0004_0000, "AUTOMATIC"],
  [0x0100_0000, "RO_HAVE_DELEGATIONS"],
  [0x0200_0000, "RO_HAVE_READONLY"],
  [0x0400_0000, "RO_REVOKING_READONLY"],
  [0x0800_0000, "RO_REVOKE_COMPLETE"],
];

const ESCAPES: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const printable = byte >= 0x20 && byte <= 0x7e && byte !== 0x22 && byte !== 0x5c;
  return printable ? String.fromCharCode(byte) : `\\${byte.toString(16).toUpperCase().padStart(2, "0")}`;
});

function recordFlagNames(flags: number): string[] {
  return FLAG_NAMES.filter(([flag]) => (flags & flag) !== 0).map(([, name]) => name);
}

/** Printable ASCII as it is, other bytes (and `"`, `\`) as a backslash and two hexadecimal digits. */
export function escapedText(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += ESCAPES[byte];
  return text;
}

/** The header and data lines of a record. */
export function recordBodyText(record: RecordReport): string {
  const flags = `0x${record.flags.toString(16).padStart(8, "0")}`;
  return (
    `dmaster: ${record.dmaster}\nrsn: ${record.rsn}\nflags: ${[flags, ...recordFlagNames(record.flags)].join(" ")}\n` +
    `data(${record.data.length}) = "${escapedText(record.data)}"\n`
  );
}

/** A whole record with its key and the empty line behind it. */
export function recordText(record: RecordReport): string {
  return `key(${record.key.length}) = "${escapedText(record.key)}"\n${recordBodyText(record)}\n`;
}

/** Key and data are base64: they may hold any bytes. `keyText` is there for people. */
export function recordJson(record: RecordReport): JsonValue {
  return {
    key: Buffer.from(record.key).toString("base64"),
    keyText: escapedText(record.key),
    dmaster: record.dmaster,
    rsn: typeof record.rsn === "bigint" ? Number(record.rsn) : record.rsn,
    flags: recordFlagNames(record.flags),
    data: Buffer.from(record.data).toString("base64"),
  };
}
