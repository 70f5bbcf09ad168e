// One stream socket: reads go through one static buffer shared by all connections, writes of one turn of the loop are copied
// into a block and leave as one system call. Made by tcp-port.ts and local-server-port.ts; the client library wraps its own
// unix socket with it too.
//
// When bytes leave: those written while this connection's own input is being handled, at the end of that input (a request gets
// its reply at once). Those for other connections too, as long as inputs come one by one; where they crowd, at the end of the
// turn, so that many clients' packets for one peer share a system call.
import type net from "node:net";
import { performance } from "node:perf_hooks";
import { descriptorOf } from "./accepted-socket.js";
import { sendNow } from "./libc.js";
import type { StreamConnection, StreamHandlers } from "./ports.js";
import { processLoop } from "./process-loop.js";

/** Size of the shared receive buffer, and the most that one connection may read in one turn before all others had theirs. */
export const READ_TURN_MAX_BYTES = 64 * 1024;
/** What a connection starts a turn's output in; most replies fit. */
const SMALL_BLOCK_BYTES = 4 * 1024;
const LARGE_BLOCK_BYTES = 64 * 1024;
/** Output that piled up within one turn beyond this is given to the kernel at once. */
const TURN_OUTPUT_MAX_BYTES = 256 * 1024;
/** Free blocks that are kept for reuse (4 MB of large ones). */
const SPARE_BLOCKS_MAX = 64;
/** Blocks handed to one gathering system call. */
const GATHER_BLOCKS_MAX = 64;

/** Input that held no whole packet. */
const INPUT = processLoop.kind("socket, part of a packet");
const OUTPUT = processLoop.kind("socket, output at the end of a turn");
const DRAINED = processLoop.kind("socket, drained");
const CLOSED = processLoop.kind("socket, closed");

const receiveBuffer = Buffer.allocUnsafeSlow(READ_TURN_MAX_BYTES);
const spareSmall: Buffer[] = [];
const spareLarge: Buffer[] = [];

function takeBlock(spare: Buffer[], sizeBytes: number): Buffer {
  return spare.pop() ?? Buffer.allocUnsafeSlow(sizeBytes);
}

function giveBack(block: Buffer): void {
  const spare = block.length === SMALL_BLOCK_BYTES ? spareSmall : block.length === LARGE_BLOCK_BYTES ? spareLarge : [];
  if (spare.length < SPARE_BLOCKS_MAX) spare.push(block);
}

// Connections with output that waits for the end of the turn, or of the input that is being handled.
let dirty: SocketStream[] = [];
let flushScheduled = false;

function flushDirty(): void {
  const turn = dirty;
  dirty = [];
  for (const stream of turn) stream.flush();
}

function flushAtEndOfTurn(): void {
  if (flushScheduled) return;
  flushScheduled = true;
  setImmediate(() => {
    flushScheduled = false;
    processLoop.run(OUTPUT, flushDirty);
  });
}

/** Inputs whose handling begins so soon after the one before came out of the same turn of the loop. */
const SAME_TURN_MS = 0.015;
const CROWD_MAX = 16;
/** From so many inputs in a row on, output is gathered until the end of the turn. */
const CROWD = 2;

let handlingInput = false;
let lastInputEndMs = 0;
/** How many inputs came one right after the other lately. */
let crowd = 0;

function inputBegins(): void {
  handlingInput = true;
  const nowMs = performance.now();
  processLoop.begin(nowMs);
  const sinceMs = nowMs - lastInputEndMs;
  crowd = sinceMs < SAME_TURN_MS ? Math.min(crowd + 1, CROWD_MAX) : crowd >> 1;
}

function inputEnds(): void {
  handlingInput = false;
  if (dirty.length > 0) {
    if (crowd < CROWD) flushDirty();
    else flushAtEndOfTurn();
  }
  lastInputEndMs = performance.now();
  processLoop.end(lastInputEndMs, INPUT);
}

// Connections that filled the receive buffer and let the others go first.
let resting: SocketStream[] = [];

function resumeResting(): void {
  const turn = resting;
  resting = [];
  for (const stream of turn) stream.endRest();
}

