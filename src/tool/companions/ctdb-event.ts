// `ctdb-event`: runs events and tells how their scripts ended (through the event daemon), lists, enables and disables scripts.
// Bundled to dist/ctdb-event.cjs; `ctdb event` and `ctdb scriptstatus` run it.
import { resolvePaths } from "../../config/paths.js";
import { atoi } from "../arguments/numbers.js";
import { Errno } from "../errors.js";
import { eventStatusFailureText, eventStatusText } from "../print/events.js";
import { askEventDaemon } from "./event-client.js";
import { disableScript, enableScript, listScripts, scriptDirectories } from "./event-scripts.js";
import { type CompanionCommand, DEBUG_OPTION, DEBUG_OPTION_TEXT, runCompanion } from "./frame.js";

const REQUEST_ID = 1;
const RUN_ALL_SCRIPTS = 1;
const ECANCELED = 125;
const ANY = Number.POSITIVE_INFINITY;

function runFailureText(component: string, event: string, result: number): string {
  switch (result) {
    case Errno.ENOENT:
      return `Event dir for ${component} does not exist`;
    case Errno.ETIMEDOUT:
      return `Event ${event} in ${component} timed out`;
    case ECANCELED:
      return `Event ${event} in ${component} got cancelled`;
    case Errno.ENOEXEC:
      return `Event ${event} in ${component} failed`;
    default:
      return `Failed to run event ${event} in ${component}, result=${result}`;
  }
}

const run: CompanionCommand = {
  words: "run",
  args: "<timeout> <component> <event> <args>",
  description: "Run an event",
  argumentCount: [3, ANY],
  async run({ args, env, terminal }) {
    const [timeoutText = "", component = "", event = "", ...rest] = args;
    const runAll = env["CTDB_TEST_MODE"] !== undefined && env["CTDB_EVENT_RUN_ALL"] !== undefined;
    const reply = await askEventDaemon(
      resolvePaths(env).eventSocket,
      {
        command: "RUN",
        reqid: REQUEST_ID,
        run: {
          component,
          event,
          args: rest.length === 0 ? null : rest.join(" "),
          timeout: Math.max(0, atoi(timeoutText)),
          flags: runAll ? RUN_ALL_SCRIPTS : 0,
        },
      },
      terminal,
    );
    if (reply === undefined) {
      terminal.complain(`Failed to run event ${event} in ${component}, ret=${Errno.EIO}`);
      return 1;
    }
    if (reply.result !== 0) terminal.out(`${runFailureText(component, event, reply.result)}\n`);
    return Math.abs(reply.result);
  },
};

const status: CompanionCommand = {
  words: "status",
  args: "<component> <event>",
  description: "Get status of an event",
  argumentCount: [2, 2],
  async run({ args, env, terminal }) {
    const [component = "", event = ""] = args;
    const request = { command: "STATUS", reqid: REQUEST_ID, status: { component, event } } as const;
    const reply = await askEventDaemon(resolvePaths(env).eventSocket, request, terminal);
    if (reply === undefined) {
      terminal.complain(`Failed to get status of event ${event} in ${component}, ret=${Errno.EIO}`);
      return 1;
    }
    const { result, scripts } = reply;
    if (result !== 0) terminal.out(`${eventStatusFailureText(component, event, result)}\n`);
    if (scripts === undefined) return Math.abs(result);
    terminal.out(eventStatusText(scripts.scripts));
    return Math.abs(scripts.summary);
  },
};

const scriptList: CompanionCommand = {
  words: "script list",
  args: "<component>",
  description: "List event scripts",
  argumentCount: [1, 1],
  run({ args, env, terminal }) {
    const { installed, own } = listScripts(scriptDirectories(env, args[0] ?? ""), terminal);
    const lines = (list: typeof own): string =>
      list.map(({ name, enabled }) => `${enabled ? "*" : " "} ${name}\n`).join("");
    terminal.out(lines(installed) + (installed.length > 0 && own.length > 0 ? "\n" : "") + lines(own));
    return 0;
  },
};

function changing(word: "enable" | "disable", description: string, change: typeof enableScript): CompanionCommand {
  return {
    words: `script ${word}`,
    args: "<component> <script>",
    description,
    argumentCount: [2, 2],
    run({ args, env, terminal }) {
      const [component = "", script = ""] = args;
      change(scriptDirectories(env, component), component, script, terminal);
      return 0;
    },
  };
}

runCompanion({
  name: "ctdb-event",
  options: [{ name: "help", long: "help", short: "h", kind: "flag" }, DEBUG_OPTION],
  optionHelp:
    "Help Options:\n  -h, --help                                      Show this help message\n" +
    `\nOptions:\n  ${DEBUG_OPTION_TEXT}     debug level\n`,
  optionUsage: "[-h] [-h|--help]\n        [-d|--debug=ERROR|WARNING|NOTICE|INFO|DEBUG]",
  usageStatus: 1,
  commands: [
    run,
    status,
    scriptList,
    changing("enable", "Enable an event script", enableScript),
    changing("disable", "Disable an event script", disableScript),
  ],
});
