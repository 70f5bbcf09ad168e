// `ctdb natgw leader|list|status`: runs the helper program of that feature.
import type { ClusterCommand } from "../command.js";
import { helperProgram } from "../helper-place.js";
import { runHelper } from "../helper-program.js";

const command: ClusterCommand = {
  run({ args, env, place, terminal }) {
    const program = helperProgram(place, "ctdb_natgw", env["CTDB_NATGW_HELPER"]);
    return runHelper(program, args, "NAT gateway helper", env, terminal);
  },
};
export default command;
