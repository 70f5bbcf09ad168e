// Emits docs/protocol.md: prose and the tables of the schema.
import type { ControlDefinition, FieldType, PacketField, Payload, Structure } from "../../src/protocol/schema/index.js";
import * as schema from "../../src/protocol/schema/index.js";
import { fieldSize, placedFields, sizeOf, structureSizeMin, tunableList } from "./layout.js";
import { hex, literal } from "./naming.js";
import * as prose from "./reference-prose.js";

export function emitReference(): string {
  return [
    prose.introduction,
    prose.firstPacketIntroduction,
    ...prose.firstPackets.map(({ title, hex: bytes }) => annotatedPacket(title, bytes)),
    prose.groundRules,
    prose.recordJourney,
    emitPackets(),
    prose.controlsIntroduction,
    emitControlTable(),
    prose.messagesIntroduction,
    emitMessageTable(),
    prose.structuresIntroduction,
    ...schema.structureGroups.map(
      ({ title, structures }) => `### ${title}\n\n${structures.map(emitStructure).join("\n")}`,
    ),
    emitTunableList(),
    prose.eventDaemon,
    prose.recordsAndHashes,
    emitConstants(),
    emitTunables(),
    prose.traps,
  ].join("\n");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return `${[line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n")}\n`;
}

/** Hex dump of a packet, one line a field. */
function annotatedPacket(title: string, packetHex: string): string {
  const bytes = Buffer.from(packetHex, "hex");
  const packet = schema.packets.find(({ operation }) => operation === bytes.readUInt32LE(16));
  if (packet === undefined || bytes.readUInt32LE(0) !== bytes.length)
    throw new Error(`${title}: the example is no packet`);
  const fields = [...schema.headerFields, ...packet.fields];
  const lines = fields.map((field) => {
    const part = bytes.subarray(field.offset, field.offset + packetFieldSize(field));
    return dumpLine(field.offset, part, fieldMeaning(field, part));
  });
  const rest = bytes.subarray(packet.fixedSize);
  return `**${title}**\n\n\`\`\`\n${[...lines, dumpLine(packet.fixedSize, rest, "padding to a multiple of 8")].join("\n")}\n\`\`\`\n`;
}

function dumpLine(offset: number, bytes: Buffer, meaning: string): string {
  const dump = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return `${String(offset).padStart(3)}  ${dump.padEnd(24)}${meaning}`;
}

function fieldMeaning(field: PacketField, bytes: Buffer): string {
  const value = bytes.length === 4 ? bytes.readUInt32LE(0) : undefined;
  if (field.name === "hole") return "(hole)";
  if (field.name === "magic") return `magic: "${bytes.toString("latin1")}"`;
  if (value === undefined)
    return `${field.name}: ${bytes.every((byte) => byte === 0) ? "0" : hex(bytes.readBigUInt64LE(0), 16)}`;
  const special = constantName("Pnn", value);
  const isNode = field.name === "destnode" || field.name === "srcnode";
  if (field.name === "operation") return `operation: ${packetName(value)}`;
  return `${field.name}: ${isNode && special !== undefined ? special : value}`;
}

function packetName(operation: number): string {
  return schema.packets.find((packet) => packet.operation === operation)?.name ?? String(operation);
}

function constantName(group: string, value: number): string | undefined {
  const constants = schema.constantGroups.find(({ name }) => name === group)?.constants ?? [];
  return constants.find((constant) => constant.value === value)?.name;
}

function packetFieldSize({ type }: PacketField): number {
  return type === "srvid" || type === "rsn" ? 8 : 4;
}

function packetFieldType({ type }: PacketField): string {
  if (type === "hole") return "-";
  return type === "srvid" || type === "rsn" ? "u64" : type;
}

