// `ctdb deltickle [SRC:PORT DST:PORT]`: forgets connections (control TCP_REMOVE); without arguments a list from standard
// input.
import type { ClusterCommand } from "../command.js";
import { changeTickles } from "../fetch/tickle-change.js";

const command: ClusterCommand = {
  run: (context) =>
    changeTickles(context, { control: "TCP_REMOVE", failureText: "Failed to unregister connection", verb: "remove" }),
};
export default command;
