#!/usr/bin/python3
"""Holds the chain lock of one record until SIGUSR1 comes, SECONDS at most: hold_chain.py FILE TDB_FLAGS KEY SECONDS. Prints "held"."""
import ctypes
import os
import signal
import sys


class Data(ctypes.Structure):
    _fields_ = [("pointer", ctypes.c_char_p), ("size", ctypes.c_size_t)]


path, flags, key, seconds = sys.argv[1].encode(), int(sys.argv[2]), sys.argv[3].encode(), float(sys.argv[4])
tdb = ctypes.CDLL("libtdb.so.1")
tdb.tdb_open.restype = ctypes.c_void_p
tdb.tdb_chainlock.argtypes = tdb.tdb_chainunlock.argtypes = [ctypes.c_void_p, Data]
file = tdb.tdb_open(path, 0, flags, os.O_RDWR, 0o600)
if not file or tdb.tdb_chainlock(file, Data(key, len(key))) != 0:
    sys.exit("cannot lock")
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
print("held", flush=True)
signal.sigtimedwait({signal.SIGUSR1}, seconds)
if tdb.tdb_chainunlock(file, Data(key, len(key))) != 0:
    sys.exit("cannot unlock")
