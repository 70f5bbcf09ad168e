// What a mistyped command was meant to be. Loaded by run.ts only for an unknown command.
import { COMMANDS } from "./command-table.js";

/** Names of older releases and what they are called now. */
const OLD_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    recmaster: "leader",
    setrecmasterrole: "setleaderrole",
    lvsmaster: "lvs leader",
    natgwlist: "natgw list",
    xpnn: "pnn",
    chktcpport: "checktcpport",
  }),
);

const DISTANCE_MAX = 2;

/** Number of letters to insert, delete, change or swap with their neighbour (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(change, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (before[j - 2] ?? 0) + 1);
      row.push(best);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
}

/** A line to follow the complaint about an unknown command; undefined where nothing is near. */
export function suggestion(name: string): string | undefined {
  const now = OLD_NAMES.get(name);
  if (now !== undefined) return `It is called '${now}' now.`;
  const wanted = name.toLowerCase();
  const ranked = COMMANDS.map((entry) => ({ name: entry.name, distance: editDistance(wanted, entry.name) }))
    .filter(({ distance }) => distance <= DISTANCE_MAX && distance < Math.max(wanted.length, 2) - 1)
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best === undefined ? undefined : `Did you mean '${best.name}'?`;
}
