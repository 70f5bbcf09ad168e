// What `until` waits for and `expect` insists on.
import { NodeFlag } from "../../protocol/index.js";
import { BadCommandError } from "./errors.js";
import { activeCopies, copiesOf, describeRecord, describeValue, isReplicated } from "./records.js";
import type { Scene } from "./scene.js";
import { activeNodes, isRecovered, isWhole, ownFlags } from "./states.js";
import { flagNames } from "./story-log.js";
import type { Words } from "./words.js";

export interface Condition {
  holds(scene: Scene): boolean;
  /** What is the case instead. */
  found(scene: Scene): string;
}

const SEQUENCE_NUMBER_KEY = "__db_sequence_number__\0";

function describeNodes({ world }: Scene): string {
  const nodes = world.nodes.map(({ pnn, ctdb }) => {
    if (ctdb === undefined) return `n${pnn} does not run`;
    const { state } = ctdb;
    const recovery = state.isRecovering ? "in recovery" : "normal";
    return `n${pnn} ${recovery} map ${state.vnnMap.map.join(",")} flags ${flagNames(ownFlags(world, pnn) ?? 0)}`;
  });
  return `${nodes.join("; ")}; leader ${world.leader() ?? "none"}`;
}

/** What users see: the owner's data, or what all nodes have. */
function usersValue({ world }: Scene, database: string, key: string): string {
  const copies = activeCopies(world, database, key);
  const replicated = isReplicated(world, database);
  const values = replicated
    ? activeNodes(world).map((pnn) => describeValue(copies.get(pnn)?.data))
    : [...copies].filter(([pnn, { dmaster }]) => pnn === dmaster).map(([, { data }]) => describeValue(data));
  const [first, ...others] = [...new Set(values)];
  if (others.length > 0) return `different on the nodes: ${values.join(", ")}`;
  return first ?? "none";
}

function sequenceNumbers({ world }: Scene, database: string): string {
  const numbers = world.running().map((pnn) => {
    const data = world.node(pnn).records(database).get(SEQUENCE_NUMBER_KEY)?.data;
    return data?.length === 8 ? Buffer.from(data).readBigUInt64LE().toString() : "0";
  });
  return [...new Set(numbers)].join(", ");
}

function flagBits(words: Words): number {
  if (words.optional("none")) return 0;
  const names = Object.keys(NodeFlag) as Array<keyof typeof NodeFlag>;
  let flags = 0;
  while (words.more) flags |= NodeFlag[words.oneOf(...names)];
  return flags;
}

/** `holds` where `found` is one text. */
function same(expected: string, found: (scene: Scene) => string): Condition {
  return { holds: (scene) => found(scene) === expected, found };
}

function ownerOf({ world }: Scene, database: string, key: string): string {
  const owners = [...activeCopies(world, database, key)].filter(([pnn, { dmaster }]) => pnn === dmaster);
  return owners.map(([pnn]) => `n${pnn}`).join(" and ") || "nobody";
}

type Parse = (words: Words) => Condition;

