// Prints how the scripts of an event ended (ctdb-event status, ctdb scriptstatus).
import { getSystemErrorMap } from "node:util";
import type { EventdScriptResult } from "../../protocol/index.js";
import { ctimeText } from "./clock-text.js";

const MICROSECONDS = 1_000_000;
const TIMED_OUT = -110;
const DISABLED = -8;
const NOT_RUN = -61;

/** Names that libuv does not translate as C's strerror does. */
const MESSAGES: Readonly<Partial<Record<number, string>>> = {
  2: "No such file or directory",
  13: "Permission denied",
  12: "Cannot allocate memory",
};

function strerror(errno: number): string {
  return MESSAGES[errno] ?? getSystemErrorMap().get(-errno)?.[1] ?? `Unknown error ${errno}`;
}

function resultLine(script: EventdScriptResult): string {
  const { name, begin, end, result } = script;
  const seconds = end.sec - begin.sec + (end.usec - begin.usec) / MICROSECONDS;
  const words = (state: string, ...rest: readonly string[]): string =>
    `${[name.padEnd(20), state.padEnd(10), ...rest].join(" ")}\n`;
  if (result >= 0) return words(result === 0 ? "OK" : "ERROR", seconds.toFixed(3), ctimeText(begin.sec));
  if (result === TIMED_OUT) return words("TIMEDOUT", ctimeText(begin.sec));
  if (result === DISABLED) return words("DISABLED");
  return words("CANNOT RUN", `(${strerror(-result)})`);
}

/** What the script wrote: in the line if it is one line, else below it, indented. */
function outputText({ output, result }: EventdScriptResult): string {
  const text = (output ?? "").replace(/\n+$/, "");
  if (result === DISABLED || (text === "" && result === 0)) return "";
  const lines = text.split("\n");
  if (lines.length === 1) return `  OUTPUT: ${text}\n`;
  return `  OUTPUT:\n${lines.map((line) => `    ${line}\n`).join("")}`;
}

/**
 * One entry a script. Results that are older than those before them are left over from an earlier run: they end the list.
 */
export function eventStatusText(scripts: readonly EventdScriptResult[]): string {
  let text = "";
  let latest = 0;
  for (const script of scripts) {
    const begin = script.begin.sec + script.begin.usec / MICROSECONDS;
    if (begin < latest) break;
    latest = begin;
    if (script.result !== NOT_RUN) text += resultLine(script) + outputText(script);
  }
  return text;
}
