// The `ctdb` command. Bundled to dist/ctdb.cjs, which bin/ctdb starts.
import { runCommandLine } from "./run.js";
import { processTerminal } from "./terminal.js";

runCommandLine(process.argv.slice(2), process.env, processTerminal).then(
  (status) => process.exit(status),
  (error: unknown) => {
    processTerminal.complain(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exit(1);
  },
);
