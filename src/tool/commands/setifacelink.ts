// `ctdb setifacelink IFACE up|down`: tells a daemon that an interface works or not (control SET_IFACE_LINK_STATE).
import type { ClusterCommand } from "../command.js";
import { UsageError } from "../errors.js";

const NAME_MAX_CHARACTERS = 16;

const command: ClusterCommand = {
  async run({ cluster, targetPnn, args, terminal }) {
    const [name = "", word] = args;
    if (name.length > NAME_MAX_CHARACTERS) {
      terminal.complain(`Interface name '${name}' too long`);
      return 1;
    }
    const known = await cluster.tryControl("GET_IFACES", undefined, targetPnn);
    if (!known.ok) {
      cluster.complainAbout("GET_IFACES", targetPnn, known);
      terminal.complain(`Failed to get interface information from node ${targetPnn}`);
      return known.result;
    }
    if (!known.reply.ifaces.some((one) => one.name === name)) {
      terminal.out(`Interface ${name} not configured on node ${targetPnn}\n`);
      return 1;
    }
    if (word !== "up" && word !== "down") throw new UsageError();
    await cluster.control("SET_IFACE_LINK_STATE", { name, linkState: word === "up" ? 1 : 0, references: 0 }, targetPnn);
    return 0;
  },
};
export default command;