export const conditions: Readonly<Record<string, { readonly usage: string; readonly parse: Parse }>> = {
  healthy: {
    usage: "healthy",
    parse: () => ({ holds: ({ world }) => isWhole(world), found: describeNodes }),
  },
  recovered: {
    usage: "recovered",
    parse: () => ({ holds: ({ world }) => isRecovered(world), found: describeNodes }),
  },
  "in-recovery": {
    usage: "in-recovery NODE",
    parse: (words) => {
      const node = words.node();
      return { holds: (scene) => node(scene).ctdb?.state.isRecovering === true, found: describeNodes };
    },
  },
  leader: {
    usage: "leader NODE|none",
    parse: (words) => {
      if (words.optional("none")) {
        return { holds: ({ world }) => world.leader() === undefined, found: describeNodes };
      }
      const node = words.node();
      return { holds: (scene) => scene.world.leader() === node(scene).pnn, found: describeNodes };
    },
  },
  flags: {
    usage: "flags NODE none|BANNED|STOPPED...",
    parse: (words) => {
      const node = words.node();
      const flags = flagBits(words);
      return { holds: (scene) => ownFlags(scene.world, node(scene).pnn) === flags, found: describeNodes };
    },
  },
  value: {
    usage: "value DB KEY VALUE|none",
    parse: (words) => {
      const [database, key] = [words.text("a database"), words.text("a key")];
      const expected = words.optional("none") ? "none" : describeValue(Buffer.from(words.text("a value")));
      return same(expected, (scene) => usersValue(scene, database, key));
    },
  },
  owner: {
    usage: "owner DB KEY NODE",
    parse: (words) => {
      const [database, key, node] = [words.text("a database"), words.text("a key"), words.node()];
      return {
        holds: (scene) => ownerOf(scene, database, key) === `n${node(scene).pnn}`,
        found: (scene) => ownerOf(scene, database, key),
      };
    },
  },
  gone: {
    usage: "gone DB KEY",
    parse: (words) => {
      const [database, key] = [words.text("a database"), words.text("a key")];
      return {
        holds: ({ world }) => copiesOf(world, database, key).size === 0,
        found: ({ world }) => describeRecord(world, database, key),
      };
    },
  },
  "on-node": {
    usage: "on-node DB KEY NODE RSN/DMASTER",
    parse: (words) => {
      const [database, key, node] = [words.text("a database"), words.text("a key"), words.node()];
      const expected = words.optional("none") ? "none" : words.plain("RSN/DMASTER");
      return same(expected, (scene) => {
        const copy = copiesOf(scene.world, database, key).get(node(scene).pnn);
        return copy === undefined ? "none" : `${copy.rsn}/${copy.dmaster}`;
      });
    },
  },
  seqnum: {
    usage: "seqnum DB NUMBER",
    parse: (words) => {
      const database = words.text("a database");
      return same(String(words.number("a number")), (scene) => sequenceNumbers(scene, database));
    },
  },
  hops: {
    usage: "hops NUMBER",
    parse: (words) => {
      const most = words.number("the most hops of a call");
      const found = ({ world }: Scene): number =>
        Math.max(...world.nodes.map(({ ctdb }) => ctdb?.statistics.maxHopCount ?? 0));
      return { holds: (scene) => found(scene) <= most, found: (scene) => String(found(scene)) };
    },
  },
  recoveries: {
    usage: "recoveries NODE NUMBER",
    parse: (words) => {
      const node = words.node();
      return same(String(words.number("a number")), (scene) =>
        String(node(scene).ctdb?.statistics.numRecoveries ?? "the node does not run"),
      );
    },
  },
  idle: {
    usage: "idle CLIENT",
    parse: (words) => {
      const name = words.plain("a client");
      return {
        holds: (scene) => scene.cast(name).open === 0,
        found: (scene) => `${name} waits for ${scene.cast(name).open} answers`,
      };
    },
  },
  waiting: {
    usage: "waiting CLIENT",
    parse: (words) => {
      const name = words.plain("a client");
      return { holds: (scene) => scene.cast(name).open > 0, found: () => `${name} waits for nothing` };
    },
  },
  heard: {
    usage: "heard CLIENT NUMBER",
    parse: (words) => {
      const name = words.plain("a client");
      const found = (scene: Scene): string =>
        scene
          .cast(name)
          .actors.map(({ heard }) => heard)
          .join(", ");
      return same(String(words.number("a number")), found);
    },
  },
  steps: {
    usage: "steps NUMBER",
    parse: (words) => {
      const most = words.number("the most steps in a virtual second");
      return {
        holds: (scene) => scene.busiestSecond <= most,
        found: (scene) => `there were ${scene.busiestSecond} in one virtual second`,
      };
    },
  },
  "cluster-lock": {
    usage: "cluster-lock NODE|none",
    parse: (words) => {
      const node = words.optional("none") ? undefined : words.node();
      const found = ({ world }: Scene): string =>
        world.clusterLock.heldBy === undefined ? "held by nobody" : `held by n${world.clusterLock.heldBy}`;
      return {
        holds: (scene) => scene.world.clusterLock.heldBy === (node === undefined ? undefined : node(scene).pnn),
        found,
      };
    },
  },
  said: {
    usage: "said /PATTERN/",
    parse: (words) => {
      const pattern = words.pattern();
      return { holds: ({ lastOutcome }) => pattern.test(lastOutcome), found: ({ lastOutcome }) => lastOutcome };
    },
  },
  lines: {
    usage: "lines /PATTERN/ NUMBER|at-most NUMBER|some",
    parse: (words) => {
      const pattern = words.pattern();
      const count = ({ world }: Scene): number => world.trace.lines((line) => pattern.test(line)).length;
      if (words.optional("some")) return { holds: (scene) => count(scene) > 0, found: () => "there is none" };
      const atMost = words.optional("at-most");
      const number = words.number("a number");
      return {
        holds: (scene) => (atMost ? count(scene) <= number : count(scene) === number),
        found: (scene) => `there are ${count(scene)}`,
      };
    },
  },
};

export function parseCondition(words: Words): Condition {
  const name = words.plain("a condition");
  const condition = conditions[name];
  if (condition === undefined) {
    throw new BadCommandError(`${name} is no condition; there are ${Object.keys(conditions).join(", ")}`);
  }
  return condition.parse(words);
}
