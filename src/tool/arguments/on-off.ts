// The word `on` or `off` as an argument.
import { UsageError } from "../errors.js";

/** 1 for on, 0 for off. Throws UsageError for other words. */
export function parseOnOff(word: string | undefined): 0 | 1 {
  if (word === "on") return 1;
  if (word === "off") return 0;
  throw new UsageError();
}
