// Prints lists and states of databases: getdbmap, getdbstatus, getdbseqnum.
import type { JsonValue, Printer } from "../command.js";
import { machineLine } from "./machine-line.js";

export interface DatabaseReport {
  readonly id: number;
  readonly name: string;
  readonly path: string;
  readonly persistent: boolean;
  readonly readonlyRecords: boolean;
  readonly sticky: boolean;
  readonly replicated: boolean;
  /** Why the database is unhealthy; undefined when it is healthy. */
  readonly unhealthyReason: string | undefined;
}

function idText(id: number): string {
  return id.toString(16).padStart(8, "0");
}

function databaseJson(db: DatabaseReport): JsonValue {
  return {
    id: `0x${idText(db.id)}`,
    name: db.name,
    path: db.path,
    persistent: db.persistent,
    replicated: db.replicated,
    sticky: db.sticky,
    readonly: db.readonlyRecords,
    unhealthyReason: db.unhealthyReason ?? null,
  };
}

export function databaseCountLine(count: number): string {
  return `Number of databases:${count}\n`;
}

export function databaseHeader(separator: string): string {
  return machineLine(["ID", "Name", "Path", "Persistent", "Sticky", "Unhealthy", "Readonly", "Replicated"], separator);
}

export function databaseLine(db: DatabaseReport): string {
  const suffixes: readonly (readonly [boolean, string])[] = [
    [db.persistent, " PERSISTENT"],
    [db.sticky, " STICKY"],
    [db.readonlyRecords, " READONLY"],
    [db.replicated, " REPLICATED"],
    [db.unhealthyReason !== undefined, " UNHEALTHY"],
  ];
  const suffix = suffixes.map(([set, text]) => (set ? text : "")).join("");
  return `dbid:0x${idText(db.id)} name:${db.name} path:${db.path}${suffix}\n`;
}

export function databaseMachineLine(db: DatabaseReport, separator: string): string {
  const flags = [db.persistent, db.sticky, db.unhealthyReason !== undefined, db.readonlyRecords, db.replicated];
  return machineLine(
    [`0x${idText(db.id).toUpperCase()}`, db.name, db.path, ...flags.map((flag) => (flag ? 1 : 0))],
    separator,
  );
}

export function databasesJson(databases: readonly DatabaseReport[]): JsonValue {
  return { databases: databases.map(databaseJson) };
}

export const databaseStatusPrinter: Printer<DatabaseReport> = {
  plain(db) {
    const yesNo = (set: boolean): string => (set ? "yes" : "no");
    return (
      `dbid: 0x${idText(db.id)}\nname: ${db.name}\npath: ${db.path}\n` +
      `PERSISTENT: ${yesNo(db.persistent)}\nREPLICATED: ${yesNo(db.replicated)}\n` +
      `STICKY: ${yesNo(db.sticky)}\nREADONLY: ${yesNo(db.readonlyRecords)}\nHEALTH: ${db.unhealthyReason ?? "OK"}\n`
    );
  },
  json: databaseJson,
};

export const sequenceNumberPrinter: Printer<{ readonly name: string; readonly sequenceNumber: bigint }> = {
  plain: ({ sequenceNumber }) => `0x${sequenceNumber.toString(16)}\n`,
  json: ({ name, sequenceNumber }) => ({ name, sequenceNumber: `0x${sequenceNumber.toString(16)}` }),
};
