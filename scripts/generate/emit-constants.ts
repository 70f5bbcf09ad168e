// Emits the named numbers: constant groups, packet operations, control opcodes, srvids.
import type { Constant } from "../../src/protocol/schema/index.js";
import * as schema from "../../src/protocol/schema/index.js";
import { docComment, hex, literal } from "./naming.js";

export function emitConstants(): string {
  const operations = schema.packets.map(({ name, operation }) => ({ name, value: operation }));
  const controls = schema.controls.filter(({ status }) => status === "live");
  const obsolete = schema.controls.filter(({ status }) => status === "obsolete");
  return [
    "// Named numbers of the protocol.",
    "",
    "/** Bytes of the header that every packet begins with. */",
    `export const PACKET_HEADER_SIZE = ${schema.HEADER_SIZE};`,
    "/** Second word of every packet. */",
    `export const PACKET_MAGIC = ${hex(schema.MAGIC, 8)};`,
    "/** Third word of every packet. */",
    `export const PROTOCOL_VERSION = ${schema.PROTOCOL_VERSION};`,
    "",
    emitGroup("Operation", "Packet types.", "decimal", operations),
    emitGroup(
      "Control",
      "Opcodes of the controls that are in use.",
      "decimal",
      controls.map(({ name, opcode, since }) => ({ name, value: opcode, ...(since === undefined ? {} : { since }) })),
    ),
    emitGroup(
      "ObsoleteControl",
      "Opcodes of controls that are not in use any more; daemons answer them with status -1.",
      "decimal",
      obsolete.map(({ name, opcode }) => ({ name, value: opcode })),
    ),
    emitGroup("Srvid", "Message ids. Ranges are named by their base.", "hex64", [
      ...schema.messages.map(({ name, value, doc, since, obsolete }) => ({
        name,
        value,
        ...(doc === undefined ? {} : { doc }),
        ...(since === undefined ? {} : { since }),
        ...(obsolete === undefined ? {} : { obsolete }),
      })),
      { name: "TUNNEL_TEST_RANGE", value: schema.tunnelTestRange, doc: "base of the tunnel ids of test programs" },
    ]),
    ...schema.constantGroups.map(({ name, doc, format, constants }) => emitGroup(name, doc, format, constants)),
  ].join("\n");
}

function emitGroup(
  name: string,
  doc: string,
  format: "hex" | "hex64" | "decimal",
  constants: readonly Constant[],
): string {
  const members = constants.map((constant) => {
    const since = constant.since === undefined ? undefined : `Since ${constant.since}.`;
    const obsolete = constant.obsolete === true ? "Obsolete." : undefined;
    const text = constant.doc === undefined ? undefined : `${constant.doc}.`;
    const comment = docComment(text, since, obsolete);
    return `${comment}${constant.name}: ${literal(constant.value, format)},`;
  });
  const frozen = `export const ${name} = {\n${members.join("\n")}\n} as const;\n`;
  const valueType = format === "hex64" ? "" : `export type ${name} = (typeof ${name})[keyof typeof ${name}];\n`;
  return `${docComment(doc)}${frozen}${valueType}`;
}
