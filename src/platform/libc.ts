// The few libc calls that Node.js has no function for. Used by the other files of platform/ only.
// koffi is loaded at the first call, so that a program which needs none of these (the `ctdb` tool) does not pay for it.
// All prototypes are anonymous: koffi's named types clash when two bundles load in one process.
import { createRequire } from "node:module";
import { constants as os } from "node:os";
import { getSystemErrorName } from "node:util";
import type koffiNamespace from "koffi";
import { SystemCallError } from "./errors.js";

type Koffi = typeof koffiNamespace;
type Argument = number | string | Uint8Array;
type IntCall = (...args: readonly Argument[]) => number;
type AsyncIntCall = IntCall & {
  async(a: Argument, b: Argument, c: Argument, done: (error: Error | null, result: number) => void): void;
};

interface Libc {
  readonly koffi: Koffi;
  readonly prctl: IntCall;
  readonly getsockopt: IntCall;
  readonly setsockopt: IntCall;
  readonly socket: IntCall;
  readonly bind: IntCall;
  readonly connect: IntCall;
  readonly listen: IntCall;
  readonly send: IntCall;
  readonly close: IntCall;
  readonly schedSetscheduler: IntCall;
  readonly fcntl: AsyncIntCall;
  readonly dup2: IntCall;
}

let loaded: Libc | undefined;

function libc(): Libc {
  if (loaded !== undefined) return loaded;
  const koffi: Koffi = createRequire(import.meta.url)("koffi");
  const lib = koffi.load("libc.so.6");
  const call = (prototype: string): AsyncIntCall => lib.func(prototype);
  loaded = {
    koffi,
    prctl: call("int prctl(int, uint64_t, uint64_t, uint64_t, uint64_t)"),
    getsockopt: call("int getsockopt(int, int, int, void *, void *)"),
    setsockopt: call("int setsockopt(int, int, int, const void *, uint32_t)"),
    socket: call("int socket(int, int, int)"),
    bind: call("int bind(int, const void *, uint32_t)"),
    connect: call("int connect(int, const void *, uint32_t)"),
    listen: call("int listen(int, int)"),
    send: call("int64_t send(int, const void *, size_t, int)"),
    close: call("int close(int)"),
    schedSetscheduler: call("int sched_setscheduler(int, int, const void *)"),
    // The third argument is variadic in C; an int or a pointer travels in the same register on x86-64 and aarch64.
    fcntl: call("int fcntl(int, int, void *)"),
    dup2: call("int dup2(int, int)"),
  };
  return loaded;
}

function lastError(call: string, what: string): SystemCallError {
  const errno = libc().koffi.errno();
  return new SystemCallError(call, errno > 0 ? getSystemErrorName(-errno) : "unknown error", errno, what);
}

const PR_SET_PDEATHSIG = 1;

/** Asks the kernel to send `signal` to this process when its parent dies. Not inherited by children, kept over exec. */
export function setParentDeathSignal(signal: "SIGKILL" | "SIGTERM"): void {
  if (libc().prctl(PR_SET_PDEATHSIG, os.signals[signal], 0, 0, 0) !== 0)
    throw lastError("prctl", "parent death signal");
}

const SOL_SOCKET = 1;
const SO_PEERCRED = 17;

/** The process at the other end of the unix socket `fd`, as of its connect(). */
export function peerPid(fd: number): number {
  const credentials = Buffer.alloc(12);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(12);
  if (libc().getsockopt(fd, SOL_SOCKET, SO_PEERCRED, credentials, length) !== 0) {
    throw lastError("getsockopt", "SO_PEERCRED");
  }
  return credentials.readInt32LE(0);
}

const AF_UNIX = 1;
const AF_INET = 2;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SUN_PATH_BYTES = 108;

/** A path that does not fit sun_path is cut, as every C peer does, so that both ends mean the same name. */
function unixAddress(path: string): Buffer {
  const name = Buffer.from(path).subarray(0, SUN_PATH_BYTES - 1);
  const address = Buffer.alloc(2 + SUN_PATH_BYTES);
  address.writeUInt16LE(AF_UNIX);
  name.copy(address, 2);
  return address;
}

/** Binds a stream socket to `path` and listens; connections wait in the backlog. Returns the descriptor. */
export function listenOnUnixSocket(path: string, backlog: number, beforeListen: () => void): number {
  const { socket, bind, listen, close } = libc();
  const fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) throw lastError("socket", path);
  const address = unixAddress(path);
  if (bind(fd, address, address.length) !== 0) {
    const error = lastError("bind", path);
    close(fd);
    throw error;
  }
  try {
    beforeListen();
    if (listen(fd, backlog) !== 0) throw lastError("listen", path);
  } catch (error) {
    close(fd);
    throw error;
  }
  return fd;
}

/** Opens a datagram socket connected to the unix socket `path`. */
export function connectUnixDatagram(path: string): number {
  const { socket, connect, close } = libc();
  const fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) throw lastError("socket", path);
  const address = unixAddress(path);
  if (connect(fd, address, address.length) !== 0) {
    const error = lastError("connect", path);
    close(fd);
    throw error;
  }
  return fd;
}

/** Opens a UDP socket connected to 127.0.0.1:`port`. */
export function connectLocalUdp(port: number): number {
  const { socket, connect, close } = libc();
  const fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) throw lastError("socket", "UDP");
  const address = Buffer.alloc(16);
  address.writeUInt16LE(AF_INET);
  address.writeUInt16BE(port, 2);
  address.writeUInt32BE(0x7f000001, 4);
  if (connect(fd, address, address.length) !== 0) {
    const error = lastError("connect", `127.0.0.1:${port}`);
    close(fd);
    throw error;
  }
  return fd;
}

