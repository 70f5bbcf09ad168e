// `ctdb-config`: prints and checks the configuration file. Bundled to dist/ctdb-config.cjs.
import { existsSync } from "node:fs";
import { loadOptionValues, type OptionValue } from "../../config/configuration.js";
import { ConfigurationError } from "../../config/errors.js";
import { OWN_SECTION } from "../../config/options.js";
import { resolvePaths } from "../../config/paths.js";
import { CommandFailure, Errno } from "../errors.js";
import {
  type CompanionCommand,
  type CompanionContext,
  DEBUG_OPTION,
  DEBUG_OPTION_TEXT,
  runCompanion,
} from "./frame.js";

interface Loaded {
  readonly path: string;
  readonly values: readonly OptionValue[];
  readonly skipped: readonly string[];
}

/** Complains and throws CommandFailure for a bad value. */
function load({ env, terminal }: CompanionContext): Loaded {
  const paths = resolvePaths(env);
  const path = paths.config;
  try {
    return { path, ...loadOptionValues(path, paths) };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    terminal.complain(error.message);
    terminal.complain(`Failed to load config file ${path}`);
    throw new CommandFailure(Errno.EINVAL);
  }
}

const dump: CompanionCommand = {
  words: "dump",
  args: "",
  description: "Dump configuration",
  argumentCount: [0, 0],
  run(context) {
    let section = "";
    let text = "";
    for (const option of load(context).values) {
      // What the C program does not know is shown where it is used.
      if (option.section === OWN_SECTION && option.isDefault) continue;
      if (option.section !== section) text += `[${option.section}]\n`;
      section = option.section;
      text += `\t${option.isDefault ? "# " : ""}${option.key} = ${option.value ?? ""}\n`;
    }
    context.terminal.out(text);
    return 0;
  },
};

const get: CompanionCommand = {
  words: "get",
  args: "<section> <key>",
  description: "Get a config value",
  argumentCount: [2, 2],
  run(context) {
    const [section = "", key = ""] = context.args;
    const option = load(context).values.find((one) => one.section === section.toLowerCase() && one.key === key);
    if (option === undefined) {
      context.terminal.complain(`Configuration option [${section}] -> "${key}" not defined`);
      return Errno.ENOENT;
    }
    context.terminal.out(`${option.value ?? ""}\n`);
    return 0;
  },
};

const validate: CompanionCommand = {
  words: "validate",
  args: "",
  description: "Validate configuration file",
  argumentCount: [0, 0],
  run(context) {
    const { terminal } = context;
    const { path, skipped } = load(context);
    const missing = !existsSync(path);
    if (!missing && skipped.length === 0) return 0;
    for (const line of skipped) terminal.complain(`${path}: ${line}`);
    terminal.complain(`Failed to load config file ${path}`);
    return missing ? Errno.ENOENT : Errno.EINVAL;
  },
};

const USAGE = "[-h?] [-h|--help] [-?|--help] [--usage]\n        [-d|--debug=ERROR|WARNING|NOTICE|INFO|DEBUG]";
const OPTION_HELP =
  "Help Options:\n  -h, --help                                      Show this help message\n" +
  `\nOptions:\n  ${DEBUG_OPTION_TEXT}     debug level\n` +
  "\nHelp options:\n  -?, --help                                      Show this help message\n" +
  "      --usage                                     Display brief usage message\n";
const SHORT_USAGE = `Usage: ctdb-config ${USAGE}\n`;

runCompanion({
  name: "ctdb-config",
  options: [
    { name: "usage", short: "h", kind: "flag" },
    { name: "usage", long: "help", kind: "flag" },
    { name: "helpOption", short: "?", kind: "flag" },
    { name: "usage", long: "usage", kind: "flag" },
    DEBUG_OPTION,
  ],
  optionHelp: OPTION_HELP,
  optionUsage: USAGE,
  shortHelp: new Map([
    ["usage", SHORT_USAGE],
    ["helpOption", `Usage: ctdb-config [OPTION...]\n\n${OPTION_HELP}`],
  ]),
  usageStatus: Errno.EINVAL,
  commands: [dump, get, validate],
});
