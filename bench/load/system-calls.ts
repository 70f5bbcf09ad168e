// The system calls of the load generator, made directly: a busy generator must cost less than the daemon that it measures,
// and node's own streams cost more.
import koffi from "koffi";

const libc = koffi.load("libc.so.6");

export const socket: (domain: number, type: number, protocol: number) => number = libc.func("socket", "int", [
  "int",
  "int",
  "int",
]);
export const connect: (fd: number, address: Uint8Array, length: number) => number = libc.func("connect", "int", [
  "int",
  "void *",
  "uint32",
]);
export const read: (fd: number, to: Uint8Array, length: number) => number = libc.func("read", "int64", [
  "int",
  "void *",
  "size_t",
]);
export const write: (fd: number, from: Uint8Array, length: number) => number = libc.func("write", "int64", [
  "int",
  "void *",
  "size_t",
]);
export const close: (fd: number) => number = libc.func("close", "int", ["int"]);
export const epollCreate: (flags: number) => number = libc.func("epoll_create1", "int", ["int"]);
export const epollControl: (epoll: number, operation: number, fd: number, event: Uint8Array) => number = libc.func(
  "epoll_ctl",
  "int",
  ["int", "int", "int", "void *"],
);
export const epollWait: (epoll: number, events: Uint8Array, eventsMax: number, timeoutMs: number) => number = libc.func(
  "epoll_wait",
  "int",
  ["int", "void *", "int", "int"],
);

export const AF_UNIX = 1;
export const SOCK_STREAM = 1;
export const SOCK_CLOEXEC = 0o2000000;
export const EPOLL_CTL_ADD = 1;
export const EPOLLIN = 1;
/** struct epoll_event is packed on x86-64 only. */
export const EPOLL_EVENT_BYTES = process.arch === "x64" ? 12 : 16;
export const EPOLL_DATA_OFFSET = process.arch === "x64" ? 4 : 8;