function emitPackets(): string {
  const rows = (fields: readonly PacketField[]): string[][] =>
    fields.map((field) => [
      String(field.offset),
      String(packetFieldSize(field)),
      packetFieldType(field),
      field.name,
      field.type === "hole"
        ? "zero"
        : (field.doc ?? (field.lengthOf === undefined ? "" : `length of ${field.lengthOf}`)),
    ]);
  const head = ["offset", "size", "type", "field", ""];
  const overview = schema.packets.map(({ operation, name, routes, generationChecked }) => [
    String(operation),
    `[${name}](#${name.toLowerCase()})`,
    routes,
    generationChecked,
  ]);
  const each = schema.packets.map((packet) => {
    const parts = packet.parts.map(({ name, doc }) => ["", "", "bytes", name, doc ?? ""]);
    const trailing =
      packet.trailingWord === undefined ? [] : [["", "4", "u32", packet.trailingWord.name, packet.trailingWord.doc]];
    return `### ${packet.name}\n\n${packet.doc}\n\n${table(head, [...rows(packet.fields), ...parts, ...trailing])}`;
  });
  return [
    `## Packets\n\nEvery packet begins with a header of ${schema.HEADER_SIZE} bytes:\n`,
    table(head, rows(schema.headerFields)),
    "The packet types; offsets below are from the start of the packet, and the parts of variable length follow the fields without alignment:\n",
    table(["operation", "packet", "travels", "generation checked"], overview),
    ...each,
  ].join("\n");
}

function link(name: string): string {
  return `[${name}](#${name.toLowerCase()})`;
}

/** Structures that are plain values are named by their wire type. */
const plainTypes: Readonly<Record<string, string>> = {
  U32: "u32",
  I32: "i32",
  U64: "u64",
  F64: "f64",
  Seqnum: "u64",
  StringToEnd: "string",
  OptionalStringToEnd: "string",
  TextToEnd: "text",
  Stringn: "stringn",
  PaddedDbId: "u32, 4 bytes of padding",
};

function payload({ struct, label }: Payload): string {
  const type = plainTypes[struct] ?? link(struct);
  return label === undefined ? type : `${type}: ${label}`;
}

function sizeRule({ exact, atLeast }: ControlDefinition): string {
  if (exact !== undefined) return `= ${exact}`;
  return atLeast === undefined ? "" : `>= ${atLeast}`;
}

function emitControlTable(): string {
  const live = schema.controls.filter(({ status }) => status === "live");
  const rows = live.map((control) => {
    const request = control.request === undefined ? "-" : payload(control.request);
    const srvid = control.srvid === undefined ? "" : `; packet's srvid: ${control.srvid}`;
    const status = control.replyInStatus === undefined ? "" : `status: ${control.replyInStatus}`;
    const reply =
      control.reply === undefined ? status || (control.noReply === true ? "none" : "-") : payload(control.reply);
    const notes = [
      control.since === undefined ? "" : `*Since ${control.since}.*`,
      control.doc ?? "",
      control.async === true ? "*Answered later.*" : "",
    ];
    return [
      String(control.opcode),
      control.name,
      control.scope ?? "",
      control.users ?? "",
      `${request}${srvid}`,
      sizeRule(control),
      reply,
      notes.filter((note) => note !== "").join(" "),
    ];
  });
  const gone = schema.controls
    .filter(({ status }) => status === "obsolete")
    .map(({ opcode, name }) => `${opcode} ${name}`);
  return [
    table(["#", "control", "scope", "users", "request", "size", "reply", ""], rows),
    "Obsolete, removed and unknown opcodes are answered with status -1. Their numbers are never used again.\n",
    `Obsolete: ${gone.join(", ")}.\n`,
    `Removed or never used: ${schema.removedOpcodes.join(", ")}.\n`,
  ].join("\n");
}

