// Medians and the table of results.
import { type Figure, higherIsBetter } from "./benchmark.js";

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export interface ResultRow {
  readonly name: string;
  readonly unit: Figure["unit"];
  /** Median a daemon; undefined where it was not measured. */
  readonly c: number | undefined;
  readonly ts: number | undefined;
  /** How much better ours is: above 1 ours is ahead, whichever direction is the better one. */
  readonly ratio: number | undefined;
  readonly rounds: { readonly c: readonly number[]; readonly ts: readonly number[] };
}

export class Results {
  private readonly figures = new Map<string, { unit: Figure["unit"]; c: number[]; ts: number[] }>();

  add(kind: "c" | "ts", figure: Figure): void {
    let entry = this.figures.get(figure.name);
    if (entry === undefined) {
      entry = { unit: figure.unit, c: [], ts: [] };
      this.figures.set(figure.name, entry);
    }
    entry[kind].push(figure.value);
  }

  rows(): ResultRow[] {
    return [...this.figures].map(([name, { unit, c, ts }]) => {
      const cMedian = c.length === 0 ? undefined : median(c);
      const tsMedian = ts.length === 0 ? undefined : median(ts);
      let ratio: number | undefined;
      // Where one of them has nothing at all (of what is bad), there is no ratio.
      if (cMedian !== undefined && tsMedian !== undefined && cMedian > 0 && tsMedian > 0) {
        ratio = higherIsBetter(unit) ? tsMedian / cMedian : cMedian / tsMedian;
      }
      return { name, unit, c: cMedian, ts: tsMedian, ratio, rounds: { c, ts } };
    });
  }
}

function amount(value: number | undefined): string {
  if (value === undefined) return "-";
  return value >= 1000 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
}

/** The rows as text; the ratio is "ours against C", above 1 = ours is better. */
export function formatTable(rows: readonly ResultRow[]): string {
  const cells = rows.map((row) => [
    row.name,
    `${amount(row.c)}`,
    `${amount(row.ts)}`,
    row.unit,
    row.ratio === undefined ? "-" : row.ratio.toFixed(2),
  ]);
  const table = [["benchmark", "C", "ctdb-ts", "unit", "ratio"], ...cells];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...table.map((line) => (line[column] ?? "").length)));
  return table
    .map((line) =>
      line
        .map((cell, i) => (i === 0 || i === 3 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join("  "),
    )
    .join("\n");
}
