// `npm run demo`: three nodes in a temporary directory, shown in a terminal picture or as plain lines. Ends by itself within a
// minute, removes what it made; exit status 0 when all sums were right. CTDB_DEMO_DAEMON=c runs the story on Debian's daemon,
// CTDB_DEMO_PACE=0.2 makes its pauses five times shorter.
import type { NodeKind } from "../test/cluster/cluster-node.js";
import { LocalCluster } from "../test/cluster/local-cluster.js";
import { Crew, WORKER_WORD } from "./crew.js";
import { plainView } from "./plain-view.js";
import type { Scene } from "./scene.js";
import { Story } from "./story.js";
import { terminalView } from "./terminal-view.js";
import { runWorker } from "./worker.js";

const NODES = 3;
const END_AFTER_MS = 60_000;
const REFRESH_EVERY_MS = 100;
const RATES_KEPT = 200;

async function demo(): Promise<void> {
  const kind: NodeKind = process.env["CTDB_DEMO_DAEMON"] === "c" ? "c" : "ts";
  const cluster = await LocalCluster.create({
    kinds: Array.from({ length: NODES }, () => kind),
    tunables: { RerecoveryTimeout: 1 },
  });
  const scene: Scene = {
    nodes: cluster.nodes.map((node) => ({
      pnn: node.pnn,
      address: node.address,
      pid: undefined,
      condition: "starting",
      increments: 0,
      perSecond: 0,
    })),
    leader: undefined,
    generation: undefined,
    vnnMap: [],
    chapter: "",
    journey: [],
    counter: 0,
    counterRead: { value: 0, confirmed: 0 },
    rates: [],
  };
  const write = (text: string) => process.stdout.write(text);
  const view = process.stdout.isTTY ? terminalView(scene, write) : plainView(scene, write);
  const crew = new Crew(process.env);
  const story = new Story(cluster, crew, scene, view, Number(process.env["CTDB_DEMO_PACE"] ?? "1"));
  const refreshing = setInterval(() => {
    scene.rates.push(crew.sample());
    if (scene.rates.length > RATES_KEPT) scene.rates.shift();
    scene.counter = scene.counterRead.value + crew.confirmed - scene.counterRead.confirmed;
    view.refresh();
  }, REFRESH_EVERY_MS);

  let interrupt: (reason: Error) => void = () => {};
  const interrupted = new Promise<never>((_, reject) => {
    interrupt = reject;
  });
  const limit = setTimeout(
    () => interrupt(new Error(`not finished after ${END_AFTER_MS / 1000} s`)),
    END_AFTER_MS - 2000,
  );
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => interrupt(new Error(`ended by ${signal}`)));
  }
  let failure: unknown;
  try {
    await Promise.race([story.tell(), interrupted]);
  } catch (error) {
    failure = error;
  }
  clearInterval(refreshing);
  clearTimeout(limit);
  crew.kill();
  const report = failure === undefined ? "" : cluster.report();
  await story.close().catch(() => {});
  await cluster.stop();
  if (failure === undefined) view.tell("all nodes ended, the temporary directory is gone");
  view.end();
  if (failure !== undefined) {
    console.error(`\nThe demo failed: ${failure instanceof Error ? failure.message : failure}\n${report}`);
    process.exitCode = 1;
  }
}

if (process.argv[2] === WORKER_WORD) {
  runWorker(process.argv[3] ?? "").catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
} else {
  await demo();
  process.exit();
}
