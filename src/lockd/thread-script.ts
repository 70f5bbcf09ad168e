// Several C functions called one after the other on ONE thread of libuv's pool, with no JavaScript between them. A robust mutex
// belongs to the thread that locked it, and two asynchronous calls may run on two threads; so lock, wait and unlock must be one
// call. libc's makecontext gives just that: a chain of contexts, each of which calls a function and then continues with
// the next.
import koffi from "koffi";

const libc = koffi.load("libc.so.6");

type SwapContext = {
  async(save: number, to: number, callback: (error: Error | null, result: number) => void): void;
};
const getContext: (context: number) => number = libc.func("getcontext", "int", ["uint64"]);
const makeContext: (
  context: number,
  call: bigint,
  argumentCount: number,
  a: number | bigint,
  b: number | bigint,
  c: number | bigint,
) => void = libc.func("makecontext", "void", ["uint64", "uint64", "int", "uint64", "uint64", "uint64"]);
const swapContext: SwapContext = libc.func("swapcontext", "int", ["uint64", "uint64"]);
const mapMemory: (
  address: number,
  length: number,
  protection: number,
  flags: number,
  fd: number,
  offset: number,
) => number = libc.func("mmap", "uint64", ["uint64", "size_t", "int", "int", "int", "int64"]);

const PROT_READ_WRITE = 3;
const MAP_PRIVATE_ANONYMOUS = 0x22;
const CONTEXT_BYTES = 8192;
const STACK_BYTES = 16384;
// ucontext_t, the same on all 64-bit machines but for the signal mask.
const UC_LINK = 8;
const STACK_POINTER = 16;
const STACK_FLAGS = 24;
const STACK_SIZE = 32;
const SIGNAL_MASK: Readonly<Record<string, number>> = { x64: 296, arm64: 40 };
const signalMask = SIGNAL_MASK[process.arch];

/** Can scripts be run on this kind of machine? */
export const threadScriptsWork = signalMask !== undefined;

/** A function of libc and up to three arguments. */
export interface ScriptCall {
  readonly call: bigint;
  readonly args: readonly (number | bigint)[];
}

/** The address of a function of libc. */
export function libcFunction(name: string): bigint {
  return libc.symbol(name) as bigint;
}

/** Memory for one script at a time; never given back, so keep it for the next one. */
export class ThreadScript {
  private readonly base: number;
  private readonly view: DataView;
  /** Address of `dataBytes` bytes that calls may use. */
  readonly data: number;
  readonly dataView: DataView;

  constructor(
    private readonly callsMax: number,
    dataBytes: number,
  ) {
    const dataOffset = CONTEXT_BYTES * (callsMax + 1) + STACK_BYTES * callsMax;
    const length = dataOffset + dataBytes;
    this.base = mapMemory(0, length, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);
    const memory: ArrayBuffer = koffi.view(BigInt(this.base), length);
    this.view = new DataView(memory);
    this.data = this.base + dataOffset;
    this.dataView = new DataView(memory, dataOffset, dataBytes);
  }

  /** Runs the calls on a pool thread, which may block; `done` comes after the last one. One run at a time. */
  run(calls: readonly ScriptCall[], done: () => void): void {
    if (calls.length > this.callsMax) throw new RangeError(`${calls.length} calls in a script for ${this.callsMax}`);
    const stacks = this.base + CONTEXT_BYTES * (this.callsMax + 1);
    calls.forEach(({ call, args }, i) => {
      const context = this.base + CONTEXT_BYTES * (i + 1);
      const offset = context - this.base;
      getContext(context);
      const next = i === calls.length - 1 ? this.base : context + CONTEXT_BYTES;
      this.view.setBigUint64(offset + UC_LINK, BigInt(next), true);
      this.view.setBigUint64(offset + STACK_POINTER, BigInt(stacks + STACK_BYTES * i), true);
      this.view.setInt32(offset + STACK_FLAGS, 0, true);
      this.view.setBigUint64(offset + STACK_SIZE, BigInt(STACK_BYTES), true);
      // All signals blocked, as in every thread of the pool: a signal would end a wait early.
      this.view.setBigUint64(offset + (signalMask ?? 0), 0xffffffffffffffffn, true);
      makeContext(context, call, args.length, args[0] ?? 0, args[1] ?? 0, args[2] ?? 0);
    });
    swapContext.async(this.base, this.base + CONTEXT_BYTES, (error) => {
      if (error !== null) throw error;
      done();
    });
  }
}