const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;

/** Sends one datagram without waiting; undefined when it went out, else the errno's name. */
export function sendDatagram(fd: number, bytes: Uint8Array): string | undefined {
  if (libc().send(fd, bytes, bytes.length, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) return undefined;
  return lastError("send", "datagram").code;
}

/** Writes to a non-blocking stream socket: the number of bytes that the kernel took, or -1 (full, or broken). */
export function sendNow(fd: number, bytes: Uint8Array, length: number): number {
  return (loaded ?? libc()).send(fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
}

export function closeDescriptor(fd: number): void {
  libc().close(fd);
}

/** Makes descriptor `to` the same open file as `from`; what `to` was is closed. */
export function replaceDescriptor(from: number, to: number): void {
  if (libc().dup2(from, to) !== to) throw lastError("dup2", `descriptor ${to}`);
}

const SCHED_FIFO = 1;
const SCHED_RESET_ON_FORK = 0x40000000;

/** SCHED_FIFO with `priority` for the main thread; children start with the normal policy again. */
export function setRealtimeScheduling(priority: number): void {
  const parameter = Buffer.alloc(4);
  parameter.writeInt32LE(priority);
  if (libc().schedSetscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, parameter) !== 0) {
    throw lastError("sched_setscheduler", `SCHED_FIFO priority ${priority}`);
  }
}

const F_SETLK = 6;
const F_WRLCK = 1;
const F_UNLCK = 2;
const FLOCK_BYTES = 32;

function flock(type: number, startByte: number, lengthBytes: number): Buffer {
  const lock = Buffer.alloc(FLOCK_BYTES);
  lock.writeInt16LE(type, 0);
  lock.writeBigInt64LE(BigInt(startByte), 8);
  lock.writeBigInt64LE(BigInt(lengthBytes), 16);
  return lock;
}

/**
 * Takes a POSIX write lock on `lengthBytes` bytes (0 = to the end of the file) without waiting; false when another process
 * holds it. The kernel drops it when ANY descriptor of this process on the same file is closed.
 */
export function tryLockFile(fd: number, startByte: number, lengthBytes: number): boolean {
  if (libc().fcntl(fd, F_SETLK, flock(F_WRLCK, startByte, lengthBytes)) === 0) return true;
  const error = lastError("fcntl", "F_SETLK");
  if (error.code === "EAGAIN" || error.code === "EACCES") return false;
  throw error;
}

const F_SETLKW = 7;

/** Takes or drops a POSIX write lock, waiting in the call for as long as another process holds it: for programs that do nothing else. */
export function changeLockWaiting(fd: number, kind: "write" | "unlock", startByte: number, lengthBytes: number): void {
  const type = kind === "write" ? F_WRLCK : F_UNLCK;
  if (libc().fcntl(fd, F_SETLKW, flock(type, startByte, lengthBytes)) !== 0) throw lastError("fcntl", "F_SETLKW");
}

const F_GETLK = 5;

/** A lock of another process, with fcntl's numbers for its type (0 read, 1 write). */
export interface HeldLock {
  readonly pid: number;
  readonly type: number;
  readonly startByte: number;
  readonly lengthBytes: number;
}

/** The first lock that keeps this process from a write lock on these bytes (length 0 = to the end); undefined when there is none. */
export function conflictingLock(fd: number, startByte: number, lengthBytes: number): HeldLock | undefined {
  const lock = flock(F_WRLCK, startByte, lengthBytes);
  if (libc().fcntl(fd, F_GETLK, lock) !== 0) throw lastError("fcntl", "F_GETLK");
  const type = lock.readInt16LE(0);
  if (type === F_UNLCK) return undefined;
  return {
    pid: lock.readInt32LE(24),
    type,
    startByte: Number(lock.readBigInt64LE(8)),
    lengthBytes: Number(lock.readBigInt64LE(16)),
  };
}

const F_OFD_SETLK = 37;
const F_OFD_SETLKW = 38;

/**
 * Takes a write lock that belongs to the open file `fd` (an OFD lock; it conflicts with POSIX locks of all processes), waiting
 * for it on a pool thread. A process with such a wait under way does not end by process.exit(); see `endProcessNow`.
 * `done` gets undefined, or why it failed.
 */
export function lockOpenFile(
  fd: number,
  startByte: number,
  lengthBytes: number,
  done: (failure: string | undefined) => void,
): void {
  const { fcntl } = libc();
  const request = flock(F_WRLCK, startByte, lengthBytes);
  // The thread's errno is not ours to read: a failure has no name.
  fcntl.async(fd, F_OFD_SETLKW, request, (error: Error | null, result: number) => {
    if (error !== null) done(error.message);
    else done(result === 0 ? undefined : "fcntl F_OFD_SETLKW failed");
  });
}

export function unlockOpenFile(fd: number, startByte: number, lengthBytes: number): void {
  if (libc().fcntl(fd, F_OFD_SETLK, flock(F_UNLCK, startByte, lengthBytes)) !== 0) throw lastError("fcntl", "F_UNLCK");
}

/** Ends this process even while a pool thread is blocked in a system call, which process.exit() would wait for. */
export function endProcessNow(): never {
  process.kill(process.pid, "SIGKILL");
  throw new Error("unreachable: the process is killed");
}
