// Mutated packets: whatever arrives, decoders read inside the packet only and throw nothing but ProtocolError.
// CTDB_FUZZ_SEED repeats a run, CTDB_FUZZ_MUTATIONS makes it longer.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as protocol from "../../../src/protocol/index.js";
import { type AnyControl, type Codec, ProtocolError, RecBufferReader } from "../../../src/protocol/index.js";
import { SeededRandom } from "../../../src/simulator/seeded-random.js";
import { packetFiles, readVectors } from "./vector-files.js";

const MUTATIONS = Number(process.env["CTDB_FUZZ_MUTATIONS"] ?? 240_000);
/** Bytes around a packet that must have no influence. */
const GUARD = 64;
/** Larger vectors are mutated as well, but not in every run of the loop: copying them takes most of the time. */
const LARGE = 4096;
/** Values that break length arithmetic. */
const edges = [0, 1, 3, 4, 7, 8, 23, 24, 31, 32, 0x7fff_ffff, 0x8000_0000, 0xffff_fff0, 0xffff_fff8, 0xffff_ffff];

interface Mutant {
  /** A view into a larger block whose other bytes are `poison`. */
  readonly packet: Buffer;
  readonly arena: Buffer;
}

const vectors = packetFiles.flatMap((file) => readVectors(file).map(({ bytes }) => bytes));
const small = vectors.filter(({ length }) => length <= LARGE);
const eventd = readVectors("eventd.jsonl").map(({ bytes }) => bytes);
const allCodecs = collectCodecs();
const liveControls = protocol.controls.filter((entry): entry is AnyControl => entry?.obsolete === false);

interface Accessor {
  readonly read: (p: Buffer) => unknown;
  /** Gives the number of bytes that `read` must return; undefined if it returns no bytes. */
  readonly length: ((p: Buffer) => unknown) | undefined;
}

/** Accessors of each packet type: the exported functions whose names begin with the type's. */
const accessors = new Map<number, readonly Accessor[]>(
  Object.entries(protocol.Operation).map(([name, operation]) => {
    const words = name.split("_").map((word) => word.charAt(0) + word.slice(1).toLowerCase());
    const prefix = `${words[0]?.toLowerCase()}${words[1]}`;
    const found = Object.entries(protocol).filter(
      ([key, value]) => key.startsWith(prefix) && typeof value === "function",
    );
    assert.ok(found.length >= 2, `${name} has no accessors`);
    return [operation, found.map(([key]) => accessor(key))];
  }),
);

function accessor(name: string): Accessor {
  const read = exportedFunction(name);
  assert.ok(read !== undefined);
  return { read, length: exportedFunction(`${name.replace(/(Text)?Bytes$/, "")}Length`) };
}

function exportedFunction(name: string): ((p: Buffer) => unknown) | undefined {
  const value: unknown = Object.entries(protocol).find(([key]) => key === name)?.[1];
  return typeof value === "function" ? (p) => Reflect.apply(value, undefined, [p]) : undefined;
}

function isCodec(value: unknown): value is Codec<unknown> {
  return typeof value === "object" && value !== null && "decode" in value && "encode" in value && "size" in value;
}

function collectCodecs(): Codec<unknown>[] {
  const values: readonly unknown[] = Object.values(protocol);
  return values.filter(isCodec);
}

/** Calls a decoder: true if it accepted the bytes; anything but a ProtocolError with all its parts is a failure. */
function accepts(decode: () => unknown, length: number): boolean {
  try {
    decode();
    return true;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const { offset, field, reason } = error;
    assert.ok(
      Number.isInteger(offset) && offset >= 0 && offset <= length,
      `offset ${offset} of ${length}: ${field} ${reason}`,
    );
    assert.ok(field.length > 0 && reason.length > 0);
    return false;
  }
}

function assertInside(view: unknown, packet: Buffer): void {
  if (!(view instanceof Uint8Array)) return;
  const start = view.byteOffset - packet.byteOffset;
  assert.ok(
    view.buffer === packet.buffer && start >= 0 && start + view.length <= packet.length,
    "a view leaves the packet",
  );
}

/** A copy of `original` in the middle of poisoned bytes, changed in one to four places. */
function mutate(random: SeededRandom, original: Buffer): Mutant {
  const resize = random.chance(1 / 4) ? random.below(33) - 16 : 0;
  const length = random.chance(1 / 16) ? random.below(original.length + 1) : Math.max(0, original.length + resize);
  const start = GUARD + random.below(8);
  const arena = Buffer.alloc(start + length + GUARD, random.below(256));
  const packet = arena.subarray(start, start + length);
  packet.fill(0);
  original.copy(packet);
  for (let changes = 1 + random.below(4); changes > 0 && length > 0; changes -= 1) change(random, packet);
  if (!random.chance(1 / 4)) repairHeader(packet);
  return { packet, arena };
}

function change(random: SeededRandom, packet: Buffer): void {
  const at = random.below(packet.length);
  const word = Math.min(at - (at % 4), packet.length - 4);
  switch (random.below(5)) {
    case 0:
      packet.writeUInt8(random.below(256), at);
      break;
    case 1:
      packet.writeUInt8(packet.readUInt8(at) ^ (1 << random.below(8)), at);
      break;
    case 2:
      if (word >= 0) packet.writeUInt32LE(random.pick(edges), word);
      break;
    case 3: {
      // A length that is nearly right.
      const near = packet.length + random.below(129) - 96;
      if (word >= 0) packet.writeUInt32LE(Math.max(0, near), word);
      break;
    }
    default: {
      const donor = random.pick(small);
      donor.copy(packet, at, random.below(donor.length), donor.length);
    }
  }
}

