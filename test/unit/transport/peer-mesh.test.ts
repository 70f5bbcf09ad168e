// Who waits for a link, and what becomes of that when the node is taken out of the nodes list.
import assert from "node:assert/strict";
import { it } from "node:test";
import type { StreamConnection, StreamHandlers, TcpPort } from "../../../src/platform/ports.js";
import { PEER_QUEUE_HIGH_BYTES, PeerMesh } from "../../../src/transport/peer-mesh.js";
import { FakeTime, RecordingLogger } from "../fake-time.js";

it("Who waits for a congested peer goes on when the peer is drained, and when it is taken out of the list", () => {
  const time = new FakeTime();
  let queuedBytes = 0;
  let handlers: StreamHandlers | undefined;
  const connection: StreamConnection = {
    write: () => {},
    get queuedBytes() {
      return queuedBytes;
    },
    pauseReading: () => {},
    destroy: () => {},
  };
  const tcp: TcpPort = {
    listen: () => assert.fail("nobody comes in"),
    connect: (_from, _to, given, onConnected) => {
      handlers = given;
      onConnected(connection);
      return { cancel: () => {} };
    },
  };
  const mesh = new PeerMesh(
    {
      clock: time,
      timers: time,
      random: { uint32: () => 0 },
      logger: new RecordingLogger(),
      tcp,
      nodes: {
        all: [
          { pnn: 0, address: "10.0.0.1" },
          { pnn: 1, address: "10.0.0.2" },
        ],
        ownPnn: 0,
        isDeleted: () => false,
        pnnOfAddress: () => undefined,
      },
    },
    { listen: { address: "10.0.0.1", port: 4379 } },
    { onPacket: () => {}, onConnected: () => {}, onDead: () => {} },
  );
  mesh.start();
  queuedBytes = PEER_QUEUE_HIGH_BYTES + 1;
  const woken: string[] = [];
  assert.equal(mesh.isCongested(1), true);
  mesh.whenDrained(() => woken.push("drained"));
  handlers?.onDrain?.();
  mesh.whenDrained(() => woken.push("removed"));
  mesh.removePeer(1);
  assert.deepEqual(woken, ["drained", "removed"]);
  assert.equal(mesh.isCongested(1), false);
});
