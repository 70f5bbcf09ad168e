// Finds out where the daemon of this machine is: paths from the environment, the nodes list from ctdb.conf. Called by run.ts.
import { loadConfiguration } from "../config/configuration.js";
import { ConfigurationError, PathsError } from "../config/errors.js";
import { resolvePaths } from "../config/paths.js";
import type { Place } from "./command.js";
import { CommandFailure } from "./errors.js";
import type { Terminal } from "./terminal.js";

/** What a shell reports for a program that SIGABRT ended, as the C tool ends in this case. */
const ABORTED_EXIT_STATUS = 134;

/** Complains and throws CommandFailure: a bad configuration makes every command fail. */
export function findPlace(env: NodeJS.ProcessEnv, terminal: Terminal): Place {
  try {
    const paths = resolvePaths(env);
    const { socket, eventSocket, helperDirectory } = paths;
    const { nodesList } = loadConfiguration(paths.config, paths).cluster;
    return { socket, eventSocket, nodesList, helperDirectory };
  } catch (error) {
    if (error instanceof PathsError) {
      terminal.complain(error.message);
      throw new CommandFailure(ABORTED_EXIT_STATUS);
    }
    if (!(error instanceof ConfigurationError)) throw error;
    terminal.complain(error.message);
    terminal.complain("Failed to load configuration");
    throw new CommandFailure(1);
  }
}