/** Makes length, magic and version right, so that the mutation reaches the deeper layers. */
function repairHeader(packet: Buffer): void {
  if (packet.length < 32) return;
  packet.writeUInt32LE(packet.length, 0);
  packet.writeUInt32LE(protocol.PACKET_MAGIC, 4);
  packet.writeUInt32LE(protocol.PROTOCOL_VERSION, 8);
}

interface Tally {
  headers: number;
  packets: number;
  payloads: number;
}

function tryPacket(random: SeededRandom, { packet, arena }: Mutant, tally: Tally): void {
  const { length } = packet;
  const headerIsGood = accepts(() => protocol.checkHeader(packet, random.chance(1 / 2) ? "node" : "client"), length);
  accepts(() => protocol.decodePacket(packet), length);
  if (!headerIsGood) return;
  tally.headers += 1;
  if (!accepts(() => protocol.checkPacket(packet), length)) return;
  tally.packets += 1;
  for (const { read, length: lengthOf } of accessors.get(protocol.packetOperation(packet)) ?? []) {
    const value = read(packet);
    assertInside(value, packet);
    if (value instanceof Uint8Array) assert.equal(value.length, lengthOf?.(packet), "a part is cut off");
  }
  const decoded = protocol.decodePacket(packet);
  if (random.chance(1 / 8)) {
    // The same bytes in other surroundings give the same result.
    arena.fill(random.below(256), 0, packet.byteOffset - arena.byteOffset);
    arena.fill(random.below(256), packet.byteOffset - arena.byteOffset + length);
    assert.deepEqual(protocol.decodePacket(packet), decoded);
  }
  tryPayload(random, packet, decoded, tally);
}

function tryPayload(random: SeededRandom, packet: Buffer, decoded: protocol.Packet, tally: Tally): void {
  switch (decoded.type) {
    case "REQ_CONTROL": {
      const data = protocol.reqControlData(packet);
      const entry = random.chance(1 / 8) ? random.pick(liveControls) : protocol.controlByOpcode(decoded.opcode);
      if (entry === undefined || entry.obsolete) return;
      if (accepts(() => protocol.decodeControlRequest(entry.name, data), data.length)) tally.payloads += 1;
      walkRecords(data);
      return;
    }
    case "REPLY_CONTROL": {
      const data = protocol.replyControlData(packet);
      const { name } = random.pick(liveControls);
      if (accepts(() => protocol.decodeControlReply(name, data), data.length)) tally.payloads += 1;
      return;
    }
    case "REQ_MESSAGE": {
      const data = protocol.reqMessageData(packet);
      const codec = protocol.findMessage(decoded.srvid)?.payload ?? random.pick(allCodecs);
      if (accepts(() => codec.decode(data), data.length)) tally.payloads += 1;
      walkRecords(data);
      return;
    }
    default:
      return;
  }
}

function walkRecords(bytes: Buffer): void {
  accepts(() => {
    const reader = new RecBufferReader(bytes);
    while (reader.next()) {
      assertInside(reader.key, bytes);
      assertInside(reader.data, bytes);
      if (reader.hasHeader) {
        assertInside(reader.value, bytes);
        accepts(() => reader.rsn, bytes.length);
        reader.dmaster;
        reader.flags;
      }
    }
  }, bytes.length);
}

function tryEventd(random: SeededRandom, tally: Tally): void {
  const { packet } = mutate(random, random.pick(eventd));
  if (packet.length >= 16 && !random.chance(1 / 4)) {
    packet.writeUInt32LE(packet.length, 0);
    packet.writeUInt32LE(random.below(5), 12);
  }
  if (accepts(() => protocol.decodeEventdRequest(packet), packet.length)) tally.payloads += 1;
  if (accepts(() => protocol.decodeEventdReply(packet), packet.length)) tally.payloads += 1;
}

/** A payload of the vectors through a codec that it was not made for. */
function tryForeignCodec(random: SeededRandom, mutant: Mutant): void {
  const codec = random.pick(allCodecs);
  const bytes = mutant.packet.subarray(Math.min(mutant.packet.length, random.pick([0, 44, 60])));
  accepts(() => codec.decode(bytes), bytes.length);
}

test(`${MUTATIONS} mutated packets cause nothing but ProtocolErrors and are read inside their bounds`, (context) => {
  const seed = Number(process.env["CTDB_FUZZ_SEED"] ?? Date.now() % 0x1_0000_0000);
  context.diagnostic(`seed: CTDB_FUZZ_SEED=${seed}`);
  const random = new SeededRandom(seed, "fuzz");
  const tally: Tally = { headers: 0, packets: 0, payloads: 0 };
  for (let run = 0; run < MUTATIONS; run += 1) {
    try {
      if (random.chance(1 / 16)) {
        tryEventd(random, tally);
      } else {
        const mutant = mutate(random, random.pick(random.chance(1 / 256) ? vectors : small));
        tryPacket(random, mutant, tally);
        tryForeignCodec(random, mutant);
      }
    } catch (error) {
      throw new Error(`mutation ${run} of CTDB_FUZZ_SEED=${seed}`, { cause: error });
    }
  }
  context.diagnostic(
    `of ${MUTATIONS}: ${tally.headers} good headers, ${tally.packets} good packets, ${tally.payloads} good payloads`,
  );
  // A fuzz run that never gets past the header shows nothing.
  assert.ok(tally.packets > MUTATIONS / 8, `only ${tally.packets} mutants were good packets`);
  assert.ok(tally.payloads > MUTATIONS / 32, `only ${tally.payloads} payloads could be decoded`);
});
