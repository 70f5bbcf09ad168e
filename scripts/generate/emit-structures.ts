// Emits TypeScript types and codecs of the structures.
import type { Field, FieldType, Structure } from "../../src/protocol/schema/index.js";
import { allStructures, fieldSize, fieldSizeMin, sizeOf } from "./layout.js";
import { docComment } from "./naming.js";

export function emitStructures(): string {
  const structures = allStructures();
  const handWritten = structures.filter(({ handWritten }) => handWritten !== undefined);
  const files = [...new Set(handWritten.map(({ handWritten }) => handWritten ?? ""))].sort();
  const generated = structures.filter(({ handWritten }) => handWritten === undefined).map(emitStructure);
  const isUsed = ({ name }: Structure): boolean => generated.some((text) => text.includes(`${name}.read(r)`));
  const imports = files.flatMap((file) => {
    const names = handWritten.filter((structure) => structure.handWritten === file && isUsed(structure));
    return names.length === 0 ? [] : [`import { ${names.map(({ name }) => name).join(", ")} } from "../${file}.js";`];
  });
  return [
    "// Structures of control and message payloads: types and codecs.",
    'import { stringnSize, stringSize } from "../byte-writer.js";',
    'import { defineCodec, type StructCodec } from "../codec.js";',
    ...imports,
    "",
    ...generated,
  ].join("\n");
}

function emitStructure(structure: Structure): string {
  return `${emitType(structure)}\n${emitCodec(structure)}\n`;
}

function isValue({ type }: Field): boolean {
  return !(typeof type === "object" && ("pad" in type || "countOf" in type || "lengthOf" in type));
}

function emitType(structure: Structure): string {
  const values = structure.fields.filter(isValue);
  if (structure.unwrap !== undefined) {
    const [value] = values;
    if (value === undefined || values.length !== 1) throw new Error(`${structure.name}: unwrap needs one field`);
    return `${docComment(structure.doc)}export type ${structure.name} = ${typeOf(value.type)};\n`;
  }
  const members = values.map((field) => `${docComment(field.doc)}${field.name}: ${typeOf(field.type)};`);
  return `${docComment(structure.doc)}export interface ${structure.name} {\n${members.join("\n")}\n}\n`;
}

function typeOf(type: FieldType): string {
  if (typeof type === "string") {
    if (type === "u64") return "bigint";
    if (type === "bool") return "boolean";
    return type === "bytes" || type === "rest" ? "Uint8Array" : "number";
  }
  if ("struct" in type) return type.struct;
  if ("fixedText" in type) return "string";
  if ("array" in type) return `${typeOf(type.array)}[]`;
  if ("list" in type) return `${typeOf(type.list)}[]`;
  if ("string" in type) return type.string === "nullable" ? "string | null" : "string";
  if ("stringn" in type) return type.stringn === "nullable" ? "string | null" : "string";
  throw new Error("a field without a value has no type");
}

function emitCodec(structure: Structure): string {
  const { name } = structure;
  const value = (field: Field): string => (structure.unwrap === undefined ? `value.${field.name}` : "value");
  const usesValue = sizeOf(name) === undefined;
  return `export const ${name}: StructCodec<${name}> = defineCodec<${name}>({
  name: "${name}",
  exact: ${structure.exact === true},
  size: ${usesValue ? "(value)" : "()"} => ${sizeExpression(structure, value)},
  read(r) {
    ${readStatements(structure)}
  },
  write(w, value) {
    ${structure.fields.map((field) => writeStatement(field, structure, value)).join("\n    ")}
  },
});
`;
}

function sizeExpression(structure: Structure, value: (field: Field) => string): string {
  let fixed = 0;
  const terms: string[] = [];
  for (const field of structure.fields) {
    const size = fieldSize(field.type);
    if (size === undefined) terms.push(variableSize(field.type, value(field)));
    else fixed += size;
  }
  if (fixed > 0 || terms.length === 0) terms.unshift(String(fixed));
  return terms.join(" + ");
}

function variableSize(type: FieldType, value: string): string {
  if (type === "bytes" || type === "rest") return `${value}.length`;
  if (typeof type === "string") throw new Error(`${type} has a fixed size`);
  if ("string" in type) return `stringSize(${value})`;
  if ("stringn" in type) return `stringnSize(${value})`;
  if ("struct" in type) return `${type.struct}.size(${value})`;
  if ("list" in type) {
    const element = fieldSize(type.list);
    if (element !== undefined) return `${element} * ${value}.length`;
    return `${value}.reduce((sum, element) => sum + ${variableSize(type.list, "element")}, 0)`;
  }
  throw new Error("this field has a fixed size");
}

