// The common frame of ctdb-event, ctdb-path and ctdb-config: commands of one or two words, help and usage texts as the C programs
// print them. Their entry points call `runCompanion`.
import { OptionError, type OptionSpec, parsePopt } from "../arguments/popt.js";
import { CommandFailure } from "../errors.js";
import { processTerminal, type Terminal } from "../terminal.js";

export interface CompanionContext {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
}

export interface CompanionCommand {
  /** One word, or two separated by a blank. */
  readonly words: string;
  /** Arguments as the help shows them. */
  readonly args: string;
  readonly description: string;
  /** Least and greatest number of arguments. */
  readonly argumentCount: readonly [least: number, greatest: number];
  /** Returns the exit status. */
  run(context: CompanionContext): Promise<number> | number;
}

export interface Companion {
  readonly name: string;
  readonly options: readonly OptionSpec[];
  /** The options in the help text. */
  readonly optionHelp: string;
  /** The options in the short usage, wrapped as popt does it. */
  readonly optionUsage: string;
  /** What `-h` alone prints, where it is not the help; the exit status is 0 then. */
  readonly shortHelp?: ReadonlyMap<string, string>;
  /** Exit status for a wrong number of arguments. */
  readonly usageStatus: number;
  readonly commands: readonly CompanionCommand[];
}

const GAP = "     ";

function commandLines(commands: readonly CompanionCommand[]): string {
  const shown = commands.map(({ words, args, description }) => ({ left: `${words} ${args}`, description }));
  const width = Math.max(...shown.map(({ left }) => left.length));
  return shown.map(({ left, description }) => `  ${left.padEnd(width)}${GAP}${description}\n`).join("");
}

function helpText({ name, optionHelp, commands }: Companion): string {
  return `Usage: ${name} [<options>] <command> [<args>]\n\n${optionHelp}\nCommands:\n${commandLines(commands)}`;
}

function usageText({ name, optionUsage }: Companion, command: CompanionCommand): string {
  return `Usage: ${name} ${optionUsage} <command> [<args>]\n\n${commandLines([command])}`;
}

/** Finds the command whose words begin the line; two words before one. */
function findCommand(companion: Companion, words: readonly string[]): CompanionCommand | undefined {
  const two = words.slice(0, 2).join(" ");
  return (
    companion.commands.find((command) => command.words === two) ??
    companion.commands.find((command) => command.words === words[0])
  );
}

async function run(companion: Companion, argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const terminal = processTerminal;
  // The C programs print their help twice.
  const help = (): number => {
    terminal.out(helpText(companion).repeat(2));
    return 1;
  };
  try {
    const { values, words } = parsePopt(argv, companion.options, ["help", "helpOption", "usage"]);
    for (const [option, text] of companion.shortHelp ?? []) {
      if (!values.has(option)) continue;
      terminal.out(text);
      return 0;
    }
    const command = values.has("help") ? undefined : findCommand(companion, words);
    if (command === undefined) return help();
    const args = words.slice(command.words.split(" ").length);
    const [least, greatest] = command.argumentCount;
    if (args.length < least || args.length > greatest) {
      terminal.out(usageText(companion, command));
      return companion.usageStatus;
    }
    return await command.run({ args, env, terminal });
  } catch (error) {
    if (error instanceof CommandFailure) return error.result;
    if (!(error instanceof OptionError)) throw error;
    terminal.complain(error.message);
    return help();
  }
}

/** Runs this process as `companion` and ends it. */
export function runCompanion(companion: Companion): void {
  run(companion, process.argv.slice(2), process.env).then(
    (status) => process.exit(status & 0xff),
    (error: unknown) => {
      processTerminal.complain(error instanceof Error ? error.message : String(error));
      process.exit(1);
    },
  );
}

/** Options of the companions that have a log level. */
export const DEBUG_OPTION: OptionSpec = { name: "debug", long: "debug", short: "d", kind: "string" };
export const DEBUG_OPTION_TEXT = "-d, --debug=ERROR|WARNING|NOTICE|INFO|DEBUG";
