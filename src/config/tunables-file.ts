// Tunables given in files: ctdb.tunables and tunables.d/*.tunables. Read once at start-up by daemon/, before the first
// recovery; later changes come by SET_TUNABLE.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "../platform/ports.js";
import { defaultTunables, type TunableList, type TunableName, Tunables } from "../protocol/index.js";
import { parseWholeUnsigned } from "./c-values.js";
import { parseIniText } from "./ini-text.js";
import type { Paths } from "./paths.js";

const names = Object.keys(Tunables) as TunableName[];
const namesByLowerCase: ReadonlyMap<string, TunableName> = new Map(names.map((name) => [name.toLowerCase(), name]));

/**
 * Defaults, changed by the files. Nothing in a file keeps the daemon from starting: what is wrong is logged with file and line
 * (ERROR), the other lines count.
 */
export function loadTunables(paths: Paths, logger: Logger): TunableList {
  const list = defaultTunables();
  for (const path of [paths.tunables, ...tunablesFiles(paths.tunablesDirectory, logger)]) {
    const text = readText(path, logger);
    if (text === undefined) continue;
    logger.notice(`Loading tunables from ${path}`);
    applyTunables(text, list, (line, reason) => logger.error(`${path}:${line}: ${reason}`));
  }
  return list;
}

/** Sets what the lines of `text` say; `report` gets the line (from 1) and what is wrong with it. */
function applyTunables(text: string, list: TunableList, report: (line: number, reason: string) => void): void {
  const { statements, stopped } = parseIniText(text);
  for (const statement of statements) {
    if (statement.kind === "section") {
      report(statement.line, `section [${statement.name}]: sections are not supported here`);
      continue;
    }
    const { key, value: given, line } = statement;
    if (given === undefined || given === "") {
      report(line, `invalid line containing "${key}": it must be Name=Value`);
      continue;
    }
    const name = namesByLowerCase.get(key.toLowerCase());
    const value = parseWholeUnsigned(given);
    if (name === undefined) report(line, `unknown tunable "${key}"`);
    else if (Tunables[name].obsolete) report(line, `obsolete tunable "${key}"`);
    else if (value === undefined) report(line, `invalid value "${given}" for tunable "${key}"`);
    else list[name] = value;
  }
  if (stopped !== undefined) report(stopped.line, `${stopped.reason}; the rest of the file is ignored`);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function readText(path: string, logger: Logger): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (!isMissing(error)) logger.error(`Failed to read tunables file: ${String(error)}`);
    return undefined;
  }
}

function tunablesFiles(directory: string, logger: Logger): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith(".tunables"))
      .sort()
      .map((name) => join(directory, name));
  } catch (error) {
    if (!isMissing(error)) logger.error(`Failed to read tunables directory: ${String(error)}`);
    return [];
  }
}
