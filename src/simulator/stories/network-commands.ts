// Commands that do something to links between nodes, or to the cluster lock.
import type { Network } from "../network.js";
import type { Command, Commands } from "./command.js";
import type { NodeReference, Words } from "./words.js";

/** A command on the way between two nodes. */
function onLink(usage: string, act: (network: Network, from: number, to: number) => void): Command {
  return {
    usage,
    parse: (words) => {
      const [from, to] = [words.node(), words.node()];
      return ({ scene }) => act(scene.world.network, from(scene).pnn, to(scene).pnn);
    },
  };
}

const partition: Command = {
  usage: "partition NODE... | NODE...",
  parse: (words: Words) => {
    const groups: NodeReference[][] = [[]];
    while (words.more) {
      if (words.optional("|")) groups.push([]);
      else groups.at(-1)?.push(words.node());
    }
    return ({ scene }) => {
      scene.world.network.partition(...groups.map((group) => group.map((node) => node(scene).pnn)));
    };
  },
};

const slow: Command = {
  usage: "slow NODE NODE DURATION",
  parse: (words) => {
    const [from, to, minMs] = [words.node(), words.node(), words.durationMs()];
    return ({ scene }) => scene.world.network.setSpeed(from(scene).pnn, to(scene).pnn, { minMs });
  },
};

const clusterLock: Command = {
  usage: "cluster-lock normal|hang|fail|lost|lost-unnoticed",
  parse: (words) => {
    const how = words.oneOf("normal", "hang", "fail", "lost", "lost-unnoticed");
    return ({ scene }) => {
      const lock = scene.world.clusterLock;
      if (how === "lost") lock.lose({ noticed: "now" });
      else if (how === "lost-unnoticed") lock.lose({ noticed: "later" });
      else lock.setMode(how);
    };
  },
};

export const networkCommands: Commands = {
  partition,
  heal: {
    usage: "heal",
    parse:
      () =>
      ({ scene }) =>
        scene.world.network.heal(),
  },
  block: onLink("block NODE NODE", (network, from, to) => network.block(from, to)),
  unblock: onLink("unblock NODE NODE", (network, from, to) => network.unblock(from, to)),
  reset: onLink("reset NODE NODE", (network, from, to) => network.resetConnections(from, to)),
  slow,
  "cluster-lock": clusterLock,
};
