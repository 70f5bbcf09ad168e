// `ctdb completion bash|zsh|fish`: a script that completes commands, databases, tunables and nodes in that shell.
import type { LocalCommand } from "../command.js";
import { ADDED_COMMANDS, COMMANDS } from "../command-table.js";
import { UsageError } from "../errors.js";
import { completionScript } from "../print/completion.js";

const command: LocalCommand = {
  async run({ args, terminal }) {
    const script = completionScript(args[0] ?? "", [...COMMANDS, ...ADDED_COMMANDS]);
    if (script === undefined) throw new UsageError();
    terminal.out(script);
    return 0;
  },
};
export default command;
