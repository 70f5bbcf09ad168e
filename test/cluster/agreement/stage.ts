// Where a story can be played: on real processes and in the simulator. Everything that a story does is done through this.
import type { Client } from "../../../src/client/index.js";
import type { Packet } from "./packet-sequences.js";

export interface Stage {
  /** Connects to the daemon of a node, with the client library. */
  client(pnn: number): Promise<Client>;
  /** SIGKILL for all processes of the node. */
  kill(pnn: number): Promise<void>;
  /** Waits until these nodes, and no others, make a cluster without flags. Only they are left running. */
  healthy(pnns: readonly number[]): Promise<void>;
  /** Waits until `condition` holds. */
  until(what: string, condition: () => Promise<boolean>): Promise<void>;
  /** Waits until no packet that counts has come while the leader found nothing to do, pass after pass. */
  quiet(): Promise<void>;
  /** All packets between nodes since the cluster was started. */
  packets(): readonly Packet[];
}

export const LIMIT_MS = 120_000;
/** Tunables of both: nothing is vacuumed, and no recovery waits for the end of the pause after another one. */
export const TUNABLES = { VacuumInterval: 600, RerecoveryTimeout: 1 };
