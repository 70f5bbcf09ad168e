// `ctdb ipreallocate`: has the public addresses spread anew over the nodes, and waits for it.
import type { ClusterCommand } from "../command.js";
import { reallocateIps } from "../fetch/ip-reallocation.js";

const command: ClusterCommand = {
  run: (context) => reallocateIps(context.cluster),
};
export default command;
