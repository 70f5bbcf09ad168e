// The one error that decoders of this folder throw. Transport catches it, logs the reason and drops the packet or the link.

/** A packet, payload or structure that breaks the layout of the CTDB protocol. */
export class ProtocolError extends Error {
  /** Byte offset in the decoded bytes (packet or payload) where the rule was broken. */
  readonly offset: number;
  /** Name of the field, like `REQ_CALL keylen`. */
  readonly field: string;
  /** What is wrong, in words. */
  readonly reason: string;

  constructor(offset: number, field: string, reason: string) {
    super(`${field} at offset ${offset}: ${reason}`);
    this.name = "ProtocolError";
    this.offset = offset;
    this.field = field;
    this.reason = reason;
  }
}
