// Reads the captured packets of test/fixtures/vectors. Used by the tests of this folder.
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Vector {
  readonly name: string;
  readonly direction: string;
  readonly bytes: Buffer;
  /** View of an independent decoder. */
  readonly decoded: Record<string, unknown>;
  /** File and line, for messages. */
  readonly source: string;
}

const folder = join(__PROJECT_ROOT__, "test/fixtures/vectors");

export const packetFiles = [
  "packets.jsonl",
  "large.jsonl",
  "smbd-startup.jsonl",
  "smbd-session.jsonl",
  "synthetic.jsonl",
] as const;

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function field(line: Record<string, unknown>, name: string): string {
  const value = line[name];
  if (typeof value !== "string") throw new Error(`a vector has no ${name}`);
  return value;
}

export function readVectors(file: string): Vector[] {
  const lines = readFileSync(join(folder, file), "utf8").trim().split("\n");
  return lines.map((text, index) => {
    const line: unknown = JSON.parse(text);
    if (!isRecord(line) || !isRecord(line["decoded"])) throw new Error(`${file}:${index + 1} is no vector`);
    return {
      name: field(line, "name"),
      direction: field(line, "direction"),
      bytes: Buffer.from(field(line, "hex"), "hex"),
      decoded: line["decoded"],
      source: `${file}:${index + 1}`,
    };
  });
}

export function readHashes(): unknown {
  return JSON.parse(readFileSync(join(folder, "hashes.json"), "utf8"));
}
