// Prints what a daemon's event loop ran: loop.
import type { LoopKind, LoopTimes, LoopTurn } from "../../protocol/index.js";
import type { JsonValue, Printer } from "../command.js";
import { isoText } from "./clock-text.js";
import { machineLine } from "./machine-line.js";

export interface LoopReport {
  readonly pnn: number;
  readonly times: LoopTimes;
}

function worstFirst(times: LoopTimes): readonly LoopKind[] {
  return [...times.kinds].sort((a, b) => b.total - a.total);
}

function average({ total, count }: LoopKind): number {
  return count === 0 ? 0 : total / count;
}

function row(columns: readonly [string, string, string, string], kind: string): string {
  return `${columns.map((column) => column.padStart(12)).join("")}  ${kind}\n`;
}

function milliseconds(seconds: number): string {
  return (seconds * 1000).toFixed(3);
}

function turnText({ end, total, cpu, inHandlers, parts }: LoopTurn): string {
  const when = `${isoText(end.sec)}  ${milliseconds(total)} ms, CPU ${milliseconds(cpu)} ms: `;
  if (inHandlers === 0) return `${when}outside of all handlers; the process was stopped, or its runtime busy\n`;
  return `${when}${parts.map((part) => `${part.name} ${milliseconds(part.total)} ms (${part.count})`).join(", ")}\n`;
}

function turnJson({ end, total, cpu, inHandlers, parts }: LoopTurn): JsonValue {
  return {
    end: isoText(end.sec),
    seconds: total,
    cpuSeconds: cpu,
    inHandlers: inHandlers !== 0,
    handlers: parts.map((part) => ({ kind: part.name, count: part.count, seconds: part.total })),
  };
}

export const loopPrinter: Printer<LoopReport> = {
  plain({ pnn, times }) {
    const share = times.elapsed > 0 ? (100 * times.busy) / times.elapsed : 0;
    const limit =
      times.limitMs === 0 ? "Turns are not watched" : `Turns longer than ${times.limitMs} ms: ${times.longTurns}`;
    return (
      `Loop of node ${pnn}: busy for ${share.toFixed(2)} % of ${times.elapsed.toFixed(1)} s\n${limit}\n` +
      row(["COUNT", "TOTAL MS", "AVERAGE MS", "MAX MS"], "HANDLER") +
      worstFirst(times)
        .map((kind) =>
          row(
            [String(kind.count), milliseconds(kind.total), milliseconds(average(kind)), milliseconds(kind.max)],
            kind.name,
          ),
        )
        .join("") +
      (times.turns.length === 0 ? "" : `Last long turns:\n${times.turns.map(turnText).join("")}`)
    );
  },
  machine({ times }, separator) {
    const lines = worstFirst(times).map((kind) =>
      machineLine(
        [kind.name, String(kind.count), kind.total.toFixed(6), average(kind).toFixed(9), kind.max.toFixed(6)],
        separator,
      ),
    );
    return machineLine(["Handler", "Count", "Total", "Average", "Max"], separator) + lines.join("");
  },
  json: ({ pnn, times }) => ({
    pnn,
    elapsedSeconds: times.elapsed,
    busySeconds: times.busy,
    limitMs: times.limitMs,
    longTurns: times.longTurns,
    handlers: worstFirst(times).map((kind) => ({
      kind: kind.name,
      count: kind.count,
      totalSeconds: kind.total,
      averageSeconds: average(kind),
      maxSeconds: kind.max,
    })),
    lastLongTurns: times.turns.map(turnJson),
  }),
};
