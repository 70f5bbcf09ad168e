#!/usr/bin/python3
# Prints what TDB files hold, by the C library and without any lock. Standard input: one path a line. Standard output: one JSON
# object a line: path; hash ("jenkins" or "old"), mutexes, checked (does tdb_check find the file in order?), records (pairs of
# base64); or error.
import base64
import ctypes
import json
import os
import struct
import sys

NOLOCK, INCOMPATIBLE_HASH = 0x4, 0x800
RWLOCKS_JENKINS, RWLOCKS_FEATURES = 0x0BAD1A51, 0x0BAD1A52
MAGIC1_OLD_HASH = 0xF67D9F0D
FEATURE_MUTEX = 1

lib = ctypes.CDLL("libtdb.so.1", use_errno=True)


class Data(ctypes.Structure):
    _fields_ = [("dptr", ctypes.POINTER(ctypes.c_char)), ("dsize", ctypes.c_size_t)]


VISIT = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, Data, Data, ctypes.c_void_p)
lib.tdb_open.restype = ctypes.c_void_p
lib.tdb_open.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_uint]
lib.tdb_traverse_read.argtypes = [ctypes.c_void_p, VISIT, ctypes.c_void_p]
lib.tdb_check.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
lib.tdb_close.argtypes = [ctypes.c_void_p]


def properties(path):
    """Whether the file itself says that it has the jenkins hash, and mutexes."""
    with open(path, "rb") as file:
        rwlocks, _, _, magic1, _, features = struct.unpack_from("<6I", file.read(168), 40)
    if rwlocks == RWLOCKS_FEATURES:
        return magic1 != MAGIC1_OLD_HASH, features & FEATURE_MUTEX != 0
    return rwlocks == RWLOCKS_JENKINS, False


def dump(path):
    try:
        jenkins, mutexes = properties(path)
    except (OSError, struct.error) as error:
        return {"path": path, "error": str(error)}
    flags = NOLOCK | (INCOMPATIBLE_HASH if jenkins else 0)
    tdb = lib.tdb_open(os.fsencode(path), 0, flags, os.O_RDONLY, 0)
    if not tdb:
        return {"path": path, "error": os.strerror(ctypes.get_errno())}
    records = []

    def visit(_tdb, key, data, _state):
        records.append([base64.b64encode(one.dptr[: one.dsize]).decode() for one in (key, data)])
        return 0

    lib.tdb_traverse_read(tdb, VISIT(visit), None)
    checked = lib.tdb_check(tdb, None, None) == 0
    lib.tdb_close(tdb)
    hash_name = "jenkins" if jenkins else "old"
    return {"path": path, "hash": hash_name, "mutexes": mutexes, "checked": checked, "records": records}


for line in sys.stdin:
    print(json.dumps(dump(line.rstrip("\n"))))
