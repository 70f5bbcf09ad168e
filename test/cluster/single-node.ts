// Directories of single nodes whose daemons the test starts itself, by the command line that it is about. All are below one directory,
// which the guard removes with everything that still runs there.
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { LocalNode } from "../../src/tool/companions/local-cluster/local-node.js";
import { clusterLockFile, setUpCluster } from "../../src/tool/companions/local-cluster/node-directory.js";
import { type AddressLease, leaseAddresses } from "./address-lease.js";
import { awaitCondition } from "./await-condition.js";
import { daemonPrograms } from "./cluster-node.js";
import { NODE_MARK, type ProcessGuard, processesWithEnvironment, startGuard } from "./process-guard.js";

export const STANDARD_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export class SingleNode extends LocalNode {
  constructor(
    base: string,
    readonly address: string,
  ) {
    super(0, base);
  }

  /** Environment of the node's daemon and tools. */
  get env(): Record<string, string> {
    return { PATH: STANDARD_PATH, ...this.identity, [NODE_MARK]: this.base };
  }

  get pid(): number {
    return Number(readFileSync(this.pidFile, "utf8"));
  }

  /** Waits until no process of the node is left. */
  async gone(timeoutMs: number): Promise<void> {
    let empty = 0;
    await awaitCondition("all processes of the node are gone", { timeoutMs }, () => {
      empty = processesWithEnvironment(NODE_MARK, this.base).length === 0 ? empty + 1 : 0;
      // One that becomes another program at this moment has no environment.
      return empty === 2;
    });
  }
}

export interface SingleNodes {
  /** The directory of all. */
  readonly directory: string;
  /** An address that no other node has. */
  readonly newAddress: () => string;
  /** A node directory of its own, in test mode, with a cluster lock; `configLines` as for a cluster. */
  readonly newNode: (configLines?: Readonly<Record<string, readonly string[]>>) => SingleNode;
}

/** Prepares and removes everything around the tests of the calling file. */
export function singleNodes(): SingleNodes {
  const directory = mkdtempSync(join(tmpdir(), "ctdb-nodes-"));
  let guard: ProcessGuard;
  let lease: AddressLease;
  let used = 0;
  before(async () => {
    guard = startGuard(directory);
    lease = await leaseAddresses();
  });
  after(async () => {
    // Before another file gets the addresses of what a failed test has left.
    await guard.finish();
    lease.release();
  });
  const newAddress = (): string => lease.address(used++);
  return {
    directory,
    newAddress,
    newNode: (configLines = {}) => {
      const address = newAddress();
      const cluster = join(directory, `c${used}`);
      setUpCluster(cluster, {
        addresses: [address],
        clusterLock: clusterLockFile(cluster),
        logLevel: "NOTICE",
        configLines,
        daemons: [daemonPrograms.ts],
      });
      return new SingleNode(LocalNode.of(cluster, 0).base, address);
    },
  };
}
