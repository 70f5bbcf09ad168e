// The output of ctdb_lvs and ctdb_natgw as JSON.
import type { JsonValue } from "../command.js";

const NODE_LINE = /^pnn:(\d+) (\S+) +(\S+)( \(THIS NODE\))?$/;

function statusLineJson(line: string): JsonValue[] {
  const [, pnn, address, state = "", thisNode] = NODE_LINE.exec(line) ?? [];
  if (pnn === undefined || address === undefined) return [];
  const partiallyOnline = state === "PARTIALLYONLINE";
  const flags = partiallyOnline || state === "OK" ? [] : state.split("|");
  const healthy = flags.length === 0;
  return [{ pnn: Number(pnn), address, flags, healthy, partiallyOnline, thisNode: thisNode !== undefined }];
}

/** LVS lists `PNN IP`; the NAT gateway lists `IP`, and behind a tab LEADER and follower-only. */
function listLineJson(line: string): JsonValue {
  const [first = "", second] = line.split(/[ \t]+/);
  if (/^\d+$/.test(first)) return { pnn: Number(first), address: second ?? null };
  const words = second?.split(",") ?? [];
  return { address: first, leader: words.includes("LEADER"), followerOnly: words.includes("follower-only") };
}

/** `question` is the helper's argument, `text` what it printed; undefined for an unknown question. */
export function groupJson(question: string, text: string): JsonValue | undefined {
  const lines = text.split("\n").filter((line) => line !== "");
  switch (question) {
    case "leader": {
      const [pnn, address] = lines[0]?.split(" ") ?? [];
      return { leader: pnn === undefined ? null : Number(pnn), address: address ?? null };
    }
    case "list":
      return { nodes: lines.map(listLineJson) };
    case "status":
      return { nodes: lines.flatMap(statusLineJson) };
    default:
      return undefined;
  }
}
