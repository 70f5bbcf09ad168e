// Emits the table of controls with the types of their requests and replies.
import type { ControlDefinition, Payload } from "../../src/protocol/schema/index.js";
import { controls } from "../../src/protocol/schema/index.js";
import { docComment, hex, releaseNumber } from "./naming.js";

export function emitControls(): string {
  const live = controls.filter(({ status }) => status === "live");
  const obsolete = controls.filter(({ status }) => status === "obsolete");
  return [
    "// The table of controls.",
    'import type { ControlEntry, ObsoleteControlEntry } from "../control-table.js";',
    'import { StatusReply } from "../status-reply.js";',
    `import { ${imports(live).join(", ")} } from "../structures.js";`,
    "",
    "/** Request and reply value of each control; undefined where there is none. */",
    "export interface ControlPayloads {",
    ...live.map(
      (control) =>
        `${docComment(labels(control))}${control.name}: { request: ${valueType(control.request)}; reply: ${replyType(control)} };`,
    ),
    "}",
    "",
    "/** Every control in use, by name. */",
    "export const controlsByName: { readonly [N in keyof ControlPayloads]: ControlEntry<N> } = {",
    ...live.map((control) => `${docComment(control.doc)}${control.name}: ${entry(control)},`),
    "};",
    "",
    "/** The controls that are not in use any more; their numbers are never used again. */",
    "export const obsoleteControls: readonly ObsoleteControlEntry[] = [",
    ...obsolete.map(({ opcode, name }) => `{ name: "${name}", opcode: ${opcode}, obsolete: true },`),
    "];",
    "",
  ].join("\n");
}

function imports(live: readonly ControlDefinition[]): readonly string[] {
  const names = live.flatMap(({ request, reply }) => [request?.struct ?? "Empty", reply?.struct ?? "Empty"]);
  return [...new Set(names)].sort();
}

function valueType(payload: Payload | undefined): string {
  return payload === undefined ? "undefined" : payload.struct;
}

function replyType(control: ControlDefinition): string {
  return control.replyInStatus === undefined ? valueType(control.reply) : "number";
}

function labels({ request, reply, replyInStatus, srvid }: ControlDefinition): string | undefined {
  const parts = [
    request?.label === undefined ? undefined : `Request: ${request.label}.`,
    reply?.label === undefined ? undefined : `Reply: ${reply.label}.`,
    replyInStatus === undefined ? undefined : `Reply, in the status: ${replyInStatus}.`,
    srvid === undefined ? undefined : `The srvid of the packet: ${srvid}.`,
  ];
  return parts.filter((part) => part !== undefined).join(" ");
}

function entry(control: ControlDefinition): string {
  const members = [
    `name: "${control.name}"`,
    `opcode: ${control.opcode}`,
    "obsolete: false",
    `scope: "${control.scope ?? "any"}"`,
    `request: ${control.request?.struct ?? "Empty"}`,
    `reply: ${control.replyInStatus === undefined ? (control.reply?.struct ?? "Empty") : "StatusReply"}`,
    control.exact === undefined ? undefined : `exact: ${control.exact}`,
    control.atLeast === undefined ? undefined : `atLeast: ${control.atLeast}`,
    `replyInStatus: ${control.replyInStatus !== undefined}`,
    `async: ${control.async === true}`,
    `noReply: ${control.noReply === true}`,
    control.since === undefined ? undefined : `sinceRelease: ${hex(releaseNumber(control.since), 8)}`,
  ];
  return `{ ${members.filter((member) => member !== undefined).join(", ")} }`;
}
