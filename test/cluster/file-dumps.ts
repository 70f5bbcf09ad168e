// Reads the TDB files of daemons that run, in a process of its own: a process that has a file open must not open it twice.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import {
  RECORD_HEADER_SIZE,
  recordHeaderDmaster,
  recordHeaderFlags,
  recordHeaderRsn,
} from "../../src/protocol/index.js";
import type { StoredRecord } from "../../src/simulator/invariants/index.js";

export interface FileDump {
  readonly hash: "jenkins" | "old";
  readonly mutexes: boolean;
  /** tdb_check finds the file in order. */
  readonly checked: boolean;
  /** Key (latin1) and value with its header. */
  readonly values: ReadonlyMap<string, Buffer>;
}

/** The dumps by path, and a fingerprint of all they hold. Throws when a file cannot be read. */
export async function dumpFiles(
  paths: readonly string[],
): Promise<{ readonly dumps: ReadonlyMap<string, FileDump>; readonly fingerprint: string }> {
  const text = await runWithInput(
    join(__PROJECT_ROOT__, "test/cluster/dump_files.py"),
    paths.map((path) => `${path}\n`).join(""),
  );
  const dumps = new Map<string, FileDump>();
  for (const line of text.split("\n").filter((line) => line !== "")) {
    const { path, error, hash, mutexes, checked, records } = JSON.parse(line);
    if (error !== undefined) throw new Error(`${path}: ${error}`);
    const values = new Map<string, Buffer>();
    for (const [key, value] of records) {
      values.set(Buffer.from(key, "base64").toString("latin1"), Buffer.from(value, "base64"));
    }
    dumps.set(path, { hash, mutexes, checked, values });
  }
  return { dumps, fingerprint: createHash("sha1").update(text).digest("hex") };
}

/** What is too short to be a record is left out. */
export function storedRecords(values: ReadonlyMap<string, Buffer>): Map<string, StoredRecord> {
  const records = new Map<string, StoredRecord>();
  for (const [key, value] of values) {
    if (value.length < RECORD_HEADER_SIZE) continue;
    records.set(key, {
      rsn: recordHeaderRsn(value, 0),
      dmaster: recordHeaderDmaster(value, 0),
      flags: recordHeaderFlags(value, 0),
      data: value.subarray(RECORD_HEADER_SIZE),
    });
  }
  return records;
}

function runWithInput(script: string, input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("/usr/bin/python3", [script], { stdio: ["pipe", "pipe", "pipe"] });
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on("data", (bytes: Buffer) => stdout.push(bytes));
    child.stderr.on("data", (bytes: Buffer) => stderr.push(bytes));
    child.once("error", reject);
    child.once("close", (status) => {
      if (status === 0) resolve(Buffer.concat(stdout).toString());
      else reject(new Error(`${script}: status ${status}: ${Buffer.concat(stderr).toString()}`));
    });
    // It ends before it has read everything: its status tells.
    child.stdin.once("error", () => {});
    child.stdin.end(input);
  });
}
