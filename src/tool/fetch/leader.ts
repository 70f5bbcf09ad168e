// Who leads the cluster: the leader says so in a message about once a second. Called by status, leader, recover, wipedb.
import { ClientError, ConnectionLostError } from "../../client/errors.js";
import { Srvid } from "../../protocol/index.js";
import type { ClusterAccess } from "../cluster-access.js";
import { CommandFailure } from "../errors.js";
import type { Terminal } from "../terminal.js";

const LEADER_PAYLOAD_BYTES = 4;

/** Listens for the leader's announcements from the moment it is made. */
export class LeaderWatch {
  readonly #cluster: ClusterAccess;
  #leader: number | undefined;
  #onHeard: (() => void) | undefined;

  private constructor(cluster: ClusterAccess) {
    this.#cluster = cluster;
  }

  /** Throws CommandFailure where the registration fails. */
  static async start(cluster: ClusterAccess, terminal: Terminal): Promise<LeaderWatch> {
    const watch = new LeaderWatch(cluster);
    try {
      await cluster.client.onMessage(Srvid.LEADER, (data) => watch.#hear(data));
    } catch (error) {
      if (!(error instanceof ClientError) || error instanceof ConnectionLostError) throw error;
      terminal.complain("Failed to setup leader handler");
      throw new CommandFailure(1);
    }
    return watch;
  }

  #hear(data: Uint8Array): void {
    if (data.length < LEADER_PAYLOAD_BYTES) return;
    this.#leader = new DataView(data.buffer, data.byteOffset).getUint32(0, true);
    this.#onHeard?.();
  }

  /** The leader that announced itself last; undefined before the first announcement. */
  get heard(): number | undefined {
    return this.#leader;
  }

  /** The leader's pnn; undefined if none announced itself within the time limit. */
  async leader(): Promise<number | undefined> {
    if (this.#leader !== undefined) return this.#leader;
    await this.#cluster.within(
      new Promise<void>((resolve) => {
        this.#onHeard = resolve;
      }),
    );
    return this.#leader;
  }
}
