// Runs one command line with a tool and makes what it printed comparable. Used by the tests that hold our `ctdb` against Debian's.
import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Mask, ToolCase } from "./tool-cases.js";

export const OUR_TOOL = join(__PROJECT_ROOT__, "bin/ctdb");
const RUN_TIMEOUT_MS = 60_000;

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `one` in the node directory `base`; `substitute` fills in the names of files. */
export function runTool(
  tool: string,
  args: readonly string[],
  one: Pick<ToolCase, "env" | "stdin">,
  base: string,
  substitute: (text: string) => string = (text) => text,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(tool, args.map(substitute), {
      env: {
        PATH: process.env["PATH"],
        CTDB_TEST_MODE: "yes",
        CTDB_BASE: base,
        TZ: "UTC",
        ...Object.fromEntries(Object.entries(one.env ?? {}).map(([name, value]) => [name, substitute(value)])),
      },
    });
    const parts: { readonly stdout: Buffer[]; readonly stderr: Buffer[] } = { stdout: [], stderr: [] };
    child.stdout.on("data", (bytes: Buffer) => parts.stdout.push(bytes));
    child.stderr.on("data", (bytes: Buffer) => parts.stderr.push(bytes));
    child.stdin.on("error", () => undefined);
    child.stdin.end(one.stdin ?? "");
    const timer = setTimeout(() => child.kill("SIGKILL"), RUN_TIMEOUT_MS);
    child.once("error", reject);
    child.once("close", (status) => {
      clearTimeout(timer);
      resolve({
        status,
        stdout: Buffer.concat(parts.stdout).toString("latin1"),
        stderr: Buffer.concat(parts.stderr).toString("latin1"),
      });
    });
  });
}

const MASKS: Readonly<Record<Mask, (text: string) => string>> = {
  dates: (text) =>
    text
      .replace(/[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}/g, "DATE")
      .replace(/ \d+\.\d{3} DATE/g, " DURATION DATE")
      .replace(/\(\d{3} \d\d:\d\d:\d\d\)/g, "(SPAN)")
      .replace(/\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d/g, "DATE"),
  // A number takes the blanks in front of it along, which its width decides about.
  numbers: (text) => MASKS.dates(text).replace(/ *\d+(\.\d+)?/g, " N"),
  vacuum: (text) => text.replace(/^ vacuum_latency .*$/m, " vacuum_latency"),
  memory: (text) => text.replace(/\n[\s\S]*/, "\n...").replace(/\d+/g, "N"),
  // The same lines again each second until the time limit: how often depends on how fast the program started.
  repeats: (text) => [...new Set(text.split("\n"))].join("\n"),
  ping: (text) => text.replace(/time=\d\.\d{6} sec {2}\(\d+ clients\)/, "time=T sec  (N clients)"),
};

/** Undoes the meant differences, in both outputs. The names are those of docs/differences.md. */
function undoMeantDifferences(text: string): string {
  return (
    text
      // "usage": our additions stand behind the C tool's text.
      .replace(/\nBeyond the C tool:\n[\s\S]*$/, "")
      // "suggestions"
      .replace(/^Did you mean '.*'\?\n/m, "")
      .replace(/^It is called '.*' now\.\n/m, "")
      // "release"
      .replace("Destiation IP", "Destination IP")
      .replace('Failed to read nodes file "', 'Failed to read nodes from "')
      .replace(/^4\.(17\.12-Debian|24\.5-ctdb-ts)$/m, "VERSION")
  );
}

/** What is compared: meant differences undone, what varies masked. */
export function comparable(outcome: Outcome, mask: Mask | undefined): Outcome {
  const change = (text: string): string => undoMeantDifferences(mask === undefined ? text : MASKS[mask](text));
  return { status: outcome.status, stdout: change(outcome.stdout), stderr: change(outcome.stderr) };
}

/** The command line as a shell would be given it. */
export function title(one: ToolCase): string {
  const env = Object.entries(one.env ?? {}).map(([name, value]) => `${name}=${value} `);
  const stdin = one.stdin === undefined ? "" : ` <<< ${JSON.stringify(one.stdin)}`;
  const lines = [one, ...(one.next === undefined ? [] : [one.next])].map(
    ({ args }) => `ctdb ${args.map((word) => (word === "" ? "''" : word)).join(" ")}`,
  );
  return `${env.join("")}${lines.join(" && ")}${stdin}`;
}
