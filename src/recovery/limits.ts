// The named bounds of a database recovery. Used by every file of this folder.

/** Attempts a database gets within one recovery. */
export const DATABASE_ATTEMPTS_MAX = 3;

/** Failures after which the worst node of a failed recovery is banned. */
export const BAN_CREDITS_MIN = 3;

/**
 * Databases whose records travel at the same time. Freezing is not bounded by it: a client that holds a record of one
 * database may wait for a record of another, so every database must get the chance to freeze.
 */
export const STREAMING_DATABASES_MAX = 4;

/** Bytes a push may have under way to the slowest node before the next buffer waits. */
export const PUSH_WINDOW_BYTES = 2 * 1024 * 1024;

/** The largest slab of the record store, whatever RecBufferSizeLimit says. A single larger record gets its own slab. */
export const SLAB_BYTES_MAX = 4 * 1024 * 1024;

/** The first slab of a database; the following ones double until the limit, since most databases are small. */
export const SLAB_BYTES_FIRST = 64 * 1024;

/** Bytes of a received buffer that are merged in one turn of the event loop. */
export const MERGE_SLICE_BYTES = 2 * 1024 * 1024;
