// Runs one command line: options, connection, checks of the target, the command, its exit status. Called by main.ts.
import type { GlobalOptions } from "./arguments/global-options.js";
import { EnvironmentError, parseCommandLine } from "./arguments/global-options.js";
import { OptionError } from "./arguments/popt.js";
import type { ClusterContext, JsonValue, LocalContext, Place, Printer } from "./command.js";
import { type ClusterEntry, type CommandEntry, findCommand, type LocalEntry } from "./command-table.js";
import { CommandFailure, UsageError } from "./errors.js";
import { findPlace } from "./place.js";
import { limitRuntime } from "./runtime-limit.js";
import type { Terminal } from "./terminal.js";
import { commandUsageText, fullUsageText, helpText, shortUsageText } from "./usage.js";

/** Runs the command line `argv` (without the program's name); returns the exit status. */
export async function runCommandLine(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  terminal: Terminal,
): Promise<number> {
  let line: ReturnType<typeof parseCommandLine>;
  try {
    line = parseCommandLine(argv, env);
  } catch (error) {
    if (!(error instanceof OptionError) && !(error instanceof EnvironmentError)) throw error;
    terminal.complain(error.message);
    return 1;
  }
  if (line.kind !== "run") {
    terminal.out(line.kind === "help" ? helpText() : shortUsageText());
    return 0;
  }
  const [name, ...args] = line.words;
  if (name === undefined) {
    terminal.out(fullUsageText());
    return 1;
  }
  const entry = findCommand(name);
  if (entry === undefined) {
    const { suggestion } = await import("./suggestion.js");
    terminal.complain(`Unknown command '${name}'`);
    const hint = suggestion(name);
    if (hint !== undefined) terminal.complain(hint);
    return 1;
  }
  if (entry.endless !== true || line.options.maxRuntimeGiven) {
    limitRuntime(line.options.maxRuntimeSeconds, env, terminal);
  }
  try {
    const place = findPlace(env, terminal);
    const context = localContext(line.options, args, env, place, terminal);
    return exitStatus(entry.needsDaemon ? await runInCluster(entry, context) : await runAlone(entry, context));
  } catch (error) {
    if (error instanceof CommandFailure) return exitStatus(error.result);
    if (error instanceof UsageError) {
      terminal.out(error.full ? fullUsageText() : commandUsageText(entry));
      return 1;
    }
    const { isBadInput } = await import("./cluster-access.js");
    if (!isBadInput(error)) throw error;
    terminal.complain(error.message);
    return 1;
  }
}

/** A result as the operating system gets it: -1 is 1, the rest is cut to 8 bits. */
function exitStatus(result: number): number {
  return result === -1 ? 1 : result & 0xff;
}

function localContext(
  options: GlobalOptions,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  place: Place,
  terminal: Terminal,
): LocalContext {
  const reportJson = (value: JsonValue): void => terminal.out(`${JSON.stringify(value, undefined, 2)}\n`);
  return {
    options,
    args,
    env,
    place,
    terminal,
    reportJson,
    report<T>(printer: Printer<T>, value: T): void {
      if (options.json) reportJson(printer.json(value));
      else if (options.machineReadable && printer.machine) terminal.out(printer.machine(value, options.separator));
      else terminal.out(printer.plain(value));
    },
  };
}

function checkArgumentCount(entry: CommandEntry, args: readonly string[]): void {
  if (entry.argumentCount === undefined) return;
  const [least, greatest] = entry.argumentCount;
  if (args.length < least || args.length > greatest) throw new UsageError();
}

async function runAlone(entry: LocalEntry, context: LocalContext): Promise<number> {
  if (context.options.node !== undefined) {
    context.terminal.complain(`Cannot specify node for command ${entry.name}`);
    return 1;
  }
  checkArgumentCount(entry, context.args);
  const { default: command } = await entry.load();
  return command.run(context);
}

async function runInCluster(entry: ClusterEntry, context: LocalContext): Promise<number> {
  const { options, args, terminal } = context;
  // The command's code is loaded while the daemon answers.
  const loading = entry.load();
  const { connectToCluster } = await import("./connect.js");
  const cluster = await connectToCluster(options, context.place, terminal);
  const { isConnectionLoss } = await import("./cluster-access.js");
  try {
    const targetPnn = options.node ?? cluster.localPnn;
    if (options.node !== undefined) {
      const { requireReachable } = await import("./fetch/target-node.js");
      await requireReachable(cluster, terminal, options.node);
    }
    if (!entry.remote && targetPnn !== cluster.localPnn) {
      terminal.complain(`Node cannot be specified for command ${entry.name}`);
      return 1;
    }
    checkArgumentCount(entry, args);
    const clusterContext: ClusterContext = { ...context, cluster, localPnn: cluster.localPnn, targetPnn };
    const { default: command } = await loading;
    return await Promise.race([command.run(clusterContext), cluster.unexpectedLoss.then(() => 1)]);
  } catch (error) {
    // As in C, the loss of the daemon ends the command without a text at the default log level.
    if (isConnectionLoss(error)) return 1;
    throw error;
  }
}
