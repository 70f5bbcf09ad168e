// One cluster for several tests that do not disturb each other: starting one takes longer than most tests, 8 s where a C node leads.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { LocalCluster, type LocalClusterOptions } from "../cluster/local-cluster.js";

/** Runs a test on the cluster, and looks it over afterwards. A failure carries the ends of the logs. */
export type OnCluster = (body: (cluster: LocalCluster) => Promise<void>) => Promise<void>;

/** To be called in a `describe`: the cluster lives as long as that runs. Each test has locks and databases of its own. */
export function sharedCluster(options: LocalClusterOptions): OnCluster {
  let cluster: LocalCluster | undefined;
  before(async () => {
    cluster = await LocalCluster.start(options);
  });
  after(() => cluster?.stop());
  return async (body) => {
    assert.ok(cluster);
    try {
      await body(cluster);
      await cluster.checkAtRest();
    } catch (error) {
      throw cluster.failed(error);
    }
  };
}
