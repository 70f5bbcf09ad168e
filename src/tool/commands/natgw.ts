// `ctdb natgw leader|list|status`: runs the helper program of that feature.
import type { ClusterCommand } from "../command.js";
import { runHelper } from "../helper-program.js";
import { helperPath } from "../paths.js";

const command: ClusterCommand = {
  run({ args, env, terminal }) {
    const program = env["CTDB_NATGW_HELPER"] ?? helperPath("ctdb_natgw");
    return runHelper(program, args, "NAT gateway helper", env, terminal);
  },
};
export default command;
