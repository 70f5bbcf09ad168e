// Finds mistakes in the schema before anything is generated from it.
import * as schema from "../../src/protocol/schema/index.js";
import { allStructures, sizeOf } from "./layout.js";

/** Throws an Error that names every mistake. */
export function checkSchema(): void {
  const mistakes: string[] = [];
  const expect = (holds: boolean, text: string): void => {
    if (!holds) mistakes.push(text);
  };

  const opcodes = new Set<number>(schema.removedOpcodes);
  const names = new Set<string>();
  for (const control of schema.controls) {
    expect(!opcodes.has(control.opcode), `control number ${control.opcode} is there twice`);
    expect(!names.has(control.name), `control ${control.name} is there twice`);
    opcodes.add(control.opcode);
    names.add(control.name);
    if (control.exact !== undefined && control.request !== undefined) {
      const size = sizeOf(control.request.struct);
      expect(
        size === control.exact,
        `${control.name}: exact ${control.exact}, but ${control.request.struct} has ${size} bytes`,
      );
    }
    if (control.exact !== undefined && control.exact > 0) {
      expect(control.request !== undefined, `${control.name}: exact ${control.exact} without a request`);
    }
  }
  const highest = Math.max(...[...opcodes].filter((opcode) => opcode < schema.FIRST_OWN_OPCODE));
  for (let opcode = 0; opcode <= highest; opcode += 1) {
    expect(opcodes.has(opcode), `control number ${opcode} is missing`);
  }

  expect(schema.tunables.length === 62, `${schema.tunables.length} tunables instead of 62`);

  for (const [name, size] of Object.entries(knownSizes)) {
    expect(sizeOf(name) === size, `${name} has ${sizeOf(name)} bytes instead of ${size}`);
  }
  const structureNames = allStructures().map(({ name }) => name);
  expect(new Set(structureNames).size === structureNames.length, "a structure is there twice");

  for (const packet of schema.packets) {
    let end = schema.HEADER_SIZE;
    for (const field of packet.fields) {
      expect(field.offset === end, `${packet.name} ${field.name}: offset ${field.offset} instead of ${end}`);
      end += field.type === "srvid" || field.type === "rsn" ? 8 : 4;
    }
    expect(end === packet.fixedSize, `${packet.name}: fields end at ${end}, not at ${packet.fixedSize}`);
  }

  if (mistakes.length > 0) throw new Error(`the schema has mistakes:\n  ${mistakes.join("\n  ")}`);
}

/** Sizes of C structures that were seen on the wire. */
const knownSizes: Readonly<Record<string, number>> = {
  Statistics: 488,
  Latency: 32,
  Uptime: 64,
  PublicIp: 32,
  Iface: 24,
  NodeEntry: 36,
  Connection: 56,
  PullDb: 16,
  TraverseStartExt: 24,
  TraverseAllExt: 32,
  SrvidMessage: 16,
  DisableMessage: 24,
  ElectionMessage: 32,
  ServerId: 24,
  ToolGLock: 32,
  LegacyScript: 584,
  EventdHeader: 16,
  RecordHeader: 24,
  TunableList: 248,
};
