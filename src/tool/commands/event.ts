// `ctdb event ...`: runs ctdb-event, which talks to the event daemon.
import type { LocalCommand } from "../command.js";
import { helperProgram } from "../helper-place.js";
import { runHelper } from "../helper-program.js";

const command: LocalCommand = {
  run({ args, env, place, terminal }) {
    const program = helperProgram(place, "ctdb-event", env["CTDB_EVENT_HELPER"]);
    return runHelper(program, args, "event daemon helper", env, terminal);
  },
};
export default command;
