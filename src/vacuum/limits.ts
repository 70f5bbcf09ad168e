// Bounds of the vacuuming.

/** Records that the daemon hands to the vacuuming process at a time, and that are asked for in one TRY_DELETE_RECORDS. */
export const BATCH_RECORDS_MAX = 500;
/** A batch with long keys is cut off at so many bytes. */
export const BATCH_BYTES_MAX = 256 * 1024;
/** Longest time that the daemon's loop is kept by one slice of the work. */
export const DAEMON_SLICE_MS = 1;
/** Pause of the daemon between two slices. */
export const DAEMON_PAUSE_MS = 2;
/** Longest time that the vacuuming process works before it looks for orders and rests. */
export const WORKER_SLICE_MS = 2;
/** Records between two looks at the clock. */
export const RECORDS_BETWEEN_CLOCK_READS = 16;
/** Controls to other nodes that wait their turn in slices; more fail at once, and their senders try again later. */
export const SLICED_CONTROLS_MAX = 1000;
/** Records that are on their way to this node to be removed. */
export const FETCHES_IN_FLIGHT_MAX = 256;
/** Fetches begun in one tick of the fetcher, at least and at most. */
export const FETCHES_A_TICK_MIN = 4;
export const FETCHES_A_TICK_MAX = 64;
export const FETCH_TICK_MS = 10;
/** What could not be fetched is tried again after so long. */
export const FETCH_RETRY_MS = 1000;
/** Nodes that do not answer a control of a run within this time have failed; the run goes on without deleting. */
export const CONTROL_TIMEOUT_MS = 10_000;
/** A full run tries so often for chains that other processes hold, with a pause each time. */
export const BUSY_CHAIN_TRIES_MAX = 20;
export const BUSY_CHAIN_PAUSE_MS = 50;
/** A run that was told to stop has so long for it; then its process is killed. */
export const STOP_PATIENCE_MS = 1000;