/** Name of the local variable that holds a count or length until its list or bytes come. */
function counter(field: string): string {
  return `${field}Count`;
}

function readStatements(structure: Structure): string {
  const statements: string[] = [];
  const members: string[] = [];
  for (const field of structure.fields) {
    const { name, type } = field;
    const quoted = JSON.stringify(name);
    if (typeof type === "object" && "pad" in type) {
      statements.push(`r.padding(${type.pad});`);
    } else if (typeof type === "object" && "countOf" in type) {
      statements.push(
        `const ${counter(type.countOf)} = r.count(${elementSizeMin(structure, type.countOf)}, ${quoted});`,
      );
    } else if (typeof type === "object" && "lengthOf" in type) {
      statements.push(`const ${counter(type.lengthOf)} = r.count(1, ${quoted});`);
    } else {
      statements.push(`const ${name} = ${readExpression(type, name)};`);
      members.push(name);
    }
  }
  const [only] = structure.fields;
  if (structure.unwrap !== undefined && structure.fields.length === 1 && only !== undefined) {
    return `return ${readExpression(only.type, only.name)};`;
  }
  if (structure.unwrap !== undefined) statements.push(`return ${structure.unwrap};`);
  else statements.push(`return { ${members.join(", ")} };`);
  return statements.join("\n    ");
}

function elementSizeMin(structure: Structure, list: string): number {
  const field = structure.fields.find(({ name }) => name === list);
  if (field === undefined || typeof field.type !== "object" || !("list" in field.type)) {
    throw new Error(`${structure.name}: ${list} is no list`);
  }
  return fieldSizeMin(field.type.list);
}

function readExpression(type: FieldType, name: string): string {
  const quoted = JSON.stringify(name);
  if (type === "bytes") return `r.bytes(${counter(name)}, ${quoted})`;
  if (type === "rest") return `r.bytes(r.remaining, ${quoted})`;
  if (typeof type === "string") return `r.${type}(${quoted})`;
  if ("struct" in type) return `${type.struct}.read(r)`;
  if ("fixedText" in type) return `r.fixedText(${type.fixedText}, ${quoted})`;
  if ("array" in type) return `Array.from({ length: ${type.length} }, () => ${readExpression(type.array, name)})`;
  if ("list" in type) return `Array.from({ length: ${counter(name)} }, () => ${readExpression(type.list, name)})`;
  if ("string" in type) {
    const method = type.string === "nullable" ? "stringToEnd" : "requiredStringToEnd";
    return `r.${method}(${quoted}, ${type.lossy === true})`;
  }
  if ("stringn" in type) {
    const method = type.stringn === "nullable" ? "stringn" : "requiredStringn";
    return `r.${method}(${quoted}, ${type.lossy === true})`;
  }
  throw new Error(`${name} cannot be read`);
}

function writeStatement(field: Field, structure: Structure, value: (field: Field) => string): string {
  const { type } = field;
  if (typeof type === "object" && ("countOf" in type || "lengthOf" in type)) {
    const name = "countOf" in type ? type.countOf : type.lengthOf;
    const target = structure.fields.find((other) => other.name === name);
    if (target === undefined) throw new Error(`${structure.name}: there is no field ${name}`);
    return `w.u32(${value(target)}.length);`;
  }
  return writeExpression(type, value(field));
}

function writeExpression(type: FieldType, value: string): string {
  if (type === "bytes" || type === "rest") return `w.bytes(${value});`;
  if (typeof type === "string") return `w.${type}(${value});`;
  if ("pad" in type) return `w.pad(${type.pad});`;
  if ("struct" in type) return `${type.struct}.write(w, ${value});`;
  if ("fixedText" in type) return `w.fixedText(${value}, ${type.fixedText});`;
  if ("array" in type) {
    return `w.arrayLength(${value}.length, ${type.length});\n    for (const element of ${value}) ${writeExpression(type.array, "element")}`;
  }
  if ("list" in type) return `for (const element of ${value}) ${writeExpression(type.list, "element")}`;
  if ("string" in type) return `w.string(${value});`;
  if ("stringn" in type) return `w.stringn(${value});`;
  throw new Error("this field cannot be written");
}
