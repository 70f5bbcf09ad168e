// Prints how the scripts of an event ended (ctdb-event status, ctdb scriptstatus).
import type { EventdScriptResult } from "../../protocol/index.js";
import type { JsonValue } from "../command.js";
import { Errno } from "../errors.js";
import { ctimeText, isoText } from "./clock-text.js";
import { strerror } from "./strerror.js";

const MICROSECONDS = 1_000_000;
const TIMED_OUT = -110;
const DISABLED = -8;
const NOT_RUN = -61;

function durationSeconds({ begin, end }: EventdScriptResult): number {
  return end.sec - begin.sec + (end.usec - begin.usec) / MICROSECONDS;
}

function resultLine(script: EventdScriptResult): string {
  const { name, begin, result } = script;
  const seconds = durationSeconds(script);
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

/** The scripts of the last run: what is older than a script before it is left over from an earlier one, what never ran is left out. */
function ofLastRun(scripts: readonly EventdScriptResult[]): EventdScriptResult[] {
  const shown: EventdScriptResult[] = [];
  let latest = 0;
  for (const script of scripts) {
    const begin = script.begin.sec + script.begin.usec / MICROSECONDS;
    if (begin < latest) break;
    latest = begin;
    if (script.result !== NOT_RUN) shown.push(script);
  }
  return shown;
}

/** One entry a script. */
export function eventStatusText(scripts: readonly EventdScriptResult[]): string {
  return ofLastRun(scripts)
    .map((script) => resultLine(script) + outputText(script))
    .join("");
}

function stateName(result: number): string {
  if (result >= 0) return result === 0 ? "OK" : "ERROR";
  if (result === TIMED_OUT) return "TIMEDOUT";
  return result === DISABLED ? "DISABLED" : "CANNOT RUN";
}

export function eventStatusJson(component: string, event: string, scripts: readonly EventdScriptResult[]): JsonValue {
  return {
    component,
    event,
    scripts: ofLastRun(scripts).map((script) => ({
      name: script.name,
      state: stateName(script.result),
      exitStatus: script.result >= 0 ? script.result : null,
      begin: script.result === DISABLED ? null : isoText(script.begin.sec),
      seconds: script.result >= 0 ? durationSeconds(script) : null,
      output: script.output ?? "",
    })),
  };
}

/** Why the event daemon has no status to tell; `result` is its answer, not 0. */
export function eventStatusFailureText(component: string, event: string, result: number): string {
  if (result === Errno.ENOENT) return `Event dir for ${component} does not exist`;
  if (result === Errno.EINVAL) return `Event ${event} has never run in ${component}`;
  return `Unknown error (${result}) for event ${event} in ${component}`;
}
