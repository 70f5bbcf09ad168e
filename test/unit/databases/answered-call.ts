// A control as its handler gets it, which keeps the answer.
import { ControlCall } from "../../../src/controls/control-call.js";
import { type ControlName, encodeControlReply } from "../../../src/protocol/index.js";

export interface Answered<Name extends ControlName> {
  readonly call: ControlCall<Name>;
  /** "pending", or the status with the error text behind it. */
  readonly text: string;
  readonly data: Buffer;
}

/** Generation of those who send these controls. */
export const SENDER_GENERATION = 7;

export function answered<Name extends ControlName>(name: Name, srcnode = 0, clientId = 0, flags = 0): Answered<Name> {
  let text = "pending";
  let data = Buffer.alloc(0);
  const call = new ControlCall<Name>(
    name,
    srcnode,
    SENDER_GENERATION,
    clientId,
    flags,
    0,
    0,
    (reply) => encodeControlReply(name, reply),
    (status, bytes, errorText) => {
      text = errorText === "" ? String(status) : `${status} ${errorText}`;
      data = Buffer.from(bytes);
    },
  );
  return {
    call,
    get text() {
      return text;
    },
    get data() {
      return data;
    },
  };
}
