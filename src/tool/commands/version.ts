// `ctdb version`: the release that this tool speaks for.
import type { LocalCommand } from "../command.js";
import { versionPrinter } from "../print/values.js";
import { RELEASE } from "../release.js";

const command: LocalCommand = {
  async run(context) {
    context.report(versionPrinter, RELEASE);
    return 0;
  },
};
export default command;
