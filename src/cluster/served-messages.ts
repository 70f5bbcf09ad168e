// The messages that the cluster manager serves: checks of their size, and whom they are for.
import type { Logger } from "../platform/ports.js";
import {
  DisableMessage,
  ElectionMessage,
  NodeFlagChange,
  NodeMap,
  ProtocolError,
  Srvid,
  SrvidMessage,
  U32,
} from "../protocol/index.js";
import type { DaemonLink, MessageRegistration } from "./daemon-link.js";
import { LocalSrvid, PeerSrvid } from "./local-srvids.js";

export interface MessageHandlers {
  onNodesChanged(map: NodeMap): void;
  onLeader(pnn: number): void;
  onElection(sender: ElectionMessage): void;
  onElectionYield(pnn: number): void;
  onBanning(pnn: number): void;
  onPushNodeFlags(change: NodeFlagChange): void;
  onReloadNodes(): void;
  onTakeoverRun(request: SrvidMessage): void;
  onRebalanceNode(pnn: number): void;
  onDisableTakeoverRuns(request: DisableMessage): void;
  onDisableRecoveries(request: DisableMessage): void;
  onMemoryDump(request: SrvidMessage): void;
}

const SRVID_MESSAGE_BYTES = 16;
const FLAG_CHANGE_BYTES = 12;
const U32_BYTES = 4;

/** Registers all messages; on failure none stays registered. */
export async function registerMessages(
  link: DaemonLink,
  handlers: MessageHandlers,
  logger: Logger,
): Promise<MessageRegistration[]> {
  const u32 = (data: Uint8Array, exact: boolean): number => {
    if (exact && data.length !== U32_BYTES) throw new ProtocolError(0, "u32", `${data.length} bytes instead of 4`);
    return U32.decode(data);
  };
  const srvidMessage = (data: Uint8Array): SrvidMessage => {
    if (data.length !== SRVID_MESSAGE_BYTES) {
      throw new ProtocolError(0, "SrvidMessage", `${data.length} bytes instead of ${SRVID_MESSAGE_BYTES}`);
    }
    return SrvidMessage.decode(data);
  };
  const flagChange = (data: Uint8Array): NodeFlagChange => {
    if (data.length !== FLAG_CHANGE_BYTES) {
      throw new ProtocolError(0, "NodeFlagChange", `${data.length} bytes instead of ${FLAG_CHANGE_BYTES}`);
    }
    return NodeFlagChange.decode(data);
  };
  const served: ReadonlyArray<readonly [bigint, (data: Uint8Array) => void]> = [
    [LocalSrvid.NODES_CHANGED, (data) => handlers.onNodesChanged(NodeMap.decode(data))],
    [Srvid.LEADER, (data) => handlers.onLeader(u32(data, false))],
    [Srvid.ELECTION, (data) => handlers.onElection(ElectionMessage.decode(data))],
    [PeerSrvid.ELECTION_YIELD, (data) => handlers.onElectionYield(u32(data, true))],
    [Srvid.BANNING, (data) => handlers.onBanning(u32(data, true))],
    [Srvid.PUSH_NODE_FLAGS, (data) => handlers.onPushNodeFlags(flagChange(data))],
    [
      Srvid.SET_NODE_FLAGS,
      () => logger.notice(`SRVID CTDB_SRVID_SET_NODE_FLAGS (0x${Srvid.SET_NODE_FLAGS.toString(16)}) is obsolete`),
    ],
    [Srvid.RELOAD_NODES, () => handlers.onReloadNodes()],
    [Srvid.TAKEOVER_RUN, (data) => handlers.onTakeoverRun(srvidMessage(data))],
    [Srvid.REBALANCE_NODE, (data) => handlers.onRebalanceNode(u32(data, true))],
    [Srvid.DISABLE_TAKEOVER_RUNS, (data) => handlers.onDisableTakeoverRuns(DisableMessage.decode(data))],
    [Srvid.DISABLE_RECOVERIES, (data) => handlers.onDisableRecoveries(DisableMessage.decode(data))],
    [
      Srvid.DISABLE_IP_CHECK,
      (data) => handlers.onDisableTakeoverRuns({ pnn: link.pnn, srvid: 0n, timeout: u32(data, true) }),
    ],
    [Srvid.MEM_DUMP, (data) => handlers.onMemoryDump(srvidMessage(data))],
  ];
  const registrations: MessageRegistration[] = [];
  try {
    for (const [srvid, serve] of served) {
      registrations.push(
        await link.onMessage(srvid, (data) => {
          try {
            serve(data);
          } catch (error) {
            if (!(error instanceof ProtocolError)) throw error;
            logger.error(`Message to srvid 0x${srvid.toString(16)} ignored: ${error.message}`);
          }
        }),
      );
    }
  } catch (error) {
    await Promise.allSettled(registrations.map((registration) => registration.close()));
    throw error;
  }
  return registrations;
}
