// `ctdb addtickle [SRC:PORT DST:PORT]`: connections that get a tickle when their address moves (control
// TCP_ADD_DELAYED_UPDATE); without arguments a list from standard input.
import type { ClusterCommand } from "../command.js";
import { changeTickles } from "../fetch/tickle-change.js";

const command: ClusterCommand = {
  run: (context) =>
    changeTickles(context, {
      control: "TCP_ADD_DELAYED_UPDATE",
      failureText: "Failed to register connection",
      verb: "add",
    }),
};
export default command;
