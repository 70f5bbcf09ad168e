// Times and bounds of the cluster manager that are its own. What C peers see is not slower than the C recovery daemon's.

/** The leader tells all connected nodes about itself this often. */
export const LEADER_BROADCAST_MS = 1000;

/** Another node's claim to lead is answered no more often than this: two that claim it must not feed each other. */
export const LEADER_ANSWER_GAP_MS = 100;

/**
 * After the last node has connected, a first election waits this long for the broadcast of a leader that may be there
 * already (it broadcasts each second to connected nodes).
 */
export const FIRST_ELECTION_QUIET_MS = 1200;

/** The same when no connected node has taken part in a recovery yet: nobody can be leading. */
export const FIRST_ELECTION_FRESH_MS = 250;

/** How long the nodes get to say whether they have taken part in a recovery. */
export const FRESHNESS_QUERY_TIMEOUT_MS = 1000;

/** The same while configured nodes are missing and a cluster lock keeps two leaders apart. */
export const FIRST_ELECTION_INCOMPLETE_MS = 2500;

/** The leader's connection broke: how long it gets to come back before an election starts. */
export const LEADER_LOSS_GRACE_MS = 100;

/**
 * A leader timeout that fires later than this did not see the broadcasts because this process stood still: they are read
 * first, for LEADER_STALL_PAUSE_MS.
 */
export const LEADER_STALL_MS = 1000;
export const LEADER_STALL_PAUSE_MS = 1500;

/**
 * An election by messages ends when no ELECTION came for this long. A C peer that wins answers after 500 ms; one that is
 * later still takes part, since its message opens the election again.
 */
export const ELECTION_QUIET_MS = 800;

/** Delay of the own ELECTION message after one that it beats; several such are answered by one. */
export const ELECTION_REPLY_MS = 50;

/** First pause after the cluster lock was taken by somebody who does not announce himself; doubles up to the leader timeout. */
export const LOCK_RETRY_FIRST_MS = 100;

/** Longest time that a lock helper may take to answer. */
export const LOCK_TAKE_TIMEOUT_MS = 120_000;

/** After a change is known, further ones within this time are handled by the same pass. */
export const EVENT_PASS_DELAY_MS = 5;

/** Passes of the main loop never begin closer together, however many changes come. */
export const PASS_GAP_MIN_MS = 20;

/** Requests for a takeover run that are kept; more are refused by dropping them, as their senders ask again. */
export const TAKEOVER_REQUESTS_MAX = 1000;

/** Rebalance targets that are kept for the next takeover run. */
export const REBALANCE_TARGETS_MAX = 1000;

/**
 * How many times within one RerecoveryTimeout a change of membership may cut the pause after a recovery short. A node
 * that comes and goes faster than that gets the pause in full.
 */
export const PAUSE_LIFTS_MAX = 8;

/** Seconds for which the other nodes keep off takeover runs while the leader makes one. */
export const TAKEOVER_DISABLE_SECONDS = 60;

/** A leader without a cluster lock checks this often whether all nodes are connected. */
export const INCOMPLETE_CHECK_MS = 60_000;

/** How long a recovery waits for active nodes that are not connected with each other yet; a C node tries once a second. */
export const LINKS_GRACE_MS = 2500;

/** How often the leader looks meanwhile. */
export const LINKS_LOOK_MS = 40;