function emitMessageTable(): string {
  const rows = schema.messages.map((message) => [
    `${hex(message.value, 16)}${message.mask === undefined ? "" : " and up"}`,
    message.name,
    message.payload === undefined ? "" : payload(message.payload),
    message.reply === undefined ? "" : payload(message.reply),
    message.route ?? "",
    [
      message.obsolete === true ? "*Obsolete.*" : "",
      message.since === undefined ? "" : `*Since ${message.since}.*`,
      message.doc ?? "",
    ]
      .filter((note) => note !== "")
      .join(" "),
  ]);
  return table(["srvid", "name", "payload", "answer", "from, to", ""], rows);
}

function fieldType(type: FieldType): string {
  if (typeof type === "string") {
    if (type === "safe64") return "u64";
    return type === "rest" ? "bytes to the end" : type;
  }
  if ("struct" in type) return link(type.struct);
  if ("pad" in type) return "-";
  if ("fixedText" in type) return `char[${type.fixedText}]`;
  if ("array" in type) return `${fieldType(type.array)} x ${type.length}`;
  if ("list" in type) return `${fieldType(type.list)} ...`;
  if ("countOf" in type) return type.signed === true ? "i32" : "u32";
  if ("lengthOf" in type) return "u32";
  return "string" in type ? "string" : "stringn";
}

function fieldNote(type: FieldType, doc: string | undefined): string {
  const derived =
    typeof type !== "object"
      ? ""
      : "countOf" in type
        ? `number of ${type.countOf}`
        : "lengthOf" in type
          ? `length of ${type.lengthOf}`
          : "";
  return [derived, doc ?? ""].filter((note) => note !== "").join("; ");
}

function emitStructure(structure: Structure): string {
  const size = sizeOf(structure.name);
  const sizeText = size === undefined ? `at least ${structureSizeMin(structure.name)} bytes` : `${size} bytes`;
  const exact = structure.exact === true && size === undefined ? "; nothing may follow" : "";
  const rows = placedFields(structure).map(({ field, offset, size: bytes }) => [
    offset === undefined ? "" : String(offset),
    bytes === undefined ? "" : String(bytes),
    fieldType(field.type),
    field.name,
    fieldNote(field.type, field.doc),
  ]);
  const fields = rows.length === 0 ? "" : `\n${table(["offset", "size", "type", "field", ""], rows)}`;
  return `#### ${structure.name}\n\n${structure.doc} (${sizeText}${exact})\n${fields}`;
}

function emitTunableList(): string {
  return `#### ${tunableList.name}\n\n${tunableList.doc} (${fieldSize({ struct: tunableList.name })} bytes: a u32 for each row of [tunables](#tunables))\n`;
}

function emitConstants(): string {
  const groups = schema.constantGroups.map(({ name, doc, format, constants }) => {
    const rows = constants.map((constant) => [
      literal(constant.value, format),
      constant.name,
      [
        constant.obsolete === true ? "*Obsolete.*" : "",
        constant.since === undefined ? "" : `*Since ${constant.since}.*`,
        constant.doc ?? "",
      ]
        .filter((note) => note !== "")
        .join(" "),
    ]);
    return `### ${name}\n\n${doc}\n\n${table(["value", "name", ""], rows)}`;
  });
  return `## Constants\n\n${groups.join("\n")}`;
}

function emitTunables(): string {
  const rows = schema.tunables.map(({ name, default: value, unit, obsolete, doc }, index) => [
    String(index),
    name,
    String(value),
    unit ?? "",
    `${obsolete === true ? "*Obsolete.* " : ""}${doc}`,
  ]);
  return [
    "## Tunables\n",
    "The index is the position in the reply of GET_ALL_TUNABLES. Obsolete tunables are hidden in LIST_TUNABLES; they can be read, setting one gives " +
      "status 1, in the tunables file it is an error. LIST_TUNABLES has the order of this table, except that " +
      `${schema.listedOutOfOrder.name} comes directly behind ${schema.listedOutOfOrder.after}.\n`,
    table(["index", "name", "default", "unit", ""], rows),
  ].join("\n");
}
