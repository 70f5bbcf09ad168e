// Handlers of the controls about nodes, flags, recovery mode, vnnmap, bans and run states, as ctdbd executes them.
import type { ControlHandlers } from "../controls/control-service.js";
import type { Clock, Logger } from "../platform/ports.js";
import { Capability, NodeFlag, type NodeMap, RecoveryMode, RunState, sockAddr } from "../protocol/index.js";
import { timeval } from "../statistics/statistics.js";
import type { NodeState } from "./node-state.js";
import type { NodeListEntry, NodeTable } from "./node-table.js";

/** What SET_RECMODE NORMAL must know of the databases. */
export interface RecoveryModeDatabases {
  /** Name and generation of a database whose generation differs from `generation`, if there is one. */
  firstWithOtherGeneration(generation: number): { readonly name: string; readonly generation: number } | undefined;
  /** A database that is frozen, or has another generation. */
  firstInRecovery(generation: number): { readonly name: string } | undefined;
  readonly allFrozen: boolean;
  thawAll(): void;
}

/** Runs an event's scripts; `status` 0 is success. */
export type RunEvent = (event: string, args: readonly string[], done: (status: number) => void) => void;

/** Tries the cluster lock as a contender: what a node must do before it believes that a recovery has ended. */
export type TestClusterLock = (done: (answer: "taken" | "contention" | "timeout" | "error") => void) => void;

export interface ClusterControlModules {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly nodes: NodeTable;
  readonly state: NodeState;
  readonly databases: RecoveryModeDatabases;
  readonly request: {
    request(
      pnn: number,
      name: "GET_RECLOCK_FILE",
      request: undefined,
      options: { readonly timeoutSeconds?: number },
      callback: (result: { readonly status: number; readonly data: Buffer; readonly errorText: string }) => void,
    ): void;
  };
  readonly counters: { numRecoveries: number; readonly reclockCtdbd: { add(seconds: number): void } };
  runEvent: RunEvent;
  testClusterLock: TestClusterLock;
  /** Reads the nodes list again; throws where it cannot be read or parsed. */
  readNodesList(): NodeListEntry[];
  /** Connections follow a changed nodes list. */
  nodesListChanged(change: { readonly dropped: number[]; readonly added: number[] }): void;
  nodesFileBroken(reason: string): void;
  /** NORMAL again: attaches that waited may go on. */
  recoveryEnded(): void;
  /** Answers every TRANS3 commit that a recovery cut short. */
  endCommits(): void;
  shutdown(reason: string, exitCode: number): void;
}

export interface ClusterControlOptions {
  readonly port: number;
  /** The configured cluster lock, verbatim. */
  readonly clusterLock: string | undefined;
  readonly daemonStartedWallMs: number;
}

