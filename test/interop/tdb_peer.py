#!/usr/bin/python3
# A second process on a TDB file, on the C library alone. Reads one command a line, answers one line.
# usage: tdb_peer.py PATH FLAGS
import ctypes
import os
import sys
import time

lib = ctypes.CDLL("libtdb.so.1", use_errno=True)


class Data(ctypes.Structure):
    _fields_ = [("dptr", ctypes.c_char_p), ("dsize", ctypes.c_size_t)]


lib.tdb_open.restype = ctypes.c_void_p
lib.tdb_open.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_uint]
for name in ("chainlock", "chainlock_nonblock", "chainunlock", "delete"):
    getattr(lib, "tdb_" + name).argtypes = [ctypes.c_void_p, Data]
for name in ("lockall", "lockall_nonblock", "unlockall", "transaction_start", "transaction_commit", "close"):
    getattr(lib, "tdb_" + name).argtypes = [ctypes.c_void_p]
lib.tdb_store.argtypes = [ctypes.c_void_p, Data, Data, ctypes.c_int]


class Fetched(ctypes.Structure):
    _fields_ = [("dptr", ctypes.c_void_p), ("dsize", ctypes.c_size_t)]


lib.tdb_fetch.restype = Fetched
lib.tdb_fetch.argtypes = [ctypes.c_void_p, Data]


def data(text):
    raw = text.encode("latin1")
    return Data(raw, len(raw))


tdb = lib.tdb_open(sys.argv[1].encode(), 0, int(sys.argv[2], 0), os.O_RDWR, 0o600)
print("open" if tdb else "failed errno %d" % ctypes.get_errno(), flush=True)
if not tdb:
    sys.exit(1)


def fetch(key):
    found = lib.tdb_fetch(tdb, data(key))
    if not found.dptr:
        return None
    return ctypes.string_at(found.dptr, found.dsize).decode("latin1")


def increment(key, times, hold):
    for _ in range(times):
        if lib.tdb_chainlock(tdb, data(key)) != 0:
            raise RuntimeError("chainlock failed")
        value = int(fetch(key) or "0") + 1
        if hold > 0:
            time.sleep(hold)
        lib.tdb_store(tdb, data(key), data(str(value)), 1)
        lib.tdb_chainunlock(tdb, data(key))
    return 0


while True:
    line = sys.stdin.readline()
    if not line:
        break
    words = line.split()
    name, args = words[0], words[1:]
    if name == "fetch":
        answer = fetch(args[0])
    elif name == "store":
        answer = lib.tdb_store(tdb, data(args[0]), data(args[1]), 1)
    elif name == "increment":
        answer = increment(args[0], int(args[1]), float(args[2]))
    elif name == "locked":
        # Chain lock for some seconds, then the time of day just before the unlock.
        lib.tdb_chainlock(tdb, data(args[0]))
        print("locked", flush=True)
        time.sleep(float(args[1]))
        answer = time.time()
        lib.tdb_chainunlock(tdb, data(args[0]))
    elif name in ("chainlock", "chainlock_nonblock", "chainunlock", "delete"):
        answer = getattr(lib, "tdb_" + name)(tdb, data(args[0]))
    else:
        answer = getattr(lib, "tdb_" + name)(tdb)
    print(answer, flush=True)
