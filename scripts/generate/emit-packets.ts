// Emits the hot packets: checks, accessors on a view, setters and writers; and the packets as objects for cold code.
import type { PacketDefinition, PacketField, PacketPart } from "../../src/protocol/schema/index.js";
import { headerFields, packets } from "../../src/protocol/schema/index.js";
import { camel, capital, docComment, pascal } from "./naming.js";

export function emitPackets(): string {
  return [
    "// Hot packets: `checkXxx` first, then the accessors read inside the packet only. A packet is a Buffer that is exactly the packet.",
    'import { PACKET_MAGIC, PROTOCOL_VERSION } from "./constants.js";',
    'import { readU32, writeU32 } from "../little-endian.js";',
    'import { failInnerLength, failTooShort, failUnknownOperation, failUnsafe } from "../packet-failures.js";',
    'import { PacketWriter } from "../packet-writer.js";',
    'import { readSafe64, writeSafe64 } from "../record-header.js";',
    'import { srvidFrom, srvidHigh, srvidLow } from "../srvid.js";',
    "",
    ...headerFields.flatMap((field) => emitField("packet", "header", field)),
    "",
    headerWriter,
    ...packets.flatMap(emitPacket),
    emitCheckPacket(),
    emitObjects(),
  ].join("\n");
}

const headerWriter = `function textSize(text: string | Uint8Array): number {
  return typeof text === "string" ? Buffer.byteLength(text) : text.length;
}

function writeText(b: Buffer, text: string | Uint8Array, at: number): void {
  if (typeof text === "string") b.write(text, at);
  else b.set(text, at);
}

/** set() costs more than it copies where there is nothing to copy. */
function writeBytes(b: Buffer, bytes: Uint8Array, at: number): void {
  if (bytes.length > 0) b.set(bytes, at);
}

function writeHeader(
  v: DataView,
  length: number,
  operation: number,
  generation: number,
  destnode: number,
  srcnode: number,
  reqid: number,
): void {
  v.setUint32(0, length, true);
  v.setUint32(4, PACKET_MAGIC, true);
  v.setUint32(8, PROTOCOL_VERSION, true);
  v.setUint32(12, generation, true);
  v.setUint32(16, operation, true);
  v.setUint32(20, destnode, true);
  v.setUint32(24, srcnode, true);
  v.setUint32(28, reqid, true);
}
`;

function emitPacket(packet: PacketDefinition): readonly string[] {
  const prefix = camel(packet.name);
  return [
    `// ${packet.name} (${packet.operation})`,
    "",
    emitCheck(packet),
    ...packet.fields.flatMap((field) => emitField(prefix, packet.name, field, packet.fieldsOptional === true)),
    ...packet.parts.map((part) => emitPart(packet, part)),
    emitTrailingWord(packet),
    emitWriter(packet),
  ];
}

/** Accessors of a field of fixed offset. */
function emitField(prefix: string, packet: string, field: PacketField, optional = false): readonly string[] {
  const { name, offset, type } = field;
  const accessor = `${prefix}${capital(name)}`;
  const guard = (read: string): string => (optional ? `p.length < ${offset + 4} ? 0 : ${read}` : read);
  const doc = docComment(`${packet} ${name}${field.doc === undefined ? "" : `: ${field.doc}`}.`);
  const one = (suffix: string, read: string): string =>
    `${doc}export function ${accessor}${suffix}(p: Buffer): number {\n  return ${guard(read)};\n}\n`;
  const setter =
    field.settable === true
      ? [
          `/** Changes ${packet} ${name} in place. */\nexport function set${capital(accessor)}(p: Buffer, value: number): void {\n  writeU32(p, ${offset}, value);\n}\n`,
        ]
      : [];
  switch (type) {
    case "hole":
      return [];
    case "u32":
      return [one("", `readU32(p, ${offset})`), ...setter];
    case "i32":
      return [one("", `p.readInt32LE(${offset})`), ...setter];
    case "rsn":
      return [one("", `readSafe64(p, ${offset}, "${packet} ${name}")`)];
    case "srvid":
      return [
        `/** Upper half of ${packet} ${name}. */\nexport function ${accessor}Hi(p: Buffer): number {\n  return readU32(p, ${offset + 4});\n}\n`,
        `/** Lower half of ${packet} ${name}. */\nexport function ${accessor}Lo(p: Buffer): number {\n  return readU32(p, ${offset});\n}\n`,
        `/** ${packet} ${name} as a bigint: not for the hot path. */\nexport function ${accessor}(p: Buffer): bigint {\n  return srvidFrom(readU32(p, ${offset + 4}), readU32(p, ${offset}));\n}\n`,
      ];
  }
}

