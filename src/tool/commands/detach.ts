// `ctdb detach DB...`: removes volatile databases from the cluster (control DB_DETACH).
import { NodeFlag } from "../../protocol/index.js";
import type { ClusterCommand, ClusterContext } from "../command.js";
import { isVolatile, lookUpDatabase } from "../fetch/databases.js";
import { fetchNodeMap } from "../fetch/node-map.js";

const TUNABLE = "AllowClientDBAttach";

/** Whether databases may be detached now; says why not. A result that is not 0 ends the command. */
async function checkCluster({ cluster, terminal, targetPnn }: ClusterContext): Promise<number> {
  const mode = await cluster.control("GET_RECMODE", undefined, targetPnn);
  if (mode !== 0) {
    terminal.complain("Database cannot be detached when recovery is active");
    return 1;
  }
  for (const { pnn, flags } of await fetchNodeMap(cluster, terminal)) {
    if ((flags & (NodeFlag.DISCONNECTED | NodeFlag.DELETED)) !== 0) continue;
    if ((flags & NodeFlag.INACTIVE) !== 0) {
      terminal.complain(`Database cannot be detached on inactive (stopped or banned) node ${pnn}`);
      return 1;
    }
    const allowed = await cluster.tryControl("GET_TUNABLE", TUNABLE, pnn);
    if (!allowed.ok) {
      cluster.complainAbout("GET_TUNABLE", pnn, allowed);
      terminal.complain(`Unable to get tunable ${TUNABLE} from node ${pnn}`);
      return allowed.result;
    }
    if (allowed.reply === 1) {
      terminal.complain(`Database access is still active on node ${pnn}. Set AllowclientDBAttach=0 on all nodes.`);
      return 1;
    }
  }
  return 0;
}

const command: ClusterCommand = {
  async run(context) {
    const { cluster, terminal, args, localPnn } = context;
    const refused = await checkCluster(context);
    if (refused !== 0) return refused;
    let result = 0;
    for (const text of args) {
      const db = await lookUpDatabase(context, text);
      if (db === undefined) continue;
      if (!isVolatile(db.flags)) {
        terminal.complain("Only volatile databases can be detached");
        return 1;
      }
      const outcome = await cluster.tryControl("DB_DETACH", db.id, localPnn);
      if (outcome.ok) continue;
      terminal.complain(`detach: ${db.name} DB_DETACH failed, ret=${outcome.result}`);
      terminal.complain(`Database ${db.name} detach failed`);
      result = outcome.result;
    }
    return result;
  },
};
export default command;
