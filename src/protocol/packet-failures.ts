// The errors that generated packet checks throw. Apart, so that the checks themselves stay small enough to be inlined.
import { ProtocolError } from "./errors.js";

export function failTooShort(packet: string, need: number, has: number): never {
  throw new ProtocolError(has, packet, `needs ${need} bytes, has ${has}`);
}

export function failInnerLength(field: string, offset: number, end: number, length: number): never {
  throw new ProtocolError(offset, field, `the parts end at ${end}, the packet at ${length}`);
}

export function failUnsafe(field: string, offset: number): never {
  throw new ProtocolError(offset, field, "is larger than 2^53-1");
}

export function failUnknownOperation(operation: number): never {
  throw new ProtocolError(16, "header operation", `${operation} is no packet type`);
}
