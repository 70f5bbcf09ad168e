// Shape of the table of messages, and look-ups in it.
import type { StructCodec } from "./codec.js";
import { type messagePayloads, type messageReplies, messageTable } from "./generated/messages.js";

export interface MessageEntry {
  readonly name: string;
  readonly value: bigint;
  /** Bits of a srvid that do not matter: not 0 for a range. */
  readonly mask: bigint;
  readonly payload: StructCodec<unknown>;
  readonly obsolete: boolean;
  /** First release that knows it, in the form of a keepalive's version; left out where all do. */
  readonly sinceRelease?: number;
}

/** Names of the messages with a known payload. */
export type MessageName = keyof typeof messagePayloads;
type PayloadOf<C> = C extends StructCodec<infer T> ? T : never;
/** Value of a message's payload. */
export type MessagePayload<N extends MessageName> = PayloadOf<(typeof messagePayloads)[N]>;
/** Messages that are answered. */
export type AnsweredMessageName = keyof typeof messageReplies;
/** Value of the answer's payload. */
export type MessageReply<N extends AnsweredMessageName> = PayloadOf<(typeof messageReplies)[N]>;

/** The message or range that a srvid belongs to; undefined for random srvids outside of all ranges. */
export function findMessage(srvid: bigint): MessageEntry | undefined {
  return messageTable.find((entry) => (srvid & ~entry.mask) === entry.value);
}

/** Name of a srvid for logs. */
export function srvidName(srvid: bigint): string {
  const entry = findMessage(srvid);
  const hex = `0x${srvid.toString(16).padStart(16, "0")}`;
  if (entry === undefined) return hex;
  return entry.mask === 0n ? entry.name : `${entry.name} ${hex}`;
}