/** The expression of a part's length. */
function lengthOf(packet: PacketDefinition, part: string): string {
  const field = packet.fields.find((candidate) => candidate.lengthOf === part);
  if (field === undefined) throw new Error(`${packet.name}: no length of ${part}`);
  return `readU32(p, ${field.offset})`;
}

/** The expression of where a part begins; of where all parts end for no part. */
function startOf(packet: PacketDefinition, part: string | undefined): string {
  const terms = [String(packet.fixedSize)];
  for (const { name } of packet.parts) {
    if (name === part) break;
    terms.push(lengthOf(packet, name));
  }
  return terms.join(" + ");
}

function emitCheck(packet: PacketDefinition): string {
  const { name, fixedSize } = packet;
  const lengths = packet.fields.filter((field) => field.lengthOf !== undefined);
  const [first] = lengths;
  const statements: string[] = [];
  if (packet.fieldsOptional === true) {
    statements.push(`if (p.length < ${fixedSize} && p.length !== 32) failTooShort("${name}", ${fixedSize}, p.length);`);
  } else {
    statements.push(`if (p.length < ${fixedSize}) failTooShort("${name}", ${fixedSize}, p.length);`);
  }
  if (first !== undefined) {
    const names = lengths.map((field) => field.name).join(" + ");
    statements.push(
      `const end = ${startOf(packet, undefined)};`,
      `if (end > p.length) failInnerLength("${name} ${names}", ${first.offset}, end, p.length);`,
    );
  }
  for (const field of packet.fields) {
    if (field.type === "rsn") {
      statements.push(
        `if (readU32(p, ${field.offset + 4}) > 0x1fffff) failUnsafe("${name} ${field.name}", ${field.offset});`,
      );
    }
  }
  const doc = docComment(
    `${packet.doc} (${packet.routes}.) Throws ProtocolError if the fields or the parts do not fit into the packet.`,
  );
  return `${doc}export function check${pascal(name)}(p: Buffer): void {\n  ${statements.join("\n  ")}\n}\n`;
}

function emitCheckPacket(): string {
  const cases = packets.map(({ operation, name }) => `case ${operation}:\n  return check${pascal(name)}(p);`);
  return `/**
 * Checks what follows the header of any packet type; the accessors of its type may be used afterwards.
 * Throws ProtocolError if it does not fit, or for an unknown operation.
 */
export function checkPacket(p: Buffer): void {
  const operation = packetOperation(p);
  switch (operation) {
    ${cases.join("\n    ")}
    default:
      failUnknownOperation(operation);
  }
}
`;
}

function emitPart(packet: PacketDefinition, part: PacketPart): string {
  const accessor = `${camel(packet.name)}${capital(part.name)}`;
  const start = startOf(packet, part.name);
  const length = lengthOf(packet, part.name);
  const what = `${packet.name} ${part.name}${part.doc === undefined ? "" : `, ${part.doc}`}`;
  const view = (name: string): string =>
    `/** View of ${what}. */\nexport function ${name}(p: Buffer): Buffer {\n  const start = ${start};\n  return p.subarray(start, start + ${length});\n}\n`;
  if (part.type === "bytes") return view(accessor);
  const text = `/** ${what}, up to its NUL if it has one. */\nexport function ${accessor}(p: Buffer): string {\n  const bytes = ${accessor}Bytes(p);\n  const nul = bytes.indexOf(0);\n  return bytes.toString("utf8", 0, nul < 0 ? bytes.length : nul);\n}\n`;
  return `${view(`${accessor}Bytes`)}\n${text}`;
}

