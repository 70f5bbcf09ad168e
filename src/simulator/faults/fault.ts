// The faults that a run can do to its world. A fault is data, so that a schedule of them can be printed, shortened and repeated;
// `begin` does it, and says how it ends.
import { NodeFlag } from "../../protocol/index.js";
import type { World } from "../world.js";
import { control, insist } from "./administrator.js";

/** Storms: times of trouble, each followed by calm and a look at the whole cluster. */
export interface Fault {
  /** Place in the schedule of its run. */
  readonly number: number;
  readonly kind: FaultKind;
  readonly storm: number;
  /** Since the storm began. */
  readonly atMs: number;
  readonly durationMs: number;
  readonly node: number;
  /** Another node than `node`. */
  readonly other: number;
  /** How bad it is: 0 .. 1. */
  readonly degree: number;
}

/** Puts an end to a fault; called when its time is over. */
type End = () => void;
type Begin = (world: World, fault: Fault) => End;

const nothing: End = () => {};

/** The node runs again, whatever has stopped it; not one that is not in the nodes list. */
export function revive(world: World, pnn: number, disk: "kept" | "wiped" = "kept"): void {
  const node = world.node(pnn);
  if (world.nodesList[pnn]?.deleted === true) return;
  if (!node.machine.isUp) node.restart({ disk });
  else if (node.ctdb === undefined) node.start();
}

function crash(disk: "kept" | "wiped"): Begin {
  return (world, { node, degree }) => {
    world.node(node).crash({ silent: degree < 0.7 });
    return () => revive(world, node, disk);
  };
}

/** Blocks directions between nodes; the end opens the same ones. */
function block(world: World, directions: ReadonlyArray<readonly [number, number]>): End {
  for (const [from, to] of directions) world.network.block(from, to);
  return () => {
    for (const [from, to] of directions) world.network.unblock(from, to);
  };
}

/** Two groups; which node is in which one depends on `degree`. */
function partition(world: World, { node, other, degree }: Fault): End {
  const bits = Math.floor(degree * 65_536);
  const isLeft = (pnn: number): boolean => pnn === node || (pnn !== other && ((bits >> (pnn % 16)) & 1) === 1);
  const all = world.nodes.map(({ pnn }) => pnn);
  return block(
    world,
    all.flatMap((from) => all.filter((to) => isLeft(from) !== isLeft(to)).map((to): [number, number] => [from, to])),
  );
}

/** Processes of users on a node. */
function userProcesses(world: World, pnn: number) {
  return [...world.node(pnn).machine.processes.values()].filter((process) => / [a-z_]+-\d+-\d+$/.test(process.name));
}

/** How often somebody looks whether a node that leaves is gone. */
const GONE_LOOK_MS = 5;

/**
 * The node leaves the nodes list in order, and comes back. The list changes once the node is gone for the one whose administrator does
 * it, as `ctdb reloadnodes` demands: records of which a node has the newest copy go with it. One that does not end in time stays.
 */
function reload(world: World, { node: pnn, other }: Fault): End {
  const node = world.node(pnn);
  const reloadAll = (): void => {
    for (const other of world.running()) insist(world, other, "RELOAD_NODES_FILE", undefined);
  };
  const list = (isDeleted: boolean): void =>
    world.setNodesList(
      world.nodesList.map((entry, index) => (index === pnn ? { ...entry, deleted: isDeleted } : entry)),
    );
  let isOver = false;
  const dropWhenGone = (): void => {
    if (isOver) return;
    const seen = world.node(other).ctdb?.nodes.get(pnn);
    if (seen !== undefined && (seen.flags & NodeFlag.DISCONNECTED) !== 0) {
      list(true);
      reloadAll();
    } else {
      world.time.at(world.time.nowMs + GONE_LOOK_MS, undefined, dropWhenGone);
    }
  };
  node.stop();
  dropWhenGone();
  return () => {
    isOver = true;
    if (world.nodesList[pnn]?.deleted === true) {
      list(false);
      reloadAll();
    }
    world.time.at(world.time.nowMs + 1000, undefined, () => revive(world, pnn));
  };
}

