// Only the holder of the cluster lock acts as leader: looked at in each packet that a cluster manager writes. One that has lost the
// lock may go on until its lock helper has found out.
import {
  Control,
  Operation,
  packetOperation,
  RecoveryMode,
  reqControlData,
  reqControlOpcode,
  reqMessageData,
  reqMessageSrvid,
  Srvid,
} from "../../protocol/index.js";
import type { World } from "../world.js";
import type { Findings } from "./findings.js";

const CLUSTER_MANAGER = "ctdb-clusterd";
/** What the cluster manager takes to hear of the end of its helper; if it was stopped, from when it goes on. */
const NOTICE_MS = 5;

/** What cluster managers send as leaders only: recoveries and takeover runs. */
const LEADER_CONTROLS: ReadonlySet<number> = new Set([
  Control.START_RECOVERY,
  Control.SETVNNMAP,
  Control.DB_FREEZE,
  Control.DB_TRANSACTION_START,
  Control.WIPE_DATABASE,
  Control.DB_PUSH_START,
  Control.DB_PUSH_CONFIRM,
  Control.DB_TRANSACTION_COMMIT,
  Control.DB_THAW,
  Control.END_RECOVERY,
  Control.IPREALLOCATED,
]);

/** From now on, as long as the world runs. */
export function watchLeaders(world: World, findings: Pick<Findings, "add">): void {
  world.watchClientPackets(CLUSTER_MANAGER, (pnn, packet) => {
    const act = leaderAct(pnn, packet);
    if (act === undefined) return;
    const node = world.node(pnn);
    if (!node.settings.clusterLock) return;
    const noticeMs = world.time.nowMs - NOTICE_MS;
    const goesOnMs = node.clusterManagerProcess?.busyUntilMs ?? 0;
    // Whatever it was told while it stood still, it has not heard yet.
    if (world.clusterLock.mayBelieve(pnn, goesOnMs >= noticeMs ? 0 : noticeMs)) return;
    findings.add("leader without the cluster lock", `node ${pnn}: ${act}`, [node.machine.name]);
  });
}

/** What a packet of the cluster manager of node `pnn` says that only a leader says; undefined: nothing. */
function leaderAct(pnn: number, packet: Buffer): string | undefined {
  const operation = packetOperation(packet);
  if (operation === Operation.REQ_CONTROL) {
    const opcode = reqControlOpcode(packet);
    if (LEADER_CONTROLS.has(opcode)) return `control ${opcode}`;
    const isNormal = opcode === Control.SET_RECMODE && reqControlData(packet).readUInt32LE(0) === RecoveryMode.NORMAL;
    return isNormal ? "recovery mode normal" : undefined;
  }
  if (operation !== Operation.REQ_MESSAGE || reqMessageSrvid(packet) !== Srvid.LEADER) return undefined;
  const leader = reqMessageData(packet).readUInt32LE(0);
  return leader === pnn ? "leader broadcast" : undefined;
}
