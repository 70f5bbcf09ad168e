// Emits the table of tunables.
import { listedOutOfOrder, tunables } from "../../src/protocol/schema/index.js";

export function emitTunables(): string {
  const listed = tunables.filter(({ obsolete }) => obsolete !== true).map(({ name }) => name);
  const ordered = listed.filter((name) => name !== listedOutOfOrder.name);
  ordered.splice(ordered.indexOf(listedOutOfOrder.after) + 1, 0, listedOutOfOrder.name);
  const rows = tunables.map(
    ({ name, default: value, obsolete, unit, doc }, index) =>
      `${name}: { index: ${index}, default: ${value}, obsolete: ${obsolete === true}, unit: ${JSON.stringify(unit ?? "")}, doc: ${JSON.stringify(doc)} },`,
  );
  return [
    "// The tunables: position in GET_ALL_TUNABLES, default, unit.",
    'import type { TunableList } from "./structures.js";',
    "",
    "export type TunableName = keyof TunableList;",
    "",
    "export interface Tunable {",
    "  /** Position in the reply of GET_ALL_TUNABLES. */",
    "  readonly index: number;",
    "  readonly default: number;",
    "  /** Hidden in LIST_TUNABLES; setting it gives status 1, in the tunables file it is an error. */",
    "  readonly obsolete: boolean;",
    "  /** s, ms, bytes, flag (0 or 1), count ...; empty where it is a choice. */",
    "  readonly unit: string;",
    "  readonly doc: string;",
    "}",
    "",
    "/** By name, in the order of GET_ALL_TUNABLES. */",
    "export const Tunables: { readonly [N in TunableName]: Tunable } = {",
    ...rows,
    "};",
    "",
    "/** Names in the order of GET_ALL_TUNABLES. */",
    `export const tunableNames: readonly TunableName[] = ${JSON.stringify(tunables.map(({ name }) => name))};`,
    "",
    "/** Names in the order of LIST_TUNABLES, which is another one; obsolete ones are not listed. */",
    `export const listedTunableNames: readonly TunableName[] = ${JSON.stringify(ordered)};`,
    "",
    "/** All tunables with their defaults. */",
    "export function defaultTunables(): TunableList {",
    `  return { ${tunables.map(({ name, default: value }) => `${name}: ${value}`).join(", ")} };`,
    "}",
    "",
    "const byLowerCaseName = new Map(tunableNames.map((name) => [name.toLowerCase(), name]));",
    "",
    "/** The tunable of this name; case does not matter. */",
    "export function findTunable(name: string): TunableName | undefined {",
    "  return byLowerCaseName.get(name.toLowerCase());",
    "}",
    "",
  ].join("\n");
}