function emitTrailingWord(packet: PacketDefinition): string {
  const word = packet.trailingWord;
  if (word === undefined) return "";
  const accessor = `${camel(packet.name)}${capital(word.name)}`;
  return `/** ${packet.name} ${word.name}: ${word.doc}. */
export function ${accessor}(p: Buffer): number {
  const at = ${startOf(packet, undefined)};
  return at + 4 > p.length ? 0 : readU32(p, at);
}
`;
}

const headerParameters = ["generation", "destnode", "srcnode", "reqid"];

function emitWriter(packet: PacketDefinition): string {
  const parameters: string[] = headerParameters.map((name) => `${name}: number`);
  const prepare: string[] = [];
  const fields: string[] = [];
  for (const field of packet.fields) {
    const { name, offset } = field;
    if (field.lengthOf !== undefined) {
      fields.push(`v.setUint32(${offset}, ${field.lengthOf}Size, true);`);
      continue;
    }
    switch (field.type) {
      case "hole":
        fields.push(`v.setUint32(${offset}, 0, true);`);
        break;
      case "u32":
        parameters.push(`${name}: number`);
        fields.push(`v.setUint32(${offset}, ${name}, true);`);
        break;
      case "i32":
        parameters.push(`${name}: number`);
        fields.push(`v.setInt32(${offset}, ${name}, true);`);
        break;
      case "rsn":
        parameters.push(`${name}: number`);
        fields.push(`writeSafe64(b, ${offset}, ${name});`);
        break;
      case "srvid":
        parameters.push(`${name}Hi: number`, `${name}Lo: number`);
        fields.push(`v.setUint32(${offset}, ${name}Lo, true);`, `v.setUint32(${offset + 4}, ${name}Hi, true);`);
        break;
    }
  }
  const sizes = [String(packet.fixedSize)];
  let at = String(packet.fixedSize);
  for (const { name, type } of packet.parts) {
    if (type === "bytes") {
      parameters.push(`${name}: Uint8Array`);
      prepare.push(`const ${name}Size = ${name}.length;`);
      fields.push(`writeBytes(b, ${name}, ${at});`);
    } else {
      const nul = type === "nulText" ? " + 1" : "";
      parameters.push(`${name}: string | Uint8Array`);
      prepare.push(`const ${name}Size = textSize(${name})${nul};`);
      fields.push(`writeText(b, ${name}, ${at});`);
      if (type === "nulText") fields.push(`b[${at} + ${name}Size - 1] = 0;`);
    }
    sizes.push(`${name}Size`);
    at = `${at} + ${name}Size`;
  }
  if (packet.trailingWord !== undefined) {
    parameters.push(`${packet.trailingWord.name}: number`);
    fields.push(`v.setUint32(${at}, ${packet.trailingWord.name}, true);`);
    sizes.push("4");
  }
  const body = [
    ...prepare,
    `${packet.parts.length > 0 ? "const b = " : ""}w.begin(${sizes.join(" + ")});`,
    "const v = w.view;",
    `writeHeader(v, w.length, ${packet.operation}, generation, destnode, srcnode, reqid);`,
    ...fields,
  ];
  const doc = docComment(`Writes a whole ${packet.name} into \`w\`, padded to 8 bytes.`);
  return `${doc}export function write${pascal(packet.name)}(w: PacketWriter, ${parameters.join(", ")}): void {\n  ${body.join("\n  ")}\n}\n`;
}

