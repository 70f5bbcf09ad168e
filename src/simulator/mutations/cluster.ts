// Mutations of elections, of the cluster lock, of connections and of flags.
import type { Mutation } from "./mutation.js";

const ELECTION = "src/cluster/leader-election.ts";
const MESH = "src/transport/peer-mesh.ts";

export const clusterMutations: readonly Mutation[] = [
  {
    name: "leader-without-the-lock",
    rule: "with a cluster lock, only its holder leads",
    file: ELECTION,
    code: "taken = await lock.take();",
    mutant: "taken = await lock.take().then(() => true);",
  },
  {
    name: "leader-that-lost-the-lock",
    rule: "who hears that the cluster lock is lost leads no more",
    file: "src/cluster/cluster-lock.ts",
    code: "      this.events.onLost();",
    mutant: "",
  },
  {
    name: "recovery-outlives-leadership",
    rule: "a recovery is given up when its node is not leader any more",
    file: "src/cluster/recovery-control.ts",
    code: "if (!this.running || leader === this.modules.view.ownPnn) return;",
    mutant: "return;",
  },
  {
    name: "election-without-end",
    rule: "an election ends also where the lock is held already: else a leader that comes back after a stall leads silently",
    file: ELECTION,
    code: `    let taken = lock.held;
    if (!taken) {`,
    mutant: `    let taken = lock.held;
    if (taken) return;
    if (!taken) {`,
  },
  {
    name: "incoming-survives-death",
    rule: "both directions of a dead node are torn down",
    file: MESH,
    code: "    peer.incoming?.destroy();\n    peer.incoming = undefined;\n    peer.state",
    mutant: "    peer.state",
  },
  {
    name: "one-attempt-to-connect",
    rule: "each attempt to connect that fails is followed by another one: else a partition never ends",
    file: MESH,
    code: `      peer.state = "idle";
      this.connect(peer);
    });`,
    mutant: `      peer.state = "idle";
    });`,
  },
];
