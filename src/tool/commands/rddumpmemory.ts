// `ctdb rddumpmemory`: the recovery daemon's report on its memory (message MEM_DUMP).
import { Srvid, SrvidMessage } from "../../protocol/index.js";
import type { ClusterCommand } from "../command.js";
import { textPrinter } from "../print/values.js";

const command: ClusterCommand = {
  async run({ cluster, localPnn, targetPnn, report }) {
    const srvid = cluster.privateSrvid();
    let answer: (text: string) => void = () => undefined;
    const answered = new Promise<string>((resolve) => {
      answer = resolve;
    });
    await cluster.client.onMessage(srvid, (data) => {
      const end = data.indexOf(0);
      answer(Buffer.from(end < 0 ? data : data.subarray(0, end)).toString("utf8"));
    });
    cluster.client.sendMessage(targetPnn, Srvid.MEM_DUMP, SrvidMessage.encode({ pnn: localPnn, srvid }));
    report(textPrinter, await answered);
    return 0;
  },
};
export default command;
