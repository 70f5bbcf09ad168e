// `ctdb stats [COUNT]`: the counters of past intervals (control GET_STAT_HISTORY).
import { atoi } from "../arguments/numbers.js";
import type { ClusterCommand } from "../command.js";
import { statisticsHistoryPrinter } from "../print/statistics.js";

const command: ClusterCommand = {
  async run({ cluster, targetPnn, args, report }) {
    const history = await cluster.control("GET_STAT_HISTORY", undefined, targetPnn);
    const count = atoi(args[0] ?? "0");
    // C stops behind the interval whose index is the count, so one more is printed than was asked for.
    const wanted = count > 0 ? history.stats.slice(0, count + 1) : history.stats;
    report(
      statisticsHistoryPrinter,
      wanted.filter((one) => one.statisticsStartTime.sec !== 0),
    );
    return 0;
  },
};
export default command;
