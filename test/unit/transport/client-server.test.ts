// Clients of the unix socket that do not read what is sent to them: they are not read from, and at the end they are put out.
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { StreamConnection, StreamHandlers } from "../../../src/platform/ports.js";
import { PacketWriter, writeReplyControl, writeReqMessage } from "../../../src/protocol/index.js";
import {
  CLIENT_QUEUE_HIGH_BYTES,
  CLIENT_QUEUE_MAX_BYTES,
  type ClientConnection,
  ClientServer,
} from "../../../src/transport/client-server.js";
import { RecordingLogger } from "../fake-time.js";

const MESSAGES_MAX = 5;
const PID = 4711;

/** A peer that reads nothing until it is told to. */
class StuckConnection implements StreamConnection {
  queuedBytes = 0;
  isPaused = false;
  isDestroyed = false;
  write(bytes: Uint8Array): void {
    this.queuedBytes += bytes.length;
  }
  pauseReading(paused: boolean): void {
    this.isPaused = paused;
  }
  destroy(): void {
    this.isDestroyed = true;
  }
}

function message(): Buffer {
  const writer = new PacketWriter();
  writeReqMessage(writer, 1, 0, 0, 0, 0, 7, Buffer.from("text"));
  return Buffer.from(writer.packet());
}

function reply(bytes: number): Buffer {
  const writer = new PacketWriter();
  writeReplyControl(writer, 1, 0, 0, 1, 0, Buffer.alloc(bytes), "");
  return Buffer.from(writer.packet());
}

describe("a client that does not read", () => {
  let clients: ClientServer;
  let connection: StuckConnection;
  let handlers: StreamHandlers;
  let client: ClientConnection;
  let gone: number[];
  let counters: { numClients: number; clientPacketsSent: number; clientPacketsRecv: number };

  beforeEach(async () => {
    connection = new StuckConnection();
    gone = [];
    counters = { numClients: 0, clientPacketsSent: 0, clientPacketsRecv: 0 };
    clients = new ClientServer(
      {
        logger: new RecordingLogger(),
        server: {
          async listen(_, onConnection) {
            handlers = onConnection(connection, PID);
            return { startAccepting() {}, close() {} };
          },
        },
        counters,
        maxQueuedMessages: () => MESSAGES_MAX,
        allocateId: () => 1,
        releaseId: () => {},
      },
      { onPacket: () => {}, onDisconnected: ({ pid }) => gone.push(pid) },
    );
    await clients.listen("/socket");
    const accepted = clients.get(1);
    assert.ok(accepted);
    client = accepted;
  });

  it("is not read from while much waits for it, and streams to this node wait, until it has caught up", () => {
    let resumed = 0;
    client.send(reply(CLIENT_QUEUE_HIGH_BYTES / 2));
    assert.equal(connection.isPaused, false);
    client.send(reply(CLIENT_QUEUE_HIGH_BYTES));
    assert.equal(connection.isPaused, true);
    assert.equal(clients.someoneIsBehind, true);
    clients.whenDrained(() => resumed++);
    connection.queuedBytes = 0;
    handlers.onDrain?.();
    assert.equal(connection.isPaused, false);
    assert.equal(clients.someoneIsBehind, false);
    assert.equal(resumed, 1);
    assert.equal(connection.isDestroyed, false);
  });

  it("stays unread for as long as anything else holds it", () => {
    client.hold("its node");
    client.send(reply(2 * CLIENT_QUEUE_HIGH_BYTES));
    handlers.onDrain?.();
    assert.equal(connection.isPaused, true);
    client.releaseHold("its node");
    assert.equal(connection.isPaused, false);
  });

  it("is put out when more messages wait for it than MaxQueueDropMsg allows", () => {
    // The first one goes to an empty queue.
    for (let i = 0; i <= MESSAGES_MAX; i++) client.send(message());
    assert.deepEqual(client.queued.messages, MESSAGES_MAX);
    assert.equal(connection.isDestroyed, false);
    const queuedBytes = connection.queuedBytes;
    client.send(message());
    assert.equal(connection.isDestroyed, true);
    assert.equal(connection.queuedBytes, queuedBytes);
    assert.deepEqual(gone, [PID]);
    assert.equal(clients.size, 0);
    assert.equal(counters.numClients, 0);
  });

  it("begins anew with counting when it has read all", () => {
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i <= MESSAGES_MAX; i++) client.send(message());
      connection.queuedBytes = 0;
      handlers.onDrain?.();
    }
    assert.equal(connection.isDestroyed, false);
  });

  it("is put out for messages beyond the limit in bytes, and no longer counts as one that is behind", () => {
    let resumed = 0;
    client.send(reply(2 * CLIENT_QUEUE_HIGH_BYTES));
    clients.whenDrained(() => resumed++);
    connection.queuedBytes = CLIENT_QUEUE_MAX_BYTES;
    client.send(message());
    assert.equal(connection.isDestroyed, true);
    assert.equal(clients.someoneIsBehind, false);
    assert.equal(resumed, 1);
  });
});
