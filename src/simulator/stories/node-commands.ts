// Commands that do something to a node or to its administrator's order: crash, restart, stop, ban, vacuum, freeze.
import { type ControlName, type ControlRequest, databaseId, RecoveryMode } from "../../protocol/index.js";
import type { SimulatedNode } from "../simulated-node.js";
import type { Actor } from "./actor.js";
import type { Command, Commands, Step } from "./command.js";
import { BadCommandError } from "./errors.js";
import type { Scene } from "./scene.js";
import type { NodeReference, Words } from "./words.js";

/** Where the records of `push-start` would come. */
const PUSH_SRVID = 0xf001_0000_0000_0001n;

/** A command on one or more nodes. */
function onNodes(usage: string, act: (node: SimulatedNode, scene: Scene) => void): Command {
  return {
    usage,
    parse: (words) => {
      const nodes = words.nodes();
      return ({ scene }) => {
        for (const node of nodes) act(node(scene), scene);
      };
    },
  };
}

/** A command on a node with a duration. */
function forTime(name: string, act: (node: SimulatedNode, ms: number) => void): Command {
  return {
    usage: `${name} NODE DURATION`,
    parse: (words) => {
      const [node, ms] = [words.node(), words.durationMs()];
      return ({ scene }) => act(node(scene), ms);
    },
  };
}

/** A control that an administrator sends to a node; its outcome is "done", or the error. `&` at the end: not waited for. */
function control<N extends ControlName>(
  usage: string,
  name: N,
  request: (words: Words) => (node: SimulatedNode) => ControlRequest<N>,
): Command {
  return {
    usage: `${usage} [&]`,
    parse: (words, line) => {
      const background = words.optionalLast("&");
      const node = words.node();
      return sendControl(line, background, node, name, request(words));
    },
  };
}

function sendControl<N extends ControlName>(
  line: string,
  background: boolean,
  reference: NodeReference,
  name: N,
  requestFor: (node: SimulatedNode) => ControlRequest<N>,
): Step {
  return async ({ scene }) => {
    const node = reference(scene);
    if (node.ctdb === undefined) throw new BadCommandError(`node ${node.pnn} does not run`);
    const send = async (actor: Actor): Promise<string> => {
      const client = await actor.connect();
      await client.control(name, requestFor(node));
      return "done";
    };
    await scene.perform(line, scene.administrator(node), send, background);
  };
}

const crash: Command = {
  usage: "crash NODE [loud]",
  parse: (words) => {
    const [node, loud] = [words.node(), words.optional("loud")];
    return ({ scene }) => {
      const crashed = node(scene);
      crashed.crash({ silent: !loud });
      scene.wentAway(crashed);
    };
  },
};

const restart: Command = {
  usage: "restart NODE [wiped]",
  parse: (words) => {
    const [node, wiped] = [words.node(), words.optional("wiped")];
    return ({ scene }) => node(scene).restart({ disk: wiped ? "wiped" : "kept" });
  },
};

const killHelpers: Command = {
  usage: "kill-helpers NODE ctdb-lockd|ctdb-commitd|ctdb-vacuumd",
  parse: (words) => {
    const node = words.node();
    const program = words.oneOf("ctdb-lockd", "ctdb-commitd", "ctdb-vacuumd");
    return ({ scene, log }) => log.say(`${node(scene).killHelpers(program)} killed`);
  },
};

/** The nodes list on all machines: these, and no other; daemons read it when they start or are told to `reload`. */
const nodesList: Command = {
  usage: "nodes-list NODE...",
  parse: (words) => {
    const nodes = words.nodes();
    return ({ scene }) => {
      const { world } = scene;
      const listed = new Set(nodes.map((node) => node(scene).pnn));
      const known = world.nodes.slice(0, Math.max(...listed, world.nodesList.length - 1) + 1);
      world.setNodesList(known.map(({ pnn, machine }) => ({ address: machine.address, deleted: !listed.has(pnn) })));
    };
  },
};

const vacuum = control("vacuum NODE DB [full]", "DB_VACUUM", (words) => {
  const [dbId, fullVacuumRun] = [databaseId(words.text("a database")), words.optional("full")];
  return () => ({ dbId, fullVacuumRun });
});

const ban = control("ban NODE DURATION", "SET_BAN_STATE", (words) => {
  const time = Math.round(words.durationMs() / 1000);
  return ({ pnn }) => ({ pnn, time });
});

function databaseArgument(words: Words): () => number {
  const dbId = databaseId(words.text("a database"));
  return () => dbId;
}

const none = (): (() => undefined) => () => undefined;

export const nodeCommands: Commands = {
  start: onNodes("start NODE...", (node) => node.start()),
  kill: onNodes("kill NODE...", (node, scene) => {
    node.kill();
    scene.wentAway(node);
  }),
  shutdown: onNodes("shutdown NODE...", (node, scene) => {
    node.stop();
    scene.wentAway(node);
  }),
  "kill-manager": onNodes("kill-manager NODE...", (node) => node.killClusterManager()),
  crash,
  restart,
  "kill-helpers": killHelpers,
  pause: forTime("pause", (node, ms) => node.pause(ms)),
  "pause-daemon": forTime("pause-daemon", (node, ms) => node.pauseDaemon(ms)),
  stall: forTime("stall", (node, ms) => node.pauseClusterManager(ms)),
  "slow-disk": forTime("slow-disk", (node, ms) => node.slowDisk(ms)),
  "slow-loop": forTime("slow-loop", (node, ms) => node.slowLoop(ms)),
  stop: control("stop NODE", "STOP_NODE", none),
  continue: control("continue NODE", "CONTINUE_NODE", none),
  disable: control("disable NODE", "DISABLE_NODE", none),
  enable: control("enable NODE", "ENABLE_NODE", none),
  ban,
  unban: control("unban NODE", "SET_BAN_STATE", () => ({ pnn }) => ({ pnn, time: 0 })),
  "nodes-list": nodesList,
  reload: control("reload NODE", "RELOAD_NODES_FILE", none),
  recover: control("recover NODE", "SET_RECMODE", () => () => RecoveryMode.ACTIVE),
  vacuum,
  freeze: control("freeze NODE DB", "DB_FREEZE", databaseArgument),
  thaw: control("thaw NODE DB", "DB_THAW", databaseArgument),
  /** As a leader does that dies before it confirms. */
  "push-start": control("push-start NODE DB", "DB_PUSH_START", (words) => {
    const dbId = databaseId(words.text("a database"));
    return ({ pnn }) => ({ dbId, lmaster: pnn, srvid: PUSH_SRVID });
  }),
};
