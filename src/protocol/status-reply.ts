// The reply codec of controls whose answer is the status of the reply packet.
import { defineCodec, type StructCodec } from "./codec.js";

/** Nothing is on the wire; decoding it is a mistake that is reported as ProtocolError. */
export const StatusReply: StructCodec<number> = defineCodec<number>({
  name: "StatusReply",
  exact: false,
  size: () => 0,
  read: (r) => r.fail("value", "the answer of this control is the status of the reply, not its payload"),
  write: () => undefined,
});
