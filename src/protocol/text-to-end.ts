// Text that fills a payload without a NUL: memory reports.
import { defineCodec, type StructCodec } from "./codec.js";

export type TextToEnd = string;

export const TextToEnd: StructCodec<string> = defineCodec<string>({
  name: "TextToEnd",
  exact: false,
  size: (value) => Buffer.byteLength(value, "utf8"),
  read: (r) => r.stringToEnd("text", true) ?? "",
  write: (w, value) => w.bytes(Buffer.from(value, "utf8")),
});
