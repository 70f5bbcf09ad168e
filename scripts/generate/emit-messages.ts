// Emits the table of messages with the types of their payloads.
import type { MessageDefinition } from "../../src/protocol/schema/index.js";
import { messages } from "../../src/protocol/schema/index.js";
import { hex, releaseNumber } from "./naming.js";

export function emitMessages(): string {
  const withPayload = messages.filter(({ payload }) => payload !== undefined);
  const withReply = messages.filter(({ reply }) => reply !== undefined);
  const structs = withPayload.flatMap(({ payload, reply }) => [payload?.struct ?? "Bytes", reply?.struct ?? "Bytes"]);
  return [
    "// Messages (srvids) and their payloads.",
    'import type { MessageEntry } from "../message-table.js";',
    `import { ${[...new Set(["Bytes", ...structs])].sort().join(", ")} } from "../structures.js";`,
    "",
    "/** Payload of the messages that have one. */",
    "export const messagePayloads = {",
    ...withPayload.map(({ name, payload }) => `${name}: ${payload?.struct ?? "Bytes"},`),
    "} as const;",
    "",
    "/** Payload of the answer, which goes to the pnn and srvid of the request. */",
    "export const messageReplies = {",
    ...withReply.map(({ name, reply }) => `${name}: ${reply?.struct ?? "Bytes"},`),
    "} as const;",
    "",
    "/** All message ids; exact ones before the ranges that contain them. */",
    "export const messageTable: readonly MessageEntry[] = [",
    ...sorted().map(
      ({ name, value, mask, payload, since, obsolete }) =>
        `{ name: "${name}", value: ${hex(value, 16)}n, mask: ${hex(mask ?? 0n, 16)}n, payload: ${payload?.struct ?? "Bytes"}, ` +
        `obsolete: ${obsolete === true}${since === undefined ? "" : `, sinceRelease: ${hex(releaseNumber(since), 8)}`} },`,
    ),
    "];",
    "",
  ].join("\n");
}

function sorted(): readonly MessageDefinition[] {
  const exact = messages.filter(({ mask }) => mask === undefined);
  const ranges = messages.filter(({ mask }) => mask !== undefined);
  return [...exact, ...ranges];
}
