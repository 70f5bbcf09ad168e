// Whether a process of the cluster that is named in a lock record still lives. Called by g-lock.ts.
import { NodeFlag, type ServerId } from "../protocol/index.js";
import type { DaemonLink } from "./daemon-link.js";
import { ControlFailedError, ControlTimeoutError } from "./errors.js";

/** A unique id that says nothing: Samba then asks for the pid only. */
export const NOT_TO_VERIFY = 0xffff_ffff_ffff_ffffn;

/** Task ids of lock claims of this library: marker (8 bits), session (12), claim of the session (12). */
const MARKER = 0xc7;
const CLAIM_BITS = 12;
export const CLAIMS_PER_SESSION = 1 << CLAIM_BITS;
/**
 * A connection that holds locks registers one srvid of these, so that a later one of the same process is told from it. The tool has
 * 0xce01... and 0xce02....
 */
const SESSION_SRVID_PREFIX = 0xce03_0000_0000_0000n;
const PID_MAX = 0xffff_ffffn;

/** Task id of a claim; both numbers are cut to their 12 bits. */
export function claimTaskId(session: number, claim: number): number {
  return ((MARKER << 24) | ((session & 0xfff) << CLAIM_BITS) | (claim & 0xfff)) >>> 0;
}

/** The session of a claim of this library (12 bits); undefined for anybody else's server id. */
export function claimSession({ taskId, uniqueId }: ServerId): number | undefined {
  if (uniqueId !== NOT_TO_VERIFY || taskId >>> 24 !== MARKER) return undefined;
  return (taskId >>> CLAIM_BITS) & 0xfff;
}

/** The srvid that a connection registers as long as it has the claims of `session`. */
export function sessionSrvid(session: number): bigint {
  return SESSION_SRVID_PREFIX | BigInt(session & 0xfff);
}

/**
 * False if the process is certainly gone: its node is not there any more, or it is no client of its node's daemon (PROCESS_EXISTS, control
 * 0), or not with that identity (CHECK_PID_SRVID, control 151). True also where no answer came in time. Throws ConnectionLostError.
 */
export async function mayExist(link: DaemonLink, server: ServerId): Promise<boolean> {
  const { vnn, uniqueId } = server;
  if (server.pid <= 0n || server.pid > PID_MAX) return false;
  const pid = Number(server.pid);
  // First the pid: a child may have inherited the dead one's connection, and keeps its srvids alive.
  if (!(await answers(link, vnn, "PROCESS_EXISTS", pid))) return false;
  if (uniqueId !== NOT_TO_VERIFY) {
    // A unique id of Samba is a srvid of its process. The tool's is not: there only the pid counts.
    return isToolId(server) || answers(link, vnn, "CHECK_PID_SRVID", { pid, srvid: uniqueId });
  }
  const session = claimSession(server);
  return session === undefined || answers(link, vnn, "CHECK_PID_SRVID", { pid, srvid: sessionSrvid(session) });
}

/** The tool's server ids: the task is a database, and the unique id is made of it and the pid. */
function isToolId({ pid, taskId, uniqueId }: ServerId): boolean {
  return uniqueId === ((BigInt(taskId) << 32n) | pid);
}

async function answers(
  link: DaemonLink,
  pnn: number,
  ...control: readonly ["PROCESS_EXISTS", number] | readonly ["CHECK_PID_SRVID", { pid: number; srvid: bigint }]
): Promise<boolean> {
  try {
    if (control[0] === "PROCESS_EXISTS") await link.control(control[0], control[1], { pnn });
    else await link.control(control[0], control[1], { pnn });
    return true;
  } catch (error) {
    if (error instanceof ControlTimeoutError) return true;
    if (!(error instanceof ControlFailedError)) throw error;
    return error.text !== "" && !(await isAway(link, pnn));
  }
}

/**
 * The daemon could not ask: because the node is gone? One that is only out of sight of this node, and still a member of the cluster
 * for the leader (so in the VNN map), may hold what it holds.
 */
async function isAway(link: DaemonLink, pnn: number): Promise<boolean> {
  const { nodes } = await link.control("GET_NODEMAP", undefined, undefined);
  const node = nodes.find((candidate) => candidate.pnn === pnn);
  if (node === undefined || (node.flags & NodeFlag.DELETED) !== 0) return true;
  if ((node.flags & NodeFlag.DISCONNECTED) === 0) return false;
  const { map } = await link.control("GETVNNMAP", undefined, undefined);
  return !map.includes(pnn);
}
