// What a verb of clients is, in "NAME: VERB ...", and the words that several of them have in common.
import type { Action } from "./actor.js";
import type { Words } from "./words.js";

export interface Verb {
  readonly usage: string;
  /** Throws BadCommandError. */
  parse(words: Words): Action;
}

export type Verbs = Readonly<Record<string, Verb>>;

export function databaseAndKey(words: Words): [database: string, key: string] {
  return [words.text("a database"), words.text("a key")];
}

/** "within DURATION" at the end of a command; else no limit, as smbd has none. */
export function optionalLimit(words: Words): { readonly timeoutMs: number } {
  return { timeoutMs: words.optionalTail("within")?.durationMs() ?? 0 };
}
