// Message ids that never leave the node: ctdbd tells its own children about changes, so that they need not poll.

export const LocalSrvid = {
  /**
   * Flags or connection of a node, the recovery mode or the VNN map changed. Payload: as the reply of GET_NODEMAP.
   * Sent by ctdbd to its local clients only.
   */
  NODES_CHANGED: 0x9e10_0000_0000_0001n,
} as const;
