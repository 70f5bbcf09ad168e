// `ctdb checktcpport PORT`: whether a TCP port is free; no daemon is asked.
import { createServer } from "node:net";
import { atoi } from "../arguments/numbers.js";
import type { LocalCommand } from "../command.js";
import { Errno, UsageError } from "../errors.js";

const PORT_MASK = 0xffff;

const command: LocalCommand = {
  async run({ args, terminal }) {
    const [text] = args;
    if (text === undefined || args.length !== 1) throw new UsageError(true);
    const port = atoi(text) & PORT_MASK;
    const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
      const server = createServer();
      server.once("error", resolve);
      server.listen({ port, host: "0.0.0.0", exclusive: true }, () => server.close(() => resolve(undefined)));
    });
    if (error === undefined) return 0;
    terminal.complain(`Failed to bind to TCP port ${atoi(text)}`);
    return error.code === "EADDRINUSE" ? Errno.EADDRINUSE : Math.abs(error.errno ?? 1);
  },
};
export default command;
