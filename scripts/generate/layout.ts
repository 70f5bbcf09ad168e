// Sizes and offsets of structures: what the emitters of code and of the reference page have in common.
import type { Field, FieldType, Structure } from "../../src/protocol/schema/index.js";
import { structureGroups, tunables } from "../../src/protocol/schema/index.js";

/** GET_ALL_TUNABLES as a structure: one u32 for each tunable. */
export const tunableList: Structure = {
  name: "TunableList",
  doc: "Values of all tunables, by name, in the order of the table of tunables.",
  fields: tunables.map(({ name }) => ({ name, type: "u32" as const })),
};

export function allStructures(): readonly Structure[] {
  return [...structureGroups.flatMap(({ structures }) => structures), tunableList];
}

const byName = new Map(allStructures().map((structure) => [structure.name, structure]));

function structureNamed(name: string): Structure {
  const structure = byName.get(name);
  if (structure === undefined) throw new Error(`the schema has no structure ${name}`);
  return structure;
}

const scalarSizes: Readonly<Record<string, number>> = {
  u8: 1,
  u16: 2,
  u32: 4,
  i32: 4,
  u64: 8,
  safe64: 8,
  i64: 8,
  f64: 8,
  bool: 1,
};

/** Bytes of a field on the wire; undefined if they vary. */
export function fieldSize(type: FieldType): number | undefined {
  if (typeof type === "string") return scalarSizes[type];
  if ("struct" in type) return sizeOf(type.struct);
  if ("pad" in type) return type.pad;
  if ("fixedText" in type) return type.fixedText;
  if ("countOf" in type || "lengthOf" in type) return 4;
  if ("array" in type) {
    const size = fieldSize(type.array);
    return size === undefined ? undefined : size * type.length;
  }
  return undefined;
}

/** Bytes of a structure on the wire; undefined if they vary. */
export function sizeOf(name: string): number | undefined {
  const structure = structureNamed(name);
  if (structure.handWritten !== undefined) return structure.fixedSize;
  return total(structure.fields.map(({ type }) => fieldSize(type)));
}

function total(sizes: readonly (number | undefined)[]): number | undefined {
  let sum = 0;
  for (const size of sizes) {
    if (size === undefined) return undefined;
    sum += size;
  }
  return sum;
}

/** The fewest bytes that a field can have. */
export function fieldSizeMin(type: FieldType): number {
  const size = fieldSize(type);
  if (size !== undefined) return size;
  if (typeof type === "object" && "struct" in type) return structureSizeMin(type.struct);
  if (typeof type === "object" && "array" in type) return fieldSizeMin(type.array) * type.length;
  if (typeof type === "object" && "stringn" in type) return 4;
  return 0;
}

/** The fewest bytes that a structure can have. */
export function structureSizeMin(name: string): number {
  const structure = structureNamed(name);
  if (structure.handWritten !== undefined) return structure.fixedSize ?? structure.sizeMin ?? 0;
  return structure.fields.reduce((sum, { type }) => sum + fieldSizeMin(type), 0);
}

export interface PlacedField {
  readonly field: Field;
  /** From the start of the structure; undefined behind a field of variable size. */
  readonly offset: number | undefined;
  readonly size: number | undefined;
}

/** The fields of a structure with their offsets. */
export function placedFields(structure: Structure): readonly PlacedField[] {
  let offset: number | undefined = 0;
  return structure.fields.map((field) => {
    const size = fieldSize(field.type);
    const placed = { field, offset, size };
    offset = offset === undefined || size === undefined ? undefined : offset + size;
    return placed;
  });
}
