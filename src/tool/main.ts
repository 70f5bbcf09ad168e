// The `ctdb` command. Bundled to dist/ctdb.cjs, which bin/ctdb starts.
import { runCommandLine } from "./run.js";
import { OutputError, processTerminal } from "./terminal.js";

runCommandLine(process.argv.slice(2), process.env, processTerminal).then(
  (status) => process.exit(status),
  (error: unknown) => {
    if (error instanceof OutputError) processTerminal.complain(error.message);
    // Anything else is a mistake of this program, which its stack helps to find.
    else processTerminal.complain(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exit(1);
  },
);
