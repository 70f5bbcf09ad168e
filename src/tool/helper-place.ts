// Which program is run behind lvs, natgw, event and scriptstatus.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Place } from "./command.js";

/** Launchers of this package, seen from the bundle in dist/. */
const OWN_LAUNCHERS = join(__dirname, "../libexec");

/** What the environment names, else the system's program, else our own. */
export function helperProgram(place: Place, name: string, override: string | undefined): string {
  if (override !== undefined) return override;
  const system = join(place.helperDirectory, name);
  const own = join(OWN_LAUNCHERS, name);
  return !existsSync(system) && existsSync(own) ? own : system;
}
