// The usage texts, byte for byte those of the C tool (popt wraps them as it does there), followed by what only this tool
// has. Called by run.ts and by commands that find a wrong argument.
import { ADDED_COMMANDS, COMMANDS, type CommandEntry, findCommand } from "./command-table.js";

const OPTION_HELP = `Usage: [OPTION...]
  -d, --debug=STRING       debug level
  -t, --timelimit=INT      timelimit (in seconds)
  -n, --node=INT           node specification - integer
  -Y                       enable machine readable output
  -x, --separator=CHAR     specify separator for machine readable output
  -X                       enable machine parsable output with separator |
  -v, --verbose            enable verbose output
  -T, --maxruntime=INT     die if runtime exceeds this limit (in seconds)

Help options:
  -?, --help               Show this help message
      --usage              Display brief usage message
`;

const SHORT_USAGE = `Usage: [-?YXv] [-?|--help] [--usage] [-d|--debug=STRING]
        [-t|--timelimit=INT] [-n|--node=INT] [-Y] [-x|--separator=CHAR]
        [-X] [-v|--verbose] [-T|--maxruntime=INT]
`;

function line(entry: CommandEntry): string {
  return `  ${entry.name.padEnd(15)} ${entry.synopsis.padEnd(27)}  ${entry.description}\n`;
}

function additionsText(): string {
  const option = "  --json                   report as one JSON document (commands that report something)\n";
  return `\nBeyond the C tool:\n${option}${ADDED_COMMANDS.map(line).join("")}`;
}

/** `--help`. */
export function helpText(): string {
  return OPTION_HELP + additionsText();
}

/** `--usage`. */
export function shortUsageText(): string {
  return SHORT_USAGE;
}

/** No command: options and all commands. */
export function fullUsageText(): string {
  return `${OPTION_HELP}\nCommands:\n${COMMANDS.map(line).join("")}${additionsText()}`;
}

/** A command with wrong arguments. */
export function commandUsageText(entry: CommandEntry): string {
  const shown = entry.usageOf === undefined ? entry : (findCommand(entry.usageOf) ?? entry);
  return `${SHORT_USAGE}\nCommands:\n${line(shown)}`;
}