export function clusterControls(modules: ClusterControlModules, options: ClusterControlOptions): ControlHandlers {
  const { nodes, state, logger, clock } = modules;

  return {
    GET_PNN: (_, call) => call.status(nodes.ownPnn),
    GET_RUNSTATE: (_, call) => call.reply(state.runState),
    GET_RECMODE: (_, call) => call.status(state.recoveryMode),
    GETVNNMAP: (_, call) => call.reply(state.vnnMap),
    GET_CAPABILITIES: (_, call) => call.reply(state.capabilities),
    GET_RECLOCK_FILE: (_, call) => call.reply(options.clusterLock ?? null),

    GET_NODEMAP: (_, call) => call.reply(currentNodeMap(nodes, options.port)),

    GET_NODES_FILE: (_, call) => {
      let list: NodeListEntry[];
      try {
        list = modules.readNodesList();
      } catch (error) {
        logger.error(`nodes list: ${String(error)}`);
        call.fail();
        return;
      }
      call.reply({
        nodes: list.map((entry, pnn) => ({
          pnn,
          flags: entry.deleted ? NodeFlag.DELETED : 0,
          addr: sockAddr(entry.address, options.port),
        })),
      });
    },

    RELOAD_NODES_FILE: (_, call) => {
      const wasInactive = state.isInactive;
      try {
        modules.nodesListChanged(nodes.reload(modules.readNodesList()));
      } catch (error) {
        modules.nodesFileBroken(String(error));
        call.fail();
        return;
      }
      state.nodesListRead(wasInactive);
      call.status(0);
    },

    SETVNNMAP: (map, call) => {
      if (!state.isRecovering) {
        logger.error("Attempt to set vnnmap when not in recovery");
        call.fail();
        return;
      }
      if (state.isInactive) {
        // Stopped or banned since the leader has asked: its generation stays invalid, and the next recovery does without it.
        logger.notice("vnnmap is refused: this node is stopped or banned");
        call.fail("this node is stopped or banned");
        return;
      }
      state.setVnnMap(map);
      call.status(0);
    },

    SET_RECMODE: (mode, call) => {
      if (mode === state.recoveryMode) {
        logger.info(`Recovery mode already set to ${mode === RecoveryMode.NORMAL ? "NORMAL" : "ACTIVE"}`);
        call.status(0);
        return;
      }
      if (mode !== RecoveryMode.NORMAL) {
        state.setRecoveryMode(RecoveryMode.ACTIVE);
        call.status(0);
        return;
      }
      const { generation } = state;
      if (state.isInactive) {
        call.fail("this node is stopped or banned");
        return;
      }
      const other = modules.databases.firstWithOtherGeneration(generation);
      if (other !== undefined) {
        logger.error(`Inconsistent DB generation ${other.generation} for ${other.name}`);
        call.fail();
        return;
      }
      if (modules.databases.allFrozen) modules.databases.thawAll();
      const becomeNormal = (): void => {
        // The test of the lock takes time: the node may have been stopped meanwhile, or another recovery begun. One of a leader that
        // has lost the lock and does not know yet may have had its map replaced, and still freeze and commit databases.
        const unfinished = modules.databases.firstInRecovery(generation);
        if (state.isInactive || state.generation !== generation || unfinished !== undefined) {
          if (unfinished !== undefined) logger.error(`Another recovery is at work on ${unfinished.name}`);
          call.fail("the recovery that this ends has been overtaken");
          return;
        }
        state.setRecoveryMode(RecoveryMode.NORMAL);
        modules.recoveryEnded();
        call.status(0);
      };
      if (options.clusterLock === undefined) {
        becomeNormal();
        return;
      }
      const startMs = clock.now();
      modules.testClusterLock((answer) => {
        if (answer === "contention") modules.counters.reclockCtdbd.add((clock.now() - startMs) / 1000);
        if (answer === "taken") {
          call.fail(
            "Took recovery lock from daemon during recovery - probably a cluster filesystem lock coherence problem",
          );
          return;
        }
        if (answer === "error") {
          call.fail("Unexpected error when testing recovery lock");
          return;
        }
        if (answer === "timeout") logger.warning("Time out getting recovery lock, allowing recmode set anyway");
        becomeNormal();
      });
    },

    MODIFY_FLAGS: (change, call) => {
      if (change.pnn === nodes.ownPnn) {
        call.status(0);
        return;
      }
      const node = nodes.get(change.pnn);
      if (node === undefined) {
        call.fail();
        return;
      }
      if ((node.flags & NodeFlag.DISCONNECTED) !== 0) {
        logger.debug("MODIFY FLAGS for a disconnected node ignored");
        call.status(0);
        return;
      }
      const old = node.flags;
      const flags = change.newFlags & ~NodeFlag.DISCONNECTED;
      if (nodes.setFlags(change.pnn, flags)) {
        logger.notice(`Node ${change.pnn} has changed flags - 0x${old.toString(16)} -> 0x${flags.toString(16)}`);
      }
      // C daemons do this in STARTUP, too; but then this node has just been recovered, and the whole cluster would be again.
      if (flags === 0 && state.runState < RunState.STARTUP) state.setRecoveryMode(RecoveryMode.ACTIVE);
      call.status(0);
    },

    STOP_NODE: (_, call) => {
      state.stop();
      call.status(0);
    },
    CONTINUE_NODE: (_, call) => {
      state.continue();
      call.status(0);
    },
    DISABLE_NODE: (_, call) => {
      logger.error("Disable node");
      nodes.addFlags(nodes.ownPnn, NodeFlag.PERMANENTLY_DISABLED);
      call.status(0);
    },
    ENABLE_NODE: (_, call) => {
      logger.error("Enable node");
      nodes.clearFlags(nodes.ownPnn, NodeFlag.PERMANENTLY_DISABLED);
      call.status(0);
    },

    SET_BAN_STATE: (ban, call) => {
      if (ban.pnn !== nodes.ownPnn) {
        logger.warning(`SET_BAN_STATE control for PNN ${ban.pnn} ignored`);
        call.fail();
        return;
      }
      state.setBan(ban.time);
      call.status(0);
    },
    GET_BAN_STATE: (_, call) => call.reply({ pnn: nodes.ownPnn, time: state.banSeconds }),

    SET_LMASTERROLE: (on, call) => {
      state.setCapability(Capability.LMASTER, on !== 0);
      call.status(0);
    },
    SET_RECMASTERROLE: (on, call) => {
      state.setCapability(Capability.RECMASTER, on !== 0);
      call.status(0);
    },

    START_RECOVERY: (_, call) => {
      logger.error("Recovery has started");
      state.lastRecoveryStartedMs = clock.wall();
      const run = (): void => modules.runEvent("startrecovery", [], (status) => call.status(status));
      if (!nodes.isConnected(call.srcnode)) {
        run();
        return;
      }
      modules.request.request(call.srcnode, "GET_RECLOCK_FILE", undefined, {}, (result) => {
        if (result.status !== 0) {
          logger.error("Recovery lock check failed");
          call.fail(result.errorText, result.status);
          return;
        }
        const theirs = result.data.length === 0 ? undefined : result.data.toString("utf8").replace(/\0.*$/s, "");
        if (theirs === options.clusterLock) {
          logger.info("Recovery lock consistency check successful");
          run();
          return;
        }
        call.fail();
        modules.shutdown(
          `Recovery lock configuration inconsistent: recmaster has ${theirs ?? "NULL"}, ` +
            `this node has ${options.clusterLock ?? "NULL"}, shutting down`,
          1,
        );
      });
    },

    END_RECOVERY: (_, call) => {
      logger.error("Recovery has finished");
      if (!state.isRecovering) modules.endCommits();
      modules.runEvent("recovered", [], (status) => {
        modules.counters.numRecoveries++;
        state.lastRecoveryFinishedMs = clock.wall();
        if (state.runState === RunState.FIRST_RECOVERY) {
          state.setRunState(RunState.STARTUP);
          // Attaches that came when recovery mode was normal already, but the run state too low, wait for this.
          if (!state.isRecovering) modules.recoveryEnded();
        }
        call.status(status);
      });
    },

    UPTIME: (_, call) =>
      call.reply({
        currentTime: timeval(clock.wall()),
        ctdbdStartTime: timeval(options.daemonStartedWallMs),
        lastRecoveryStarted: timeval(state.lastRecoveryStartedMs),
        lastRecoveryFinished: timeval(state.lastRecoveryFinishedMs),
      }),
  };
}

/** The nodes as this node sees them (GET_NODEMAP). */
export function currentNodeMap(nodes: NodeTable, port: number): NodeMap {
  return {
    nodes: nodes.all.map((node) => ({
      pnn: node.pnn,
      flags: node.flags,
      addr: sockAddr(node.address, port),
    })),
  };
}
