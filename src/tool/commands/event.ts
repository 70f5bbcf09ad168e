// `ctdb event ...`: runs ctdb-event, which talks to the event daemon.
import type { LocalCommand } from "../command.js";
import { helperProgram } from "../helper-place.js";
import { runHelper } from "../helper-program.js";

const command: LocalCommand = {
  async run(context) {
    const { args, env, place, terminal, options } = context;
    if (options.json) {
      const [word = "", second = "", third = ""] = args;
      const { reportEventStatus, reportScripts } = await import("../fetch/event-report.js");
      if (word === "status" && args.length === 3) return reportEventStatus(context, second, third);
      if (word === "script" && second === "list" && args.length === 3) return reportScripts(context, third);
    }
    const program = helperProgram(place, "ctdb-event", env["CTDB_EVENT_HELPER"]);
    return runHelper(program, args, "event daemon helper", env, terminal);
  },
};
export default command;
