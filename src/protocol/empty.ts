// The payload of controls and messages that carry none.
import { defineCodec, type StructCodec } from "./codec.js";

/** No payload. Superfluous bytes are ignored, unless the control demands exactly none. */
export type Empty = undefined;

export const Empty: StructCodec<undefined> = defineCodec<undefined>({
  name: "Empty",
  exact: false,
  size: () => 0,
  read: () => undefined,
  write: () => undefined,
});
