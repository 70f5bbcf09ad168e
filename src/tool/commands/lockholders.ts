// `ctdb lockholders [DB]`: which locks a daemon waits for, and which processes hold them (control LOCK_WAITS, which only our
// daemons know).
import type { ClusterCommand } from "../command.js";
import { findDatabase } from "../fetch/databases.js";
import { ownControl } from "../fetch/own-control.js";
import { lockWaitsPrinter } from "../print/lock-waits.js";

const ALL_DATABASES = 0;

const command: ClusterCommand = {
  async run(context) {
    const [name] = context.args;
    const id = name === undefined ? ALL_DATABASES : (await findDatabase(context, name)).id;
    context.report(lockWaitsPrinter, await ownControl(context, "LOCK_WAITS", id));
    return 0;
  },
};
export default command;
