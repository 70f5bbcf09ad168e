// The words of one command, taken one after the other: plain ones, "texts", /patterns/, durations (300ms, 5s, 2m), nodes (n1, leader).
// Every method throws BadCommandError that says what was expected.
import type { SimulatedNode } from "../simulated-node.js";
import { BadCommandError } from "./errors.js";
import type { Scene } from "./scene.js";

/** A node by its number, or by what it is when the command is carried out. */
export type NodeReference = (scene: Scene) => SimulatedNode;

interface Word {
  readonly kind: "plain" | "text" | "pattern";
  readonly value: string;
}

const WORD = /\s*(?:"((?:[^"\\]|\\.)*)"|\/((?:[^/\\]|\\.)+)\/|([^\s"/][^\s"]*))(?=\s|$)/y;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };
const SIZE_BYTES: Readonly<Record<string, number>> = { "": 1, k: 1000, M: 1_000_000 };

function cut(line: string): Word[] {
  const words: Word[] = [];
  WORD.lastIndex = 0;
  let end = 0;
  while (line.slice(end).trim() !== "") {
    const match = WORD.exec(line);
    if (match === null) throw new BadCommandError(`cannot read ${line.slice(end).trim()}`);
    end = WORD.lastIndex;
    const [, text, pattern, plain] = match;
    if (text !== undefined) words.push({ kind: "text", value: text.replace(/\\(.)/g, "$1") });
    else if (pattern !== undefined) words.push({ kind: "pattern", value: pattern.replaceAll("\\/", "/") });
    else words.push({ kind: "plain", value: plain ?? "" });
  }
  return words;
}

function isPlain(word: Word | undefined, value: string): boolean {
  return word?.kind === "plain" && word.value === value;
}

export class Words {
  private next = 0;

  private constructor(private readonly words: Word[]) {}

  /** Throws BadCommandError when there is a quote or a pattern without an end. */
  static of(line: string): Words {
    return new Words(cut(line));
  }

  get more(): boolean {
    return this.next < this.words.length;
  }

  /** Takes the next word if it is this one. */
  optional(value: string): boolean {
    if (!isPlain(this.words[this.next], value)) return false;
    this.next++;
    return true;
  }

  /** Takes `value` from the end of the command if it stands there. */
  optionalLast(value: string): boolean {
    if (!this.more || !isPlain(this.words.at(-1), value)) return false;
    this.words.pop();
    return true;
  }

  /** Takes "NAME WORD" from the end of the command if it stands there, and hands WORD on. */
  optionalTail(name: string): Words | undefined {
    if (this.words.length - this.next < 2 || !isPlain(this.words.at(-2), name)) return undefined;
    return new Words(this.words.splice(-2).slice(1));
  }

  plain(what: string): string {
    const word = this.take(what);
    if (word.kind !== "plain") throw new BadCommandError(`${what} expected, not "${word.value}"`);
    return word.value;
  }

  /** A plain word or a text in quotes. */
  text(what: string): string {
    const word = this.take(what);
    if (word.kind === "pattern") throw new BadCommandError(`${what} expected, not /${word.value}/`);
    return word.value;
  }

  oneOf<T extends string>(...values: readonly T[]): T {
    const word = this.plain(values.join(" or "));
    const found = values.find((value) => value === word);
    if (found === undefined) throw new BadCommandError(`${values.join(" or ")} expected, not ${word}`);
    return found;
  }

  pattern(): RegExp {
    const word = this.take("a /pattern/");
    if (word.kind !== "pattern") throw new BadCommandError(`a /pattern/ expected, not ${word.value}`);
    try {
      return new RegExp(word.value);
    } catch (error) {
      throw new BadCommandError(error instanceof Error ? error.message : String(error));
    }
  }

  number(what: string): number {
    const word = this.plain(what);
    if (!/^\d+$/.test(word)) throw new BadCommandError(`${what} expected, not ${word}`);
    return Number(word);
  }

  /** 100, 20k or 1M bytes. */
  bytes(): number {
    const word = this.plain("a size");
    const [, digits, unit = ""] = /^(\d+)([kM]?)$/.exec(word) ?? [];
    const factor = SIZE_BYTES[unit];
    if (digits === undefined || factor === undefined)
      throw new BadCommandError(`a size like 20k expected, not ${word}`);
    return Number(digits) * factor;
  }

  durationMs(): number {
    const word = this.plain("a duration");
    const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(word) ?? [];
    const factor = UNIT_MS[unit];
    if (digits === undefined || factor === undefined) {
      throw new BadCommandError(`a duration like 300ms, 5s or 2m expected, not ${word}`);
    }
    return Number(digits) * factor;
  }

  /** n0, n1 ...; leader: the one that all agree on; away: the one that crashed or was killed last. */
  node(): NodeReference {
    const word = this.plain("a node");
    if (word === "leader") return (scene) => scene.leader();
    if (word === "away") return (scene) => scene.away();
    const [, digits] = /^n(\d+)$/.exec(word) ?? [];
    if (digits === undefined) throw new BadCommandError(`a node like n0, leader or away expected, not ${word}`);
    return (scene) => scene.node(Number(digits));
  }

  /** One node or more, to the end of the command. */
  nodes(): NodeReference[] {
    const nodes = [this.node()];
    while (this.more) nodes.push(this.node());
    return nodes;
  }

  /** To be called when a command has all it needs. */
  end(): void {
    const word = this.words[this.next];
    if (word !== undefined) throw new BadCommandError(`nothing expected after this, but there is ${word.value}`);
  }

  private take(what: string): Word {
    const word = this.words[this.next++];
    if (word === undefined) throw new BadCommandError(`${what} expected`);
    return word;
  }
}
