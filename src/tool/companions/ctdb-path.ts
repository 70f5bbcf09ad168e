// `ctdb-path`: prints where CTDB's files are. Scripts and tests use it. Bundled to dist/ctdb-path.cjs.
import { PathsError } from "../../config/errors.js";
import { type Paths, resolvePaths } from "../../config/paths.js";
import { CommandFailure, Errno } from "../errors.js";
import { type CompanionCommand, type CompanionContext, runCompanion } from "./frame.js";

/** What a shell reports for a program that SIGABRT ended, as the C program ends without CTDB_BASE. */
const ABORTED_EXIT_STATUS = 134;

function paths({ env, terminal }: CompanionContext): Paths {
  try {
    return resolvePaths(env);
  } catch (error) {
    if (!(error instanceof PathsError)) throw error;
    terminal.complain(error.message);
    throw new CommandFailure(ABORTED_EXIT_STATUS);
  }
}

function printing(
  words: string,
  args: string,
  description: string,
  text: (paths: Paths, argument: string) => string,
): CompanionCommand {
  const count = args === "" ? 0 : 1;
  return {
    words,
    args,
    description,
    argumentCount: [count, count],
    run(context) {
      context.terminal.out(`${text(paths(context), context.args[0] ?? "")}\n`);
      return 0;
    },
  };
}

/** Path of a daemon's file in the run directory; CTDB_SOCKET moves only ctdbd's socket. */
function socketOf(all: Paths, daemon: string): string {
  return daemon === "ctdbd" ? all.socket : `${all.rundir}/${daemon}.socket`;
}

function directory(name: "datadir" | "etcdir" | "rundir" | "vardir"): CompanionCommand[] {
  const shown = name.toUpperCase();
  return [
    printing(`${name} append`, "<path>", `Get path relative to CTDB ${shown}`, (all, path) => `${all[name]}/${path}`),
    printing(name, "", `Get path of CTDB ${shown}`, (all) => all[name]),
  ];
}

runCompanion({
  name: "ctdb-path",
  options: [{ name: "help", long: "help", short: "h", kind: "flag" }],
  optionHelp: "Help Options:\n  -h, --help     Show this help message\n",
  optionUsage: "[-h] [-h|--help]",
  usageStatus: Errno.EINVAL,
  commands: [
    printing("config", "", "Get path of CTDB config file", (all) => all.config),
    printing("pidfile", "<daemon>", "Get path of CTDB daemon pidfile", (all, daemon) => `${all.rundir}/${daemon}.pid`),
    printing("socket", "<daemon>", "Get path of CTDB daemon socket", socketOf),
    ...directory("datadir"),
    ...directory("etcdir"),
    ...directory("rundir"),
    ...directory("vardir"),
  ],
});
