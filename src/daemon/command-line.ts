// The command line of ctdbd: -i, --help, --usage. Everything else is in the configuration file. Called first by ctdbd.ts.
import { parseArgs } from "node:util";

export interface DaemonCommandLine {
  /** -i: stay in the foreground and log to stderr, whatever the configuration says. */
  readonly interactive: boolean;
}

/** The program ends here: with `text` for the user and an exit status. */
export interface CommandLineExit {
  readonly status: number;
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

const HELP = `Usage: [OPTION...]
  -i, --interactive     don't fork, log to stderr

Help options:
  -?, --help            Show this help message
      --usage           Display brief usage message
`;
const USAGE = "Usage: [-?i] [-?|--help] [--usage] [-i|--interactive]\n";

/** What `argv` (without the program) asks for. Options count from left to right, so `-? -x` is help and `-x -?` an error. */
export function readDaemonCommandLine(argv: readonly string[]): DaemonCommandLine | CommandLineExit {
  const { tokens } = parseArgs({
    args: [...argv],
    options: {
      interactive: { type: "boolean", short: "i" },
      help: { type: "boolean", short: "?" },
      usage: { type: "boolean" },
    },
    strict: false,
    tokens: true,
  });
  const invalid = (option: string, reason: string): CommandLineExit => {
    return { status: 1, stream: "stderr", text: `Invalid option ${option}: ${reason}\n` };
  };
  let interactive = false;
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    // The whole word, as the user wrote it.
    const word = argv[token.index] ?? token.rawName;
    if (token.name !== "interactive" && token.name !== "help" && token.name !== "usage") {
      return invalid(word, "unknown option");
    }
    if (token.value !== undefined) return invalid(word, "option does not take an argument");
    if (token.name === "help") return { status: 0, stream: "stdout", text: HELP };
    if (token.name === "usage") return { status: 0, stream: "stdout", text: USAGE };
    interactive = true;
  }
  if (tokens.some((token) => token.kind === "positional")) return { status: 1, stream: "stdout", text: HELP };
  return { interactive };
}

/** Like readDaemonCommandLine; prints what is to be printed and ends the process where that is asked for. */
export function parseDaemonCommandLine(argv: readonly string[]): DaemonCommandLine {
  const result = readDaemonCommandLine(argv);
  if (!("status" in result)) return result;
  (result.stream === "stdout" ? process.stdout : process.stderr).write(result.text);
  process.exit(result.status);
}
