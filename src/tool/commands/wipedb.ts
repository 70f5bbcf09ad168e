// `ctdb wipedb DB`: removes all records of a database on all nodes.
import type { ClusterCommand } from "../command.js";
import { CommandFailure } from "../errors.js";
import { attachForRecords } from "../fetch/attach.js";
import { rewriteDatabase } from "../fetch/database-rewrite.js";
import { findDatabase } from "../fetch/databases.js";
import { waitForGeneration } from "../fetch/generation.js";
import { LeaderWatch } from "../fetch/leader.js";
import { activePnns, fetchNodeMap } from "../fetch/node-map.js";

const command: ClusterCommand = {
  async run(context) {
    const { cluster, terminal, args } = context;
    const watch = await LeaderWatch.start(cluster, terminal);
    const db = await attachForRecords(context, await findDatabase(context, args[0] ?? ""));
    let pnns: number[];
    try {
      pnns = activePnns(await fetchNodeMap(cluster, terminal));
    } catch (error) {
      if (error instanceof CommandFailure) terminal.complain("Failed to get nodemap");
      throw error;
    }
    const generation = await waitForGeneration(context, watch);
    await rewriteDatabase(context, pnns, db.id, generation, async () => undefined);
    terminal.out(`Database ${db.name} wiped\n`);
    return 0;
  },
};
export default command;
