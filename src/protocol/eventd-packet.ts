// Packets of the event daemon's socket: a header with length and reqid, then a request or a reply. No alignment, no padding.
import { asBuffer, ByteReader } from "./byte-reader.js";
import { ByteWriter } from "./byte-writer.js";
import { ProtocolError } from "./errors.js";
import { EventdCommand } from "./generated/constants.js";
import { EventdHeader, EventdRun, EventdScript, EventdScriptList, EventdStatus } from "./generated/structures.js";

export const EVENTD_HEADER_SIZE = 16;
const REPLY_SIZE_MIN = EVENTD_HEADER_SIZE + 4;

/** A request: run the scripts of an event, ask how the last run went, or enable and disable a script. */
export type EventdRequest =
  | { command: "RUN"; reqid: number; run: EventdRun }
  | { command: "STATUS"; reqid: number; status: EventdStatus }
  | { command: "SCRIPT"; reqid: number; script: EventdScript };

/** A reply. `result` is 0 or a positive errno; `scripts` only comes with STATUS and result 0. */
export interface EventdReply {
  command: "RUN" | "STATUS" | "SCRIPT";
  reqid: number;
  result: number;
  scripts?: EventdScriptList;
}

/** Length of the packet that `bytes` begins with; undefined while fewer than 4 bytes are there. */
export function eventdPacketLength(bytes: Uint8Array): number | undefined {
  return bytes.length < 4 ? undefined : asBuffer(bytes).readUInt32LE(0);
}

function commandName(command: number): "RUN" | "STATUS" | "SCRIPT" {
  switch (command) {
    case EventdCommand.RUN:
      return "RUN";
    case EventdCommand.STATUS:
      return "STATUS";
    case EventdCommand.SCRIPT:
      return "SCRIPT";
    default:
      throw new ProtocolError(12, "EventdHeader command", `${command} is no command`);
  }
}

/** Reads the header and checks it against the framed bytes. */
function readHeader(reader: ByteReader, size: number): EventdHeader {
  const header = EventdHeader.read(reader);
  if (header.length !== size) {
    throw new ProtocolError(0, "EventdHeader length", `is ${header.length}, the packet has ${size} bytes`);
  }
  return header;
}

function requireEnd(reader: ByteReader): void {
  if (reader.remaining !== 0) reader.fail("end", `${reader.remaining} bytes follow the last field`);
}

/** Decodes one framed request. Throws ProtocolError; the event daemon ignores such a request. */
export function decodeEventdRequest(bytes: Uint8Array): EventdRequest {
  const reader = new ByteReader(bytes, "eventd request");
  const { reqid, command } = readHeader(reader, bytes.length);
  const request = readRequest(reader, commandName(command), reqid);
  requireEnd(reader);
  return request;
}

function readRequest(reader: ByteReader, command: "RUN" | "STATUS" | "SCRIPT", reqid: number): EventdRequest {
  switch (command) {
    case "RUN":
      return { command, reqid, run: EventdRun.read(reader) };
    case "STATUS":
      return { command, reqid, status: EventdStatus.read(reader) };
    case "SCRIPT":
      return { command, reqid, script: EventdScript.read(reader) };
  }
}

export function encodeEventdRequest(request: EventdRequest): Uint8Array {
  const write = (size: number, body: (writer: ByteWriter) => void): Uint8Array => {
    const writer = new ByteWriter(EVENTD_HEADER_SIZE + size);
    writeHeader(writer, EVENTD_HEADER_SIZE + size, request.reqid, request.command);
    body(writer);
    return writer.finish();
  };
  switch (request.command) {
    case "RUN":
      return write(EventdRun.size(request.run), (w) => EventdRun.write(w, request.run));
    case "STATUS":
      return write(EventdStatus.size(request.status), (w) => EventdStatus.write(w, request.status));
    case "SCRIPT":
      return write(EventdScript.size(request.script), (w) => EventdScript.write(w, request.script));
  }
}

function writeHeader(writer: ByteWriter, length: number, reqid: number, command: "RUN" | "STATUS" | "SCRIPT"): void {
  EventdHeader.write(writer, { length, version: 0, reqid, command: EventdCommand[command] });
}

/** Decodes one framed reply. Throws ProtocolError. */
export function decodeEventdReply(bytes: Uint8Array): EventdReply {
  const reader = new ByteReader(bytes, "eventd reply");
  const header = readHeader(reader, bytes.length);
  const command = commandName(header.command);
  const result = reader.i32("result");
  const reply: EventdReply = { command, reqid: header.reqid, result };
  if (command === "STATUS" && result === 0) reply.scripts = EventdScriptList.read(reader);
  requireEnd(reader);
  return reply;
}

/** Throws RangeError for a STATUS with result 0 and no scripts, or scripts anywhere else. */
export function encodeEventdReply(reply: EventdReply): Uint8Array {
  const { scripts } = reply;
  if ((scripts !== undefined) !== (reply.command === "STATUS" && reply.result === 0)) {
    throw new RangeError("scripts belong to STATUS replies with result 0, and only to these");
  }
  const length = REPLY_SIZE_MIN + (scripts === undefined ? 0 : EventdScriptList.size(scripts));
  const writer = new ByteWriter(length);
  writeHeader(writer, length, reply.reqid, reply.command);
  writer.i32(reply.result);
  if (scripts !== undefined) EventdScriptList.write(writer, scripts);
  return writer.finish();
}
