// Commands that make a cluster, let time pass, and say what the log shows.
import { defaultTunables, type TunableName } from "../../protocol/index.js";
import type { NodeSettings } from "../simulated-node.js";
import type { Command, Commands } from "./command.js";
import { parseCondition } from "./conditions.js";
import { BadCommandError } from "./errors.js";
import { describeRecord } from "./records.js";
import { Scene, type SceneOptions } from "./scene.js";
import type { LineFilter, StoryLog } from "./story-log.js";
import type { Words } from "./words.js";

const UNTIL_LIMIT_MS = 60_000;
/** A cluster that has just formed does its first rounds of monitoring and vacuuming. */
const SETTLING_MS = 2000;
const NODES_MAX = 100;

function pnnOf(word: string): number {
  const [, digits] = /^n(\d+)$/.exec(word) ?? [];
  if (digits === undefined) throw new BadCommandError(`a node like n2 expected, not ${word}`);
  return Number(digits);
}

function isTunable(name: string): name is TunableName {
  return Object.hasOwn(defaultTunables(), name);
}

function sceneOptions(words: Words): SceneOptions & { readonly starts: boolean } {
  const nodes = words.number("the number of nodes");
  if (nodes < 1 || nodes > NODES_MAX) throw new BadCommandError(`there can be 1 to ${NODES_MAX} nodes`);
  const settings: Partial<NodeSettings> = {};
  const tunables: Partial<Record<TunableName, number>> = {};
  const ofNodes: Array<readonly [number, Partial<NodeSettings>]> = [];
  let [seed, spareNodes, jitter, starts] = [1, 0, false, true];
  while (words.more) {
    const word = words.plain("an option");
    const [, tunable, value] = /^([A-Za-z]+)=(\d+)$/.exec(word) ?? [];
    if (tunable !== undefined) {
      if (!isTunable(tunable)) throw new BadCommandError(`${tunable} is no tunable`);
      tunables[tunable] = Number(value);
    } else if (word === "seed") seed = words.number("a seed");
    else if (word === "spare") spareNodes = words.number("a number of machines");
    else if (word === "jitter") jitter = true;
    else if (word === "unstarted") starts = false;
    else if (word === "fcntl") settings.mutexes = false;
    else if (word === "no-cluster-lock") settings.clusterLock = false;
    else if (word === "leader-timeout") settings.leaderTimeoutSeconds = words.number("seconds");
    else if (word === "not-leader") ofNodes.push([pnnOf(words.plain("a node")), { leaderCapability: false }]);
    else if (word === "not-lmaster") ofNodes.push([pnnOf(words.plain("a node")), { lmasterCapability: false }]);
    else throw new BadCommandError(`${word} is no option of a cluster`);
  }
  return { nodes, spareNodes, seed, jitter, ofNodes, settings: { ...settings, tunables }, starts };
}

const cluster: Command = {
  usage:
    "cluster NODES [TUNABLE=VALUE | seed N | spare N | jitter | fcntl | no-cluster-lock | leader-timeout SECONDS | not-leader NODE | not-lmaster NODE | unstarted]...",
  parse: (words) => {
    const options = sceneOptions(words);
    return async (stage) => {
      const scene = await stage.openScene(() => new Scene(stage.log, options));
      if (!options.starts) return;
      await scene.form(options.nodes);
      await scene.runFor(SETTLING_MS);
    };
  },
};

const run: Command = {
  usage: "run DURATION",
  parse: (words) => {
    const ms = words.durationMs();
    return ({ scene }) => scene.runFor(ms);
  },
};

const until: Command = {
  usage: "until CONDITION | line /PATTERN/ [within DURATION]",
  parse: (words) => {
    const within = words.optionalTail("within")?.durationMs() ?? UNTIL_LIMIT_MS;
    if (words.optional("line")) {
      const pattern = words.pattern();
      return async ({ scene }) => {
        let seen = false;
        const stop = scene.world.trace.listen((line) => {
          seen ||= pattern.test(line);
        });
        try {
          await scene.require(() => seen, within, `no line of the trace matches ${pattern}`);
        } finally {
          stop();
        }
      };
    }
    const condition = parseCondition(words);
    return async ({ scene, log }) => {
      if (!(await scene.runUntil(() => condition.holds(scene), within))) {
        throw new BadCommandError(`not so within ${within / 1000} s: ${condition.found(scene)}`);
      }
      log.say("so it is");
    };
  },
};

const expect: Command = {
  usage: "expect CONDITION",
  parse: (words) => {
    const condition = parseCondition(words);
    return ({ scene }) => {
      if (!condition.holds(scene)) throw new BadCommandError(`it is not so: ${condition.found(scene)}`);
    };
  },
};

const invariants: Command = {
  usage: "invariants",
  parse:
    () =>
    async ({ scene, log }) => {
      await scene.finish();
      log.say("hold");
    },
};

const record: Command = {
  usage: "record DB KEY",
  parse: (words) => {
    const [database, key] = [words.text("a database"), words.text("a key")];
    return ({ scene, log }) => log.say(describeRecord(scene.world, database, key));
  },
};

type Show = (words: Words) => (log: StoryLog) => LineFilter;

function namesOf(words: Words): string[] {
  const names: string[] = [];
  while (words.more) names.push(words.plain("the name of a control"));
  return names;
}

const shows: Readonly<Record<string, Show>> = {
  states: () => (log) => log.states(),
  "cluster-lock": () => (log) => log.clusterLock(),
  calls: (words) => {
    const [database, key] = [words.text("a database"), words.text("a key")];
    return (log) => log.calls(database, key);
  },
  controls: (words) => {
    const names = namesOf(words);
    return (log) => log.controls(names);
  },
  log: (words) => {
    const pattern = words.pattern();
    return (log) => log.logLines(pattern);
  },
  trace: (words) => {
    const pattern = words.pattern();
    return (log) => log.traceLines(pattern);
  },
};

const show: Command = {
  usage:
    "show states | cluster-lock | calls DB KEY | controls NAME... | log /PATTERN/ | trace /PATTERN/ | record DB KEY",
  parse: (words) => {
    const what = words.plain("what to show");
    if (what === "record") {
      const [database, key] = [words.text("a database"), words.text("a key")];
      return ({ log }) => log.showRecord(database, key);
    }
    const filter = shows[what]?.(words);
    if (filter === undefined) throw new BadCommandError(`${what} cannot be shown`);
    return ({ log }) => log.show(filter(log));
  },
};

const hide: Command = {
  usage: "hide",
  parse:
    () =>
    ({ log }) =>
      log.hide(),
};

export const clusterCommands: Commands = { cluster, run, until, expect, invariants, record, show, hide };
