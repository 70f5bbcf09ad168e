// The reply codec of controls whose answer is the status of the reply packet.
import type { Codec } from "./codec.js";
import { ProtocolError } from "./errors.js";

/** Stands for the reply codec of the controls whose answer is the status: nothing is on the wire. */
export const StatusReply: Codec<number> = {
  name: "StatusReply",
  size: () => 0,
  encode: () => new Uint8Array(0),
  decode(): never {
    throw new ProtocolError(0, "StatusReply", "the answer of this control is the status of the reply, not its payload");
  },
};
