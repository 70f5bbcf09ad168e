// `ctdb attach NAME [persistent|readonly|sticky|replicated]`: makes a database, or finds it (control DB_ATTACH*).
import { DbFlag } from "../../protocol/index.js";
import type { ClusterCommand } from "../command.js";
import { UsageError } from "../errors.js";
import { attachDatabase } from "../fetch/attach.js";

const FLAGS: ReadonlyMap<string | undefined, number> = new Map([
  [undefined, 0],
  ["persistent", DbFlag.PERSISTENT],
  ["readonly", DbFlag.READONLY],
  ["sticky", DbFlag.STICKY],
  ["replicated", DbFlag.REPLICATED],
]);

const command: ClusterCommand = {
  async run(context) {
    const flags = FLAGS.get(context.args[1]);
    if (flags === undefined) throw new UsageError();
    await attachDatabase(context, context.args[0] ?? "", flags);
    return 0;
  },
};
export default command;
