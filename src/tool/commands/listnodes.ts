// `ctdb listnodes`: the addresses of the nodes list of this machine; no daemon is asked.
import type { LocalCommand } from "../command.js";
import { readNodesList } from "../fetch/nodes-list.js";
import { nodesListPrinter } from "../print/values.js";

const command: LocalCommand = {
  async run({ place, terminal, report }) {
    const nodes = readNodesList(place.nodesList, terminal);
    report(
      nodesListPrinter,
      nodes.filter((node) => !node.deleted),
    );
    return 0;
  },
};
export default command;
