// Bounds of the lock scheduler.

/**
 * Attempts to take the lock of a record before a helper is asked to wait for it. A client that changes one record holds it for a few
 * microseconds, and the helper costs fifty; an attempt costs a tenth of one (a system call with fcntl locks).
 */
export const TRIES_AT_ONCE = 20;
/** Requests of one chain that are served within one grant; then the lock is given up, so that other processes get their turn. */
export const REQUESTS_PER_GRANT_MAX = 64;
/** Milliseconds that one grant may take when many requests are served within it. */
export const GRANT_MS_MAX = 5;
/** Chains that are looked at in one turn of the loop after a thaw, or after a helper's death. */
export const CHAINS_PER_TURN_MAX = 64;
/** Kernel waits for one database unless the tunable LockProcessesPerDB says otherwise. */
export const WAITS_PER_DATABASE_DEFAULT = 200;
/** Pauses between the attempts to take the lock of a database without waiting; then a helper waits for it. */
export const DATABASE_LOCK_RETRY_MS = [1, 2, 4] as const;
/** How often waiting requests are looked over. */
export const WATCH_INTERVAL_MS = 1000;
/** After so long without a lock a line is logged, and again after each such time. */
export const WARNING_INTERVAL_MS = 10_000;
/** A freeze that waits so long has the holders of the lock logged. */
export const FREEZE_HOLDERS_AFTER_MS = 1000;
/** How long the longest logged wait of a key is remembered. */
export const WARNING_MEMORY_MS = 30_000;
/** Keys whose longest logged wait is remembered. */
export const WARNING_KEYS_MAX = 1000;
/** Waits that a report names, with the holders of each. */
export const WAITS_REPORTED_MAX = 32;
/** Chains for which a non-blocking attempt is made in one look-over, in case the helper says nothing. */
export const CHAINS_TRIED_PER_WATCH_MAX = 32;
