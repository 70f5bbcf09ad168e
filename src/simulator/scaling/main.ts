// Prints what happenings cost clusters of different sizes, as Markdown tables: the figures of docs/scaling.md.
// usage: node scripts/run-bundled.mjs src/simulator/scaling/main.ts [--nodes 3,5,10] [--kinds]
import { parseArgs } from "node:util";
import type { Cost } from "./cost.js";
import { type Happening, happenings, measure } from "./happenings.js";

const NODES = "3,5,10,20,50,100";
const KINDS_SHOWN = 6;

function out(text: string): void {
  process.stdout.write(`${text}\n`);
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function figure(value: number): string {
  return value < 10 ? value.toFixed(1) : value.toFixed(0);
}

/** How the packets grow with the number of nodes: 1 is linear, 2 quadratic. */
function exponent(smaller: [number, Cost], larger: [number, Cost]): string {
  return (Math.log(larger[1].packets / smaller[1].packets) / Math.log(larger[0] / smaller[0])).toFixed(1);
}

function table(happening: Happening, costs: ReadonlyArray<[number, Cost]>, withKinds: boolean): string {
  const lines = costs.map(([nodes, cost], place) => {
    const before = costs[place - 1];
    const growth = before === undefined ? "" : exponent(before, [nodes, cost]);
    const kinds = [...cost.kinds].sort(([, a], [, b]) => b - a).slice(0, KINDS_SHOWN);
    const shares = kinds.map(([kind, count]) => `${kind} ${count}`).join(", ");
    const cells = [String(nodes), figure(cost.ms), figure(cost.packets), growth, figure(cost.bytes / 1024)];
    return row(withKinds ? [...cells, shares] : cells);
  });
  const head = ["nodes", "ms", "packets", "grows with n^", "KiB", ...(withKinds ? ["packets by kind"] : [])];
  return [`### ${happening}`, "", row(head), row(head.map(() => "---:")), ...lines, ""].join("\n");
}

const { values } = parseArgs({ options: { nodes: { type: "string", default: NODES }, kinds: { type: "boolean" } } });
const withKinds = values.kinds ?? false;
const costs = new Map<Happening, Array<[number, Cost]>>(happenings.map((happening) => [happening, []]));
for (const nodes of values.nodes.split(",").map(Number)) {
  const startMs = performance.now();
  for (const [happening, cost] of await measure(nodes, withKinds)) costs.get(happening)?.push([nodes, cost]);
  process.stderr.write(`${nodes} nodes: ${((performance.now() - startMs) / 1000).toFixed(1)} s\n`);
}
for (const [happening, ofHappening] of costs) out(table(happening, ofHappening, withKinds));
