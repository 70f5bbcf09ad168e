// What scripts and helper programs find in their environment. Called once at start-up by ctdbd.ts.
import type { Configuration } from "../config/configuration.js";
import type { Paths } from "../config/paths.js";
import { logLevelName } from "../platform/logging/log-levels.js";

/** The variables that CTDB's daemon gives to its children. Level and location are those of the start. */
export function exportedEnvironment(
  env: NodeJS.ProcessEnv,
  config: Configuration,
  paths: Paths,
  interactive: boolean,
): Record<string, string> {
  const exported: Record<string, string> = {
    CTDB_BASE: env["CTDB_BASE"] ?? paths.etcdir,
    CTDB_LOGGING: interactive ? "file:" : config.logging.location,
    CTDB_DEBUGLEVEL: logLevelName(config.logging.level),
  };
  if (config.database.lockDebugScript !== undefined) exported["CTDB_DEBUG_LOCKS"] = config.database.lockDebugScript;
  if (interactive) exported["CTDB_INTERACTIVE"] = "true";
  return exported;
}
