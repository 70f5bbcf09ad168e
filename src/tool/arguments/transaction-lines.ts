// The input of ptrans: `"KEY" "VALUE"` on each line. Bad lines are reported and left out.
import type { Terminal } from "../terminal.js";
import { HexError, parseHex } from "./bytes.js";

/** The C tool reads its input in pieces of this size; a longer line falls apart. */
const PIECE_BYTES_MAX = 1023;
const QUOTE = '"';

export interface TransactionLine {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** Lines with their newlines, cut as C's fgets cuts them. Latin-1, so that any byte survives. */
function* pieces(input: Buffer): Generator<string> {
  let at = 0;
  while (at < input.length) {
    const newline = input.indexOf(0x0a, at);
    const end = Math.min(newline < 0 ? input.length : newline + 1, at + PIECE_BYTES_MAX);
    yield input.toString("latin1", at, end);
    at = end;
  }
}

/** A quoted part at the beginning of `text`, and what follows it; undefined (after a complaint) where there is none. */
function quotedPart(text: string, terminal: Terminal): { readonly bytes: Buffer; readonly rest: string } | undefined {
  const start = text.search(/[^ \t]/);
  if (text.charAt(start) !== QUOTE) {
    terminal.complain(`Unsupported input format in ${text}`);
    return undefined;
  }
  const end = text.indexOf(QUOTE, start + 1);
  if (end < 0) {
    terminal.complain(`Unmatched " in input ${text}`);
    return undefined;
  }
  const quoted = text.slice(start + 1, end);
  const rest = text.slice(end + 1);
  if (!quoted.startsWith("0x")) return { bytes: Buffer.from(quoted, "latin1"), rest };
  // The complaint about bad digits shows everything up to the end of the line.
  return { bytes: parseHex(quoted.slice(2), text.slice(end)), rest };
}

/** The keys and values of the input; lines with an empty key are left out silently. */
export function* parseTransactionLines(input: Buffer, terminal: Terminal): Generator<TransactionLine> {
  for (const line of pieces(input)) {
    try {
      const key = quotedPart(line, terminal);
      if (key === undefined || key.bytes.length === 0) continue;
      const value = quotedPart(key.rest, terminal);
      if (value !== undefined) yield { key: key.bytes, value: value.bytes };
    } catch (error) {
      if (!(error instanceof HexError)) throw error;
      terminal.complain(error.message);
    }
  }
}
