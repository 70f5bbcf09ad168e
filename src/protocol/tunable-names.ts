// Reply of LIST_TUNABLES: a stringn like ":SeqnumInterval:ControlTimeout", a colon in front of each name.
import { stringnSize } from "./byte-writer.js";
import { defineCodec, type StructCodec } from "./codec.js";

export type TunableNames = string[];

const join = (names: readonly string[]): string => names.map((name) => `:${name}`).join("");

export const TunableNames: StructCodec<string[]> = defineCodec<string[]>({
  name: "TunableNames",
  exact: false,
  size: (value) => stringnSize(join(value)),
  read(r) {
    const text = r.requiredStringn("names", false);
    return text.split(":").filter((name) => name !== "");
  },
  write(w, value) {
    w.stringn(join(value));
  },
});
