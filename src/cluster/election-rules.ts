// Who wins an election by messages: pure comparison, the same on every node and in the C recovery daemon.
import { type ElectionMessage, NodeFlag } from "../protocol/index.js";

export interface Candidate {
  readonly pnn: number;
  /** Flags allow it and it has the RECMASTER capability. */
  readonly canBeLeader: boolean;
  readonly prioritySec: number;
  readonly priorityUsec: number;
}

/**
 * True when `own` beats the sender: it can be leader, and the sender is inactive, or has the later priority time, or the
 * same time and a lower pnn.
 */
export function beats(own: Candidate, sender: ElectionMessage): boolean {
  if (!own.canBeLeader) return false;
  if ((sender.nodeFlags & NodeFlag.INACTIVE) !== 0) return true;
  if (own.prioritySec !== sender.priorityTime.sec) return own.prioritySec < sender.priorityTime.sec;
  if (own.priorityUsec !== sender.priorityTime.usec) return own.priorityUsec < sender.priorityTime.usec;
  return own.pnn > sender.pnn;
}
