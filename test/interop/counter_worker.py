#!/usr/bin/python3
"""Raises counter records under fetch-lock the way Samba does it: straight on the unix socket and libtdb, no code of ours.

usage: counter_worker.py SOCKET VOLATILE_DIR PNN DATABASE KEYS COUNT PAUSE_MS LOG

KEYS: so many records, taken in turns. COUNT: increments (0: until stdin ends). Each confirmed increment is a line of LOG:
key number, begin, end (ns, CLOCK_MONOTONIC), value. Exit status 3: the daemon is gone.
"""
import ctypes
import os
import select
import socket
import struct
import sys
import time

SOCKET, DIRECTORY, PNN, DATABASE, KEYS, COUNT, PAUSE_MS, LOG = sys.argv[1:9]
PNN, KEYS, COUNT, PAUSE = int(PNN), int(KEYS), int(COUNT), float(PAUSE_MS) / 1000

CURRENT_NODE = 0xF0000001
REQ_CALL, REPLY_CALL, REQ_CONTROL, REPLY_CONTROL = 0, 1, 7, 8
NULL_FUNCTION = 0xFF000001
DB_ATTACH, DB_OPEN_FLAGS = 18, 149


class Data(ctypes.Structure):
    _fields_ = [("pointer", ctypes.c_void_p), ("size", ctypes.c_size_t)]


tdb = ctypes.CDLL("libtdb.so.1", use_errno=True)
libc = ctypes.CDLL("libc.so.6")
libc.free.argtypes = [ctypes.c_void_p]
tdb.tdb_open.restype = ctypes.c_void_p
for name, extra in (("chainlock", []), ("chainunlock", []), ("fetch", []), ("store", [Data, ctypes.c_int])):
    function = getattr(tdb, "tdb_" + name)
    function.argtypes = [ctypes.c_void_p, Data] + extra
tdb.tdb_fetch.restype = Data


def data_of(buffer):
    return Data(ctypes.cast(buffer, ctypes.c_void_p), len(buffer.raw))


class Daemon:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(path)
        self.reqid = 0
        self.input = b""

    def exchange(self, operation, body):
        """Sends a packet, waits for the reply with its request id, gives the reply's operation and bytes."""
        self.reqid += 1
        packet = struct.pack("<8I", 32 + len(body), 0x43544442, 1, 0, operation, CURRENT_NODE, 0, self.reqid) + body
        self.socket.sendall(packet)
        while True:
            while len(self.input) >= 4:
                length = struct.unpack_from("<I", self.input)[0]
                if len(self.input) < length:
                    break
                reply, self.input = self.input[:length], self.input[length:]
                if struct.unpack_from("<I", reply, 28)[0] == self.reqid:
                    return struct.unpack_from("<I", reply, 16)[0], reply
            more = self.socket.recv(65536)
            if not more:
                raise ConnectionError("the daemon closed the connection")
            self.input += more

    def control(self, opcode, payload):
        body = struct.pack("<IIQIII", opcode, 0, 0, 0, 0, len(payload)) + payload
        _, reply = self.exchange(REQ_CONTROL, body)
        status, length = struct.unpack_from("<iI", reply, 32)
        if status != 0:
            raise RuntimeError("control %d: status %d" % (opcode, status))
        return reply[44:44 + length]

    def migrate(self, db_id, key):
        operation, _ = self.exchange(REQ_CALL, struct.pack("<6I", 1, db_id, NULL_FUNCTION, 0, len(key), 0) + key)
        if operation != REPLY_CALL:
            raise RuntimeError("a call was answered with operation %d" % operation)


def run():
    daemon = Daemon(SOCKET)
    db_id = struct.unpack("<I", daemon.control(DB_ATTACH, DATABASE.encode() + b"\0"))[0]
    flags = struct.unpack("<i", daemon.control(DB_OPEN_FLAGS, struct.pack("<I", db_id)))[0]
    path = os.path.join(DIRECTORY, "%s.%d" % (DATABASE, PNN)).encode()
    file = tdb.tdb_open(path, 0, flags, os.O_RDWR, 0o600)
    if not file:
        raise OSError(ctypes.get_errno(), "tdb_open")
    log = os.open(LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    keys = [("counter %d" % i).encode() for i in range(KEYS)]
    buffers = [ctypes.create_string_buffer(key, len(key)) for key in keys]
    print("ready", flush=True)
    done = 0
    while COUNT == 0 or done < COUNT:
        number = done % KEYS
        key = data_of(buffers[number])
        begin = time.monotonic_ns()
        while True:
            if tdb.tdb_chainlock(file, key) != 0:
                raise OSError("tdb_chainlock")
            record = tdb.tdb_fetch(file, key)
            value = ctypes.string_at(record.pointer, record.size) if record.pointer else b""
            libc.free(record.pointer)
            if len(value) >= 24 and struct.unpack_from("<I", value, 8)[0] == PNN:
                break
            tdb.tdb_chainunlock(file, key)
            daemon.migrate(db_id, keys[number])
        counter = (struct.unpack_from("<I", value, 24)[0] if len(value) >= 28 else 0) + 1
        new = value[:24] + struct.pack("<I", counter)
        stored = tdb.tdb_store(file, key, data_of(ctypes.create_string_buffer(new, len(new))), 1)
        tdb.tdb_chainunlock(file, key)
        if stored != 0:
            raise OSError("tdb_store")
        done += 1
        os.write(log, b"%d %d %d %d\n" % (number, begin, time.monotonic_ns(), counter))
        if COUNT == 0 and select.select([sys.stdin], [], [], 0)[0]:
            break
        # A daemon that died leaves the file usable: without this the worker would go on alone.
        if select.select([daemon.socket], [], [], PAUSE)[0] and not daemon.socket.recv(1, socket.MSG_PEEK):
            raise ConnectionError("the daemon closed the connection")


try:
    run()
except ConnectionError as error:
    print(error, file=sys.stderr)
    sys.exit(3)