function emitObjects(): string {
  return [
    "// Packets as objects: for tests, traces and tools.",
    "",
    "/** Header of a packet without what is the same in all packets. */",
    `export interface PacketHeader {\n${headerParameters.map((name) => `${name}: number;`).join("\n")}\n}\n`,
    ...packets.map(emitObjectType),
    `export type Packet = ${packets.map(({ name }) => `${pascal(name)}Packet`).join(" | ")};\n`,
    'export type PacketType = Packet["type"];\n',
    emitObjectDecoder(),
    emitObjectEncoder(),
  ].join("\n");
}

function valueFields(packet: PacketDefinition): readonly PacketField[] {
  return packet.fields.filter((field) => field.type !== "hole" && field.lengthOf === undefined);
}

function emitObjectType(packet: PacketDefinition): string {
  const members = [
    `type: "${packet.name}";`,
    "header: PacketHeader;",
    ...valueFields(packet).map(
      (field) => `${docComment(field.doc)}${field.name}: ${field.type === "srvid" ? "bigint" : "number"};`,
    ),
    ...packet.parts.map(
      (part) => `${docComment(part.doc)}${part.name}: ${part.type === "bytes" ? "Uint8Array" : "string"};`,
    ),
    packet.trailingWord === undefined ? "" : `${packet.trailingWord.name}: number;`,
  ];
  return `export interface ${pascal(packet.name)}Packet {\n${members.filter((member) => member !== "").join("\n")}\n}\n`;
}

function emitObjectDecoder(): string {
  const cases = packets.map((packet) => {
    const prefix = camel(packet.name);
    const members = [
      `type: "${packet.name}"`,
      "header",
      ...valueFields(packet).map((field) => `${field.name}: ${prefix}${capital(field.name)}(p)`),
      ...packet.parts.map((part) =>
        part.type === "bytes"
          ? `${part.name}: new Uint8Array(${prefix}${capital(part.name)}(p))`
          : `${part.name}: ${prefix}${capital(part.name)}(p)`,
      ),
      ...(packet.trailingWord === undefined
        ? []
        : [`${packet.trailingWord.name}: ${prefix}${capital(packet.trailingWord.name)}(p)`]),
    ];
    return `case ${packet.operation}:\n  check${pascal(packet.name)}(p);\n  return { ${members.join(", ")} };`;
  });
  return `/**
 * Decodes a whole packet whose header was checked (\`checkHeader\`) into an object that shares nothing with \`p\`.
 * Throws ProtocolError for an unknown operation or inner lengths that do not fit.
 */
export function decodeCheckedPacket(p: Buffer): Packet {
  const header: PacketHeader = {
    generation: packetGeneration(p),
    destnode: packetDestnode(p),
    srcnode: packetSrcnode(p),
    reqid: packetReqid(p),
  };
  const operation = packetOperation(p);
  switch (operation) {
    ${cases.join("\n    ")}
    default:
      return failUnknownOperation(operation);
  }
}
`;
}

function emitObjectEncoder(): string {
  const cases = packets.map((packet) => {
    const values = valueFields(packet).flatMap((field) =>
      field.type === "srvid"
        ? [`srvidHigh(packet.${field.name})`, `srvidLow(packet.${field.name})`]
        : [`packet.${field.name}`],
    );
    const rest = [
      ...packet.parts.map(({ name }) => `packet.${name}`),
      ...(packet.trailingWord === undefined ? [] : [`packet.${packet.trailingWord.name}`]),
    ];
    const all = ["w", "h.generation", "h.destnode", "h.srcnode", "h.reqid", ...values, ...rest];
    return `case "${packet.name}":\n  write${pascal(packet.name)}(${all.join(", ")});\n  break;`;
  });
  return `/** Writes a packet given as an object into \`w\`, padded to 8 bytes. */
export function writePacket(w: PacketWriter, packet: Packet): void {
  const h = packet.header;
  switch (packet.type) {
    ${cases.join("\n    ")}
  }
}
`;
}
