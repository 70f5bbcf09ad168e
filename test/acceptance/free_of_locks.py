#!/usr/bin/python3
# Tries to lock all records of volatile databases that a daemon has open, without waiting. Says which have a lock on them; the
# exit status is their number.
# usage: free_of_locks.py PATH...
import ctypes
import os
import struct
import sys

# As ctdbd tells its clients to open them. Nothing is cleared while it has them open.
CLEAR_IF_FIRST, NOSYNC, DISALLOW_NESTING, INCOMPATIBLE_HASH, MUTEX_LOCKING = 0x1, 0x40, 0x400, 0x800, 0x1000
FEATURES_OFFSET, FEATURE_MUTEX = 60, 1

lib = ctypes.CDLL("libtdb.so.1", use_errno=True)
lib.tdb_open.restype = ctypes.c_void_p
lib.tdb_open.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_uint]
for name in ("tdb_lockall_nonblock", "tdb_unlockall", "tdb_close"):
    getattr(lib, name).argtypes = [ctypes.c_void_p]


def is_free(path):
    with open(path, "rb") as file:
        features, = struct.unpack_from("<I", file.read(168), FEATURES_OFFSET)
    flags = CLEAR_IF_FIRST | NOSYNC | DISALLOW_NESTING | INCOMPATIBLE_HASH
    if features & FEATURE_MUTEX:
        flags |= MUTEX_LOCKING
    tdb = lib.tdb_open(os.fsencode(path), 0, flags, os.O_RDWR, 0)
    if not tdb:
        raise OSError(ctypes.get_errno(), path)
    free = lib.tdb_lockall_nonblock(tdb) == 0
    if free:
        lib.tdb_unlockall(tdb)
    lib.tdb_close(tdb)
    return free


locked = [path for path in sys.argv[1:] if not is_free(path)]
print(*locked, sep="\n", end="\n" if locked else "")
sys.exit(len(locked))
