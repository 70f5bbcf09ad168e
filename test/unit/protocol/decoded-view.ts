// Compares a decoded value with the view that an independent decoder printed into the vectors: snake_case names, hexadecimal
// strings for some numbers, counts and lengths as fields of their own.
import { isRecord } from "./vector-files.js";

/** Names that the view has and the value has not: they follow from lengths, or carry nothing. */
const derived = new Set([
  "num",
  "count",
  "size",
  "length",
  "len",
  "keylen",
  "datalen",
  "nul",
  "nul_terminated",
  "pad",
  "reserved1",
  "hole",
  "__last_counter",
  "num_scripts",
]);

/** Names that the view spells differently. */
const aliases: Readonly<Record<string, string>> = {
  conns: "connections",
  buf: "data",
  calldata: "calldata",
  "stats[0]": "stats",
  map: "map",
};

/** Bytes as the view prints them: text with \0 escapes, or hex. */
function viewBytes(view: unknown): Buffer | undefined {
  if (typeof view === "string") return Buffer.from(view.replaceAll("\\0", "\0"), "latin1");
  if (isRecord(view) && typeof view["hex"] === "string") return Buffer.from(view["hex"], "hex");
  if (isRecord(view) && typeof view["raw"] === "string") return Buffer.from(view["raw"], "hex");
  return undefined;
}

function normal(name: string): string {
  return name.replaceAll("_", "").toLowerCase();
}

/** Differences between view and value, one line each; none if they match. */
export function differences(view: unknown, value: unknown, path: string): string[] {
  if (view === null || view === undefined) {
    return value === undefined || value === null ? [] : [`${path}: ${show(value)} where nothing is expected`];
  }
  if (typeof view === "number") return numberDifferences(view, value, path);
  if (value instanceof Uint8Array) return byteDifferences(view, value, path);
  if (typeof view === "string") return textDifferences(view, value, path);
  if (Array.isArray(view)) return listDifferences(view, value, path);
  if (isRecord(view)) return recordDifferences(view, value, path);
  return [`${path}: the view ${show(view)} is not understood`];
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? `${part}n` : part)) ?? "nothing";
}

function numberDifferences(view: number, value: unknown, path: string): string[] {
  const number = typeof value === "bigint" || typeof value === "boolean" ? Number(value) : value;
  return number === view ? [] : [`${path}: ${show(value)} instead of ${view}`];
}

function byteDifferences(view: unknown, value: Uint8Array, path: string): string[] {
  const bytes = viewBytes(view);
  return bytes?.equals(value) ? [] : [`${path}: ${Buffer.from(value).toString("hex")} instead of ${show(view)}`];
}

function textDifferences(view: string, value: unknown, path: string): string[] {
  const matches =
    typeof value === "number" || typeof value === "bigint"
      ? /^0x[0-9a-f]+$/.test(view) && BigInt(view) === BigInt(value)
      : value === view || (view === "" && value === null);
  return matches ? [] : [`${path}: ${show(value)} instead of ${show(view)}`];
}

function listDifferences(view: readonly unknown[], value: unknown, path: string): string[] {
  if (!Array.isArray(value) || value.length !== view.length) return [`${path}: not a list of ${view.length}`];
  return view.flatMap((element, index) => differences(element, value[index], `${path}[${index}]`));
}

function recordDifferences(view: Record<string, unknown>, value: unknown, path: string): string[] {
  if ("string" in view) return stringDifferences(view, value, path);
  if ("ip" in view && "family" in view) return addressDifferences(view, value, path);
  if ("key" in view && "data" in view && "length" in view) return recDataDifferences(view, value, path);
  const names = Object.keys(view);
  if (!isRecord(value)) {
    const [only, ...others] = names.filter((name) => !derived.has(name));
    if (only === undefined || others.length > 0) return [`${path}: ${show(value)} instead of ${show(view)}`];
    return differences(view[only], value, `${path}.${only}`);
  }
  const covered = new Set<string>();
  const found = names.flatMap((name) => {
    const [head = "", ...tail] = name.split(".");
    const wanted = normal(aliases[head] ?? head);
    const key = Object.keys(value).find((candidate) => normal(candidate) === wanted);
    if (key === undefined) return derived.has(name) ? [] : [`${path}.${name}: the value has no such field`];
    covered.add(key);
    return memberDifferences(view[name], value[key], name, tail, `${path}.${key}`);
  });
  const extra = Object.keys(value).filter((key) => !covered.has(key));
  return [...found, ...extra.map((key) => `${path}.${key}: the view has no such field`)];
}

function memberDifferences(
  view: unknown,
  value: unknown,
  name: string,
  tail: readonly string[],
  path: string,
): string[] {
  const [next] = tail;
  if (next !== undefined) {
    if (!isRecord(value)) return [`${path}: no structure`];
    const key = Object.keys(value).find((candidate) => normal(candidate) === normal(next));
    return key === undefined ? [`${path}.${next}: missing`] : differences(view, value[key], `${path}.${key}`);
  }
  // Views of lists: sometimes { num, ifaces }, sometimes only the first element.
  if (name.endsWith("[0]") && Array.isArray(value)) return differences(view, value[0], `${path}[0]`);
  if (isRecord(view) && Array.isArray(value) && Array.isArray(view[name])) return differences(view[name], value, path);
  return differences(view, value, path);
}

function stringDifferences(view: Record<string, unknown>, value: unknown, path: string): string[] {
  const text = Array.isArray(value) ? value.map((name) => `:${name}`).join("") : (value ?? "");
  return text === view["string"] ? [] : [`${path}: ${show(value)} instead of ${show(view)}`];
}

function addressDifferences(view: Record<string, unknown>, value: unknown, path: string): string[] {
  if (!isRecord(value)) return [`${path}: no address`];
  const family = view["family"] === 2 ? 4 : 6;
  const same = value["family"] === family && value["address"] === view["ip"] && value["port"] === view["port"];
  return same ? [] : [`${path}: ${show(value)} instead of ${show(view)}`];
}

/** A record: the view shows header and data apart, the value has both in `data`. */
function recDataDifferences(view: Record<string, unknown>, value: unknown, path: string): string[] {
  if (!isRecord(value) || !(value["data"] instanceof Uint8Array)) return [`${path}: no record`];
  const data = Buffer.from(value["data"]);
  const header = view["header"];
  const body = isRecord(header) ? data.subarray(24) : data;
  const found = [
    ...differences(view["reqid"], value["reqid"], `${path}.reqid`),
    ...differences(view["key"], value["key"], `${path}.key`),
    ...differences(view["data"], body, `${path}.data`),
  ];
  if (!isRecord(header)) return found;
  return [
    ...found,
    ...differences(header["rsn"], data.readBigUInt64LE(0), `${path}.rsn`),
    ...differences(header["dmaster"], data.readUInt32LE(8), `${path}.dmaster`),
    ...differences(header["flags"], data.readUInt32LE(16), `${path}.flags`),
  ];
}
