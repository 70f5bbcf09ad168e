// Message ids that only daemons of this project use. C daemons have no handler for them and drop them without a word.

/** Messages that never leave the node: ctdbd tells its own children about changes, so that they need not poll. */
export const LocalSrvid = {
  /**
   * Flags or connection of a node, the recovery mode or the VNN map changed. Payload: as the reply of GET_NODEMAP.
   * Sent by ctdbd to its local clients only.
   */
  NODES_CHANGED: 0x9e10_0000_0000_0001n,
} as const;

/** Messages between cluster managers. */
export const PeerSrvid = {
  /**
   * Answer to an ELECTION message, to the node that sent it: "I have compared, you come first". Payload: u32 pnn of the
   * answering node. A node that has it from all others need not wait for their silence.
   */
  ELECTION_YIELD: 0x9e10_0000_0000_0002n,
} as const;
