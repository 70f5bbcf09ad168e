// Where the robust mutexes lie in a TDB file with MUTEX_LOCKING, and what their first word means (Linux, glibc). All word
// numbers count 32-bit words from the start of the file.

/** Bytes of one pthread_mutex_t; its first word is the lock word. */
const MUTEX_WORDS = 10;
const FIRST_MUTEX_WORD = 54;

/** The lock word of the mutex of all records. */
export const ALLRECORD_MUTEX_WORD = 42;
/** The word whose lower half says how all records are locked. */
export const ALLRECORD_STATE_WORD = 52;
/** Value of that half when nobody has locked all records. */
export const ALLRECORD_UNLOCKED = 2;

/** The lock word of the mutex of `chain`; -1 is the list of free space. */
export function chainMutexWord(chain: number): number {
  return FIRST_MUTEX_WORD + MUTEX_WORDS * (chain + 1);
}

/** Set by the kernel when the owner died. */
export const FUTEX_OWNER_DIED = 0x40000000;
/** The owner's thread id. */
export const FUTEX_TID_MASK = 0x3fffffff;