const beginnings = {
  /** The power fails; the disk is kept. */
  crash: crash("kept"),
  "crash-wiped": crash("wiped"),
  kill: (world, { node }) => {
    world.node(node).kill();
    return () => revive(world, node);
  },
  /** An orderly end, and a start. */
  restart: (world, { node }) => {
    world.node(node).stop();
    return () => revive(world, node);
  },
  pause: (world, { node, durationMs }) => {
    world.node(node).pause(durationMs);
    return nothing;
  },
  "pause-daemon": (world, { node, durationMs }) => {
    world.node(node).pauseDaemon(durationMs);
    return nothing;
  },
  /** The leader's cluster manager, where there is a leader. */
  "stall-leader": (world, { node, durationMs }) => {
    world.node(world.leader() ?? node).pauseClusterManager(durationMs);
    return nothing;
  },
  "kill-manager": (world, { node, degree }) => {
    world.node(degree < 0.5 ? (world.leader() ?? node) : node).killClusterManager();
    return nothing;
  },
  "kill-helper": (world, { node, degree }) => {
    const programs = ["ctdb-lockd", "ctdb-commitd", "ctdb-vacuumd"];
    world.node(node).killHelpers(programs[Math.floor(degree * programs.length)] ?? "ctdb-lockd");
    return nothing;
  },
  "slow-disk": (world, { node, degree }) => {
    world.node(node).slowDisk(10 + 2000 * degree * degree * degree);
    return () => world.node(node).slowDisk();
  },
  "slow-loop": (world, { node, degree }) => {
    world.node(node).slowLoop(0.1 + 20 * degree * degree * degree);
    return () => world.node(node).slowLoop(0);
  },
  partition,
  "one-way": (world, { node, other }) => block(world, [[node, other]]),
  /** Two nodes do not see each other, all others do. */
  partial: (world, { node, other }) =>
    block(world, [
      [node, other],
      [other, node],
    ]),
  reset: (world, { node, other }) => {
    world.network.resetConnections(node, other);
    return nothing;
  },
  "slow-link": (world, { node, other, degree }) => {
    const speed = { minMs: 1 + 200 * degree * degree, jitterMs: 50 * degree, bytesPerMs: 1000 / (0.01 + degree) };
    world.network.setSpeed(node, other, speed);
    return () => world.network.setSpeed(node, other, undefined);
  },
  "lock-hang": (world) => {
    world.clusterLock.setMode("hang");
    return () => world.clusterLock.setMode("normal");
  },
  "lock-fail": (world) => {
    world.clusterLock.setMode("fail");
    return () => world.clusterLock.setMode("normal");
  },
  "lock-lost": (world, { degree }) => {
    world.clusterLock.lose({ noticed: degree < 0.5 ? "later" : "now" });
    return nothing;
  },
  "client-kill": (world, { node }) => {
    for (const process of userProcesses(world, node)) process.end({ code: null, signal: "SIGKILL" });
    return nothing;
  },
  /** Whatever they have locked stays locked. */
  "client-pause": (world, { node, durationMs }) => {
    for (const process of userProcesses(world, node)) process.pause(durationMs);
    return nothing;
  },
  stop: (world, { node }) => {
    const done = control(world, node, "STOP_NODE", undefined);
    return () => insist(world, node, "CONTINUE_NODE", undefined, done);
  },
  ban: (world, { node, durationMs }) => {
    const seconds = Math.max(1, Math.round(durationMs / 1000));
    const done = control(world, node, "SET_BAN_STATE", { pnn: node, time: seconds });
    return () => insist(world, node, "SET_BAN_STATE", { pnn: node, time: 0 }, done);
  },
  disable: (world, { node }) => {
    const done = control(world, node, "DISABLE_NODE", undefined);
    return () => insist(world, node, "ENABLE_NODE", undefined, done);
  },
  /** `ctdb recover`. */
  recover: (world, { node }) => {
    void control(world, node, "SET_RECMODE", 1);
    return nothing;
  },
  reload,
} as const satisfies Record<string, Begin>;

export type FaultKind = keyof typeof beginnings;

export const faultKinds = Object.keys(beginnings) as readonly FaultKind[];

export function isFaultKind(name: string): name is FaultKind {
  return Object.hasOwn(beginnings, name);
}

/** Does the fault. Call the result when its time is over. */
export function begin(world: World, fault: Fault): () => void {
  const { kind, node, other, durationMs, degree } = fault;
  world.trace.add(
    "fault",
    "",
    `${kind} node ${node} other ${other} for ${Math.round(durationMs)} ms, degree ${degree.toFixed(3)}`,
  );
  const beginning: Begin = beginnings[kind];
  const end = beginning(world, fault);
  return () => {
    world.trace.add("fault", "", `end of ${kind} node ${node}`);
    end();
  };
}
