// `ctdb version`: the release that this tool speaks for.

import { CTDB_VERSION_TEXT } from "../../config/version.js";
import type { LocalCommand } from "../command.js";
import { versionPrinter } from "../print/values.js";

const command: LocalCommand = {
  async run(context) {
    context.report(versionPrinter, CTDB_VERSION_TEXT);
    return 0;
  },
};
export default command;
