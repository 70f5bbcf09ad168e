// The few functions of libc that the TDB binding needs. Prototypes only; `libtdb.ts` calls them.
import koffi from "koffi";

const libc = koffi.load("libc.so.6");

/** Pointers are plain numbers here: user space addresses have 47 bits. */
type Pointer = number;

/** Copies `length` bytes from the address `from` to the start of `to`, which must be large enough. */
export const copyFromAddress: (to: Uint8Array, from: Pointer, length: number) => void = libc.func("memcpy", "void", [
  "void *",
  "uint64",
  "size_t",
]);

/** snprintf with eight integer arguments passed on as they came from a variadic caller. */
export const formatMessage: (to: Uint8Array, size: number, format: Pointer, ...values: (number | bigint)[]) => number =
  libc.func("snprintf", "int", ["void *", "size_t", "uint64", ...Array<string>(8).fill("uint64")]);

const mmap: (address: number, length: number, prot: number, flags: number, fd: number, offset: number) => bigint =
  libc.func("mmap", "void *", ["uint64", "size_t", "int", "int", "int", "int64"]);
const munmap: (address: bigint, length: number) => number = libc.func("munmap", "int", ["void *", "size_t"]);

const fcntlLock: (fd: number, command: number, flock: Uint8Array) => number = libc.func("fcntl", "int", [
  "int",
  "int",
  "void *",
]);
const F_GETLK = 5;
const F_WRLCK = 1;
const F_UNLCK = 2;
const FLOCK_BYTES = 32;
const FLOCK_PID = 24;
const flock = Buffer.alloc(FLOCK_BYTES);

/** Is the byte of the file locked by an open file description (F_OFD_SETLK) of any process? */
export function descriptionHoldsByte(fd: number, byte: number): boolean {
  flock.fill(0);
  flock.writeInt16LE(F_WRLCK, 0);
  flock.writeUInt32LE(byte, 8);
  flock.writeUInt32LE(1, 16);
  if (fcntlLock(fd, F_GETLK, flock) !== 0) return false;
  // Such a lock has no process id.
  return flock.readInt16LE(0) !== F_UNLCK && flock.readInt32LE(FLOCK_PID) === -1;
}

const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;
const MAP_FAILED = 0xffffffffffffffffn;

/** A part of a file in memory. The array must not be touched after `unmap`: that is a crash of the process. */
export interface FileMapping {
  readonly bytes: ArrayBuffer;
  unmap(): void;
}

/** Maps the first `length` bytes of the open file `fd`, shared; undefined when the system refuses. */
export function mapFile(fd: number, length: number, writable = false): FileMapping | undefined {
  const address = mmap(0, length, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, 0);
  if (address === null || BigInt.asUintN(64, address) === MAP_FAILED) return undefined;
  return {
    bytes: koffi.view(address, length),
    unmap() {
      munmap(address, length);
    },
  };
}
