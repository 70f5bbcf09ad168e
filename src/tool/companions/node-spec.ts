// The NODES argument of onnode, and the nodes file as onnode reads it. Pure. Called by onnode.ts.

/** A part of the argument. */
export type NodeSelector =
  | { readonly kind: "all" | "any" | "ok" | "con" }
  | { readonly kind: "range"; readonly from: number; readonly to: number }
  | { readonly kind: "name"; readonly name: string };

const WORDS: ReadonlyMap<string, "all" | "any" | "ok" | "con"> = new Map([
  ["all", "all"],
  ["any", "any"],
  ["ok", "ok"],
  ["healthy", "ok"],
  ["con", "con"],
  ["connected", "con"],
]);
const NUMBER = /^[0-9]{1,3}$/;
const RANGE = /^([0-9]{1,3})-([0-9]{1,3})$/;

function parsePart(part: string, namesAllowed: boolean): NodeSelector | undefined {
  const word = WORDS.get(part);
  if (word !== undefined) return { kind: word };
  if (NUMBER.test(part)) return { kind: "range", from: Number(part), to: Number(part) };
  const [, from, to] = RANGE.exec(part) ?? [];
  if (from !== undefined && to !== undefined) return { kind: "range", from: Number(from), to: Number(to) };
  return namesAllowed && part !== "" ? { kind: "name", name: part } : undefined;
}

/** The parts of a comma list; undefined if one of them is nothing that onnode knows. */
export function parseNodeSpec(spec: string, namesAllowed: boolean): NodeSelector[] | undefined {
  const parts = spec.split(",");
  // One comma at the end, and an empty list, are no mistakes.
  if (parts.at(-1) === "") parts.pop();
  const selectors = parts.map((part) => parsePart(part, namesAllowed));
  return selectors.includes(undefined) ? undefined : selectors.filter((one) => one !== undefined);
}

/** The nodes of a nodes file by number; undefined: the place of a node that is gone. */
export function parseNodesFile(text: string): (string | undefined)[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) => line.replace(/#.*/, "").replace(/[ \t]/g, "") || undefined);
}
