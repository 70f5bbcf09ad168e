// `ctdb scriptstatus [EVENT]`: how the event scripts ended the last time, by ctdb-event. The exit status is always 0.
import type { LocalCommand } from "../command.js";
import { helperProgram } from "../helper-place.js";
import { runHelper } from "../helper-program.js";

const command: LocalCommand = {
  async run(context) {
    const { args, env, place, terminal, options } = context;
    const event = args[0] ?? "monitor";
    if (options.json) {
      const { reportEventStatus } = await import("../fetch/event-report.js");
      await reportEventStatus(context, "legacy", event);
      return 0;
    }
    const program = helperProgram(place, "ctdb-event", env["CTDB_EVENT_HELPER"]);
    await runHelper(program, ["status", "legacy", event], "event daemon helper", env, terminal);
    return 0;
  },
};
export default command;
