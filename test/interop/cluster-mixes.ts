// Which kinds of clusters a test runs on. CTDB_TEST_KINDS picks some of them by name ("ccc,ttt"), CTDB_TEST_LONG=1 all.
import { existsSync } from "node:fs";
import { daemonPrograms, type NodeKind } from "../cluster/cluster-node.js";

/** Whether the long variants run: all mixes, ten kills, a minute of silence, half a million packets. */
export const LONG = process.env["CTDB_TEST_LONG"] === "1";

/** "ttc" is two nodes of ours and one of Debian's. */
export function kindsOf(mix: string): NodeKind[] {
  return [...mix].map((letter) => (letter === "c" ? "c" : "ts"));
}

export function mixTitle(mix: string): string {
  const counts = { c: [...mix].filter((letter) => letter === "c").length, ts: 0 };
  counts.ts = mix.length - counts.c;
  if (counts.c === 0) return `${counts.ts} of our nodes`;
  if (counts.ts === 0) return `${counts.c} C nodes`;
  return `${counts.ts} of our nodes and ${counts.c} C node${counts.c > 1 ? "s" : ""} (${mix})`;
}

/** `normal` in every run, `long` in addition with CTDB_TEST_LONG=1; CTDB_TEST_KINDS replaces both. */
export function chosenMixes(normal: readonly string[], long: readonly string[] = []): string[] {
  const asked = process.env["CTDB_TEST_KINDS"];
  const mixes = asked !== undefined ? asked.split(",") : LONG ? [...normal, ...long] : [...normal];
  for (const mix of mixes) {
    for (const kind of kindsOf(mix)) {
      if (!existsSync(daemonPrograms[kind])) throw new Error(`${daemonPrograms[kind]} is missing: cannot run ${mix}`);
    }
  }
  return mixes;
}
