// `ctdb lvs leader|list|status`: runs the helper program of that feature.
import type { ClusterCommand } from "../command.js";
import { reportGroup } from "../fetch/group-report.js";

const command: ClusterCommand = {
  run: (context) => reportGroup(context, "ctdb_lvs", "LVS helper"),
};
export default command;
