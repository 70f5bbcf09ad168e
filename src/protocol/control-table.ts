// Shape of the table of controls, look-ups in it, and the payload rules that hold for all controls.
import type { StructCodec } from "./codec.js";
import { ProtocolError } from "./errors.js";
import { type ControlPayloads, controlsByName, obsoleteControls } from "./generated/controls.js";

/** Names of the controls in use. */
export type ControlName = keyof ControlPayloads;
/** Value of a control's request payload; undefined if it has none. */
export type ControlRequest<N extends ControlName> = ControlPayloads[N]["request"];
/** Value of a control's reply; undefined if it has none; a number where the status is the answer. */
export type ControlReply<N extends ControlName> = ControlPayloads[N]["reply"];

export interface ControlEntry<N extends ControlName> {
  readonly name: N;
  readonly opcode: number;
  readonly obsolete: false;
  /** connection: only the daemon of the client connection can serve it. daemon: sent by daemons. any: the rest. */
  readonly scope: "connection" | "any" | "daemon";
  readonly request: StructCodec<ControlRequest<N>>;
  readonly reply: StructCodec<ControlReply<N>>;
  /** The request must have exactly this size. */
  readonly exact?: number;
  /** The request must have at least this size. */
  readonly atLeast?: number;
  /** The answer is the status of the reply packet; a status above 0 is no error. */
  readonly replyInStatus: boolean;
  /** The reply may take long; other packets go on. */
  readonly async: boolean;
  /** Sent without wanting a reply. */
  readonly noReply: boolean;
  /** First release that knows it, in the form of a keepalive's version; left out where all do. */
  readonly sinceRelease?: number;
}

/** A control that is not in use any more: daemons answer it with status -1. */
export interface ObsoleteControlEntry {
  readonly name: string;
  readonly opcode: number;
  readonly obsolete: true;
}

/** Any control in use, where it is only known at run time which one. */
export interface AnyControl extends Omit<ControlEntry<ControlName>, "request" | "reply"> {
  readonly request: StructCodec<unknown>;
  readonly reply: StructCodec<unknown>;
}

/** Controls by opcode, obsolete ones too; undefined for removed and unknown opcodes. */
export const controls: readonly (AnyControl | ObsoleteControlEntry | undefined)[] = tableByOpcode();

function tableByOpcode(): (AnyControl | ObsoleteControlEntry | undefined)[] {
  const inUse: readonly AnyControl[] = Object.values(controlsByName);
  const byOpcode = new Map<number, AnyControl | ObsoleteControlEntry>();
  for (const entry of [...inUse, ...obsoleteControls]) byOpcode.set(entry.opcode, entry);
  return Array.from({ length: Math.max(...byOpcode.keys()) + 1 }, (_, opcode) => byOpcode.get(opcode));
}

/** The control of an opcode, obsolete ones too; undefined for removed and unknown opcodes. */
export function controlByOpcode(opcode: number): AnyControl | ObsoleteControlEntry | undefined {
  return controls[opcode];
}

/** Name of an opcode for logs: also of obsolete ones; `control 162` for unknown ones. */
export function controlName(opcode: number): string {
  return controls[opcode]?.name ?? `control ${opcode}`;
}

/** False for a control that peers of this release (a keepalive's version) do not know. */
export function controlKnownTo(name: ControlName, release: number): boolean {
  return (controlsByName[name].sinceRelease ?? 0) <= release;
}

/** Bytes of a request. */
export function encodeControlRequest<N extends ControlName>(name: N, request: ControlRequest<N>): Uint8Array {
  const entry: ControlEntry<N> = controlsByName[name];
  return entry.request.encode(request);
}

/**
 * Decodes a request under the size rules of its control. Superfluous bytes are ignored where no exact size is demanded.
 * Throws ProtocolError; a daemon answers that with status -1.
 */
export function decodeControlRequest<N extends ControlName>(name: N, bytes: Uint8Array): ControlRequest<N> {
  const entry: ControlEntry<N> = controlsByName[name];
  checkRequestSize(entry, bytes.length);
  return entry.request.decode(bytes);
}

/** The size rules of a request. Throws ProtocolError. */
export function checkRequestSize(entry: Pick<AnyControl, "name" | "exact" | "atLeast">, size: number): void {
  if (entry.exact !== undefined && size !== entry.exact) {
    throw new ProtocolError(0, `${entry.name} request`, `has ${size} bytes instead of ${entry.exact}`);
  }
  if (entry.atLeast !== undefined && size < entry.atLeast) {
    throw new ProtocolError(0, `${entry.name} request`, `has ${size} bytes, less than ${entry.atLeast}`);
  }
}

/** Bytes of a reply; none for controls that answer in the status. */
export function encodeControlReply<N extends ControlName>(name: N, reply: ControlReply<N>): Uint8Array {
  const entry: ControlEntry<N> = controlsByName[name];
  return entry.reply.encode(reply);
}

/**
 * Decodes the payload of a successful reply (status 0), with bytes left over ignored. Not for controls that answer in the
 * status (`replyInStatus`). Throws ProtocolError.
 */
export function decodeControlReply<N extends ControlName>(name: N, bytes: Uint8Array): ControlReply<N> {
  const entry: ControlEntry<N> = controlsByName[name];
  return entry.reply.decode(bytes);
}
