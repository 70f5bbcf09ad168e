// `ctdb listnodes`: the addresses of the nodes list of this machine; no daemon is asked.
import type { LocalCommand } from "../command.js";
import { NodesListError, readNodesList } from "../fetch/nodes-list.js";
import { nodesListPrinter } from "../print/values.js";

const command: LocalCommand = {
  async run({ env, terminal, report }) {
    try {
      const live = readNodesList(env, terminal).filter((node) => !node.deleted);
      report(
        nodesListPrinter,
        live.map(({ pnn, addr }) => ({ pnn, address: addr.address })),
      );
      return 0;
    } catch (error) {
      if (!(error instanceof NodesListError)) throw error;
      terminal.complain(error.message);
      return 1;
    }
  },
};
export default command;
