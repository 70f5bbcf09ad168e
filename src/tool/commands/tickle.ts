// `ctdb tickle [SRC:PORT DST:PORT]`: sends a TCP ACK to SRC in the name of DST; no daemon is asked. Without arguments a list from
// standard input.
import { connectionsFromArguments } from "../arguments/connections.js";
import type { LocalCommand } from "../command.js";
import { sendTickle } from "../raw-socket.js";

const command: LocalCommand = {
  async run({ args, terminal }) {
    const { fromInput, connections } = connectionsFromArguments(args, terminal);
    const results = await Promise.all(connections.map(sendTickle));
    const failures = results.filter((errno) => errno !== 0);
    const [first] = failures;
    if (first === undefined) return 0;
    if (fromInput) {
      terminal.complain(`Failed to send ${failures.length} tickles`);
      return 1;
    }
    terminal.complain("Failed to send tickle ack");
    return first;
  },
};
export default command;