/** The shared-buffer option of net.Socket: `stream` is looked up late since the socket is made first. */
export interface ReceiveTarget {
  stream: SocketStream | undefined;
}

export function receiveInto(target: ReceiveTarget): net.OnReadOpts {
  return {
    buffer: receiveBuffer,
    callback: (length) => target.stream?.received(length) ?? false,
  };
}

const unattached: StreamHandlers = { onData: () => {}, onClose: () => {} };

export class SocketStream implements StreamConnection {
  private handlers: StreamHandlers = unattached;
  /** Blocks filled and not given to the kernel yet, oldest first; the last one is `block`. */
  private readonly full: Buffer[] = [];
  private block: Buffer | undefined;
  private blockLength = 0;
  private pendingBytes = 0;
  /** Bytes in the kernel's refused part of the last write; 0 = nothing in flight. */
  private inFlightBytes = 0;
  private inFlightBlocks: Buffer[] = [];
  private isDirty = false;
  private receiving = false;
  private paused = false;
  private atRest = false;
  private closed = false;
  private failure: string | undefined;
  private readonly descriptor: number;

  constructor(private readonly socket: net.Socket) {
    this.descriptor = descriptorOf(socket);
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.failure = error.code ?? error.message;
    });
    socket.on("end", () => this.ended("closed by the peer"));
    socket.on("close", () => this.ended(this.failure ?? "closed"));
  }

  /** Says who gets the input, and lets it come in. */
  attach(handlers: StreamHandlers): void {
    this.handlers = handlers;
    if (!this.closed && !this.paused) this.socket.resume();
  }

  get queuedBytes(): number {
    return this.inFlightBytes > 0 ? this.inFlightBytes + this.pendingBytes : 0;
  }

  write(bytes: Uint8Array): void {
    if (this.closed) return;
    this.append(bytes);
    if (this.inFlightBytes > 0) return;
    if (this.pendingBytes >= TURN_OUTPUT_MAX_BYTES) {
      this.flush();
    } else if (!this.isDirty && !this.receiving) {
      this.isDirty = true;
      dirty.push(this);
      if (!handlingInput) flushAtEndOfTurn();
    }
  }

  pauseReading(paused: boolean): void {
    if (this.closed || this.paused === paused) return;
    this.paused = paused;
    if (this.atRest) return;
    if (paused) this.socket.pause();
    else this.socket.resume();
  }

  destroy(): void {
    if (this.closed) return;
    // What was written before goes out first, as far as the kernel takes it now.
    if (this.inFlightBytes === 0) this.flush();
    this.close();
  }

  /** Called by the socket with bytes at the start of the shared buffer. False stops reading. */
  received(length: number): boolean {
    if (this.closed) return false;
    this.receiving = true;
    inputBegins();
    try {
      this.handlers.onData(receiveBuffer.subarray(0, length));
    } finally {
      this.receiving = false;
      if (this.pendingBytes > 0 && this.inFlightBytes === 0 && !this.closed) this.flush();
      inputEnds();
    }
    if (this.closed || this.paused) return false;
    if (length < receiveBuffer.length) return true;
    this.atRest = true;
    if (resting.push(this) === 1) setImmediate(resumeResting);
    return false;
  }

  endRest(): void {
    this.atRest = false;
    if (!this.closed && !this.paused) this.socket.resume();
  }

  /** Gives everything that waits to the kernel; what it does not take stays queued. */
  flush(): void {
    this.isDirty = false;
    if (this.closed || this.pendingBytes === 0 || this.inFlightBytes > 0) return;
    if (this.full.length === 0 && this.block !== undefined) this.flushBlock(this.block, this.blockLength);
    else this.flushGathered();
  }

  /** The usual case: one block. Past the stream machinery of Node.js, which costs 8 % of the packets and garbage a write. */
  private flushBlock(block: Buffer, length: number): void {
    const { socket } = this;
    this.block = undefined;
    this.pendingBytes = 0;
    // A destroyed socket's descriptor number may belong to another connection by now.
    const taken = socket.destroyed ? -1 : sendNow(this.descriptor, block, length);
    if (taken === length) {
      giveBack(block);
      return;
    }
    // Full, or broken: libuv waits for it, or reports the error in the usual way.
    const rest = block.subarray(Math.max(taken, 0), length);
    this.inFlightBlocks.push(block);
    this.inFlightBytes = rest.length;
    socket.write(rest, () => this.flushed());
  }

  private flushGathered(): void {
    const { socket } = this;
    const before = this.pendingBytes;
    this.gather();
    if (socket.writableLength === 0) {
      this.releaseInFlight();
      // Only output of more than GATHER_BLOCKS_MAX blocks leaves a rest.
      if (this.pendingBytes > 0) this.flush();
      return;
    }
    this.inFlightBytes = before - this.pendingBytes;
    // An empty write is answered after all that is before it, in whatever number of pieces libuv sends those.
    socket.write("", () => this.flushed());
  }

  private gather(): void {
    const { socket } = this;
    socket.cork();
    while (this.full.length > 0 && this.inFlightBlocks.length < GATHER_BLOCKS_MAX) {
      const block = this.full.shift();
      if (block === undefined) break;
      this.inFlightBlocks.push(block);
      this.pendingBytes -= block.length;
      socket.write(block);
    }
    if (this.full.length === 0 && this.block !== undefined) {
      this.inFlightBlocks.push(this.block);
      this.pendingBytes -= this.blockLength;
      socket.write(this.block.subarray(0, this.blockLength));
      this.block = undefined;
    }
    socket.uncork();
  }

  private releaseInFlight(): void {
    for (const block of this.inFlightBlocks) giveBack(block);
    this.inFlightBlocks = [];
    this.inFlightBytes = 0;
  }

  private flushed(): void {
    if (this.closed || this.socket.destroyed) return;
    processLoop.run(DRAINED, () => {
      this.releaseInFlight();
      this.flush();
      if (this.inFlightBytes === 0 && !this.closed) this.handlers.onDrain?.();
    });
  }

  private append(bytes: Uint8Array): void {
    const { length } = bytes;
    this.pendingBytes += length;
    let block = this.block;
    if (block !== undefined && this.blockLength + length <= block.length) {
      block.set(bytes, this.blockLength);
      this.blockLength += length;
      return;
    }
    if (block === undefined && length <= SMALL_BLOCK_BYTES && this.inFlightBytes === 0) {
      block = takeBlock(spareSmall, SMALL_BLOCK_BYTES);
      block.set(bytes);
      this.block = block;
      this.blockLength = length;
      return;
    }
    this.appendLarge(bytes);
  }

  private appendLarge(bytes: Uint8Array): void {
    let offset = 0;
    while (offset < bytes.length) {
      let block = this.block;
      if (block === undefined || block.length === SMALL_BLOCK_BYTES) {
        const large = takeBlock(spareLarge, LARGE_BLOCK_BYTES);
        if (block === undefined) {
          this.blockLength = 0;
        } else {
          large.set(block.subarray(0, this.blockLength));
          giveBack(block);
        }
        this.block = large;
        block = large;
      }
      const count = Math.min(block.length - this.blockLength, bytes.length - offset);
      block.set(
        offset === 0 && count === bytes.length ? bytes : bytes.subarray(offset, offset + count),
        this.blockLength,
      );
      this.blockLength += count;
      offset += count;
      if (this.blockLength === block.length) {
        this.full.push(block);
        this.block = undefined;
      }
    }
  }

  private close(): void {
    this.closed = true;
    this.socket.destroy();
    if (this.block !== undefined) giveBack(this.block);
    this.block = undefined;
    this.full.length = 0;
    // Blocks in flight belong to libuv until the socket is gone: left to the garbage collector.
    this.inFlightBlocks = [];
    this.pendingBytes = 0;
    this.inFlightBytes = 0;
  }

  private ended(reason: string): void {
    if (this.closed) return;
    processLoop.run(CLOSED, () => {
      this.close();
      this.handlers.onClose(reason);
    });
  }
}
