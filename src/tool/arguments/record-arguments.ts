// Keys and values of records as arguments, with the complaints of the C tool. Called by the record commands.
import { CommandFailure, Errno } from "../errors.js";
import type { Terminal } from "../terminal.js";
import { HexError, parseBytes } from "./bytes.js";

/** The bytes that `text` spells. Complains and throws CommandFailure. */
export function parseArgumentBytes(what: "key" | "value", text: string, terminal: Terminal): Buffer {
  try {
    return parseBytes(text);
  } catch (error) {
    if (!(error instanceof HexError)) throw error;
    terminal.complain(error.message);
    terminal.complain(`Failed to parse ${what} ${text}`);
    throw new CommandFailure(Errno.EINVAL);
  }
}
