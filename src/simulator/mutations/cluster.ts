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
    name: "lost-lock-ignored",
    rule: "a leader that loses the cluster lock leads no more",
    file: ELECTION,
    code: `    if (this.isLeader) this.setLeader(LEADER_UNKNOWN);
    if (this.modules.view.canBeLeader) void this.forceElection("cluster lock lost");`,
    mutant: "",
  },
  {
    name: "inactive-leader",
    rule: "a stopped or banned node is never leader",
    file: "src/cluster/cluster-view.ts",
    code: "return !this.ownInactive && (this.ownCapabilities & Capability.RECMASTER) !== 0;",
    mutant: "return (this.ownCapabilities & Capability.RECMASTER) !== 0;",
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
    name: "holder-gives-way",
    rule: "who holds the cluster lock does not give way to the late broadcast of a former leader",
    file: ELECTION,
    code: "    if (lock?.held === true) {\n      this.answerOtherLeader(pnn);\n      return;\n    }\n",
    mutant: "",
  },
  {
    name: "recovery-of-a-former-leader",
    rule: "a recovery ends when its node leads no more",
    file: "src/cluster/recovery-control.ts",
    code: "if (!this.running || leader === this.modules.view.ownPnn) return;",
    mutant: "return;",
  },
  {
    name: "incoming-survives-death",
    rule: "both directions of a dead node are torn down",
    file: MESH,
    code: "    peer.incoming?.destroy();\n    peer.incoming = undefined;\n    peer.state",
    mutant: "    peer.state",
  },
  {
    name: "own-flags-from-others",
    rule: "a node's own flags are changed by nobody else",
    file: "src/cluster/cluster-controls.ts",
    code: "if (change.pnn === nodes.ownPnn) {\n        call.status(0);\n        return;\n      }",
    mutant: "",
  },
  {
    name: "lost-links-forgotten",
    rule: "two nodes that did not see each other for a while have the cluster recovered, whatever the leader saw",
    file: "src/daemon/node.ts",
    code: "this.lostLinks.set(pnn, this.state.generation);",
    mutant: "{ /* forgotten */ }",
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
