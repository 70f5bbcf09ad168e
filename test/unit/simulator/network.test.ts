// Connections between simulated machines: order, back pressure, partitions, refusals, and ends of all kinds.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { StreamConnection } from "../../../src/platform/ports.js";
import type { SimulatedProcess } from "../../../src/simulator/simulated-process.js";
import { KERNEL_WINDOW_BYTES } from "../../../src/simulator/simulated-stream.js";
import { TwoMachines } from "./two-machines.js";

const PORT = 4379;

/** One end of a connection, and what it has seen. */
class End {
  connection: StreamConnection | undefined;
  received = Buffer.alloc(0);
  closed: string | undefined;
  drains = 0;
  readonly handlers = {
    onData: (bytes: Buffer) => {
      this.received = Buffer.concat([this.received, bytes]);
    },
    onClose: (reason: string) => {
      this.closed = reason;
    },
    onDrain: () => {
      this.drains++;
    },
  };

  get open(): StreamConnection {
    assert.ok(this.connection !== undefined, "not connected");
    return this.connection;
  }
}

class Pair extends TwoMachines {
  readonly client = new End();
  readonly server = new End();
  failure: string | undefined;
  clientProcess: SimulatedProcess = this.at(0).spawn("client");
  serverProcess: SimulatedProcess = this.at(1).spawn("server");

  async listen(accept = true): Promise<void> {
    await this.network.portOf(this.serverProcess, this.at(1)).listen(
      { address: "10.0.0.2", port: PORT },
      (connection, remote) => {
        assert.equal(remote, "10.0.0.1");
        if (!accept) return undefined;
        this.server.connection = connection;
        return this.server.handlers;
      },
      (error) => assert.fail(error),
    );
  }

  connect(): { cancel(): void } {
    return this.network.portOf(this.clientProcess, this.at(0)).connect(
      "10.0.0.1",
      { address: "10.0.0.2", port: PORT },
      this.client.handlers,
      (connection) => {
        this.client.connection = connection;
      },
      (reason) => {
        this.failure = reason;
      },
    );
  }

  async connected(): Promise<this> {
    await this.listen();
    this.connect();
    await this.run(10);
    assert.ok(this.client.connection !== undefined && this.server.connection !== undefined);
    return this;
  }
}

test("bytes arrive in order and whole in both directions, whatever the sizes of the writes", async () => {
  const pair = await new Pair().connected();
  const { client, server, random } = pair;
  const sent: Buffer[] = [];
  for (let index = 0; index < 500; index++) {
    const bytes = Buffer.alloc(1 + random.below(300), index & 0xff);
    sent.push(bytes);
    client.open.write(bytes);
    if (random.chance(0.2)) await pair.run(0.1);
  }
  server.open.write(Buffer.from("answer"));
  await pair.run(50);
  assert.deepEqual(server.received, Buffer.concat(sent));
  assert.equal(client.received.toString(), "answer");
});

test("the bytes of a write may be changed by the writer right after it", async () => {
  const pair = await new Pair().connected();
  const bytes = Buffer.from("first");
  pair.client.open.write(bytes);
  bytes.fill(0);
  await pair.run(10);
  assert.equal(pair.server.received.toString(), "first");
});

test("a reader that does not read makes the writer's queue grow; when it reads again the queue drains", async () => {
  const pair = await new Pair().connected();
  const { client, server } = pair;
  server.open.pauseReading(true);
  const all = Buffer.alloc(KERNEL_WINDOW_BYTES + 1000, 7);
  client.open.write(all);
  await pair.run(10);
  assert.equal(client.open.queuedBytes, 1000);
  assert.equal(client.drains, 0);
  assert.equal(server.received.length, 0);
  server.open.pauseReading(false);
  await pair.run(10);
  assert.equal(client.open.queuedBytes, 0);
  assert.equal(client.drains, 1);
  assert.deepEqual(server.received, all);
});

test("a stopped reader takes nothing until it goes on", async () => {
  const pair = await new Pair().connected();
  pair.serverProcess.pause(1000);
  pair.client.open.write(Buffer.from("waits"));
  await pair.run(900);
  assert.equal(pair.server.received.length, 0);
  await pair.run(200);
  assert.equal(pair.server.received.toString(), "waits");
});

test("a closed connection ends the other side behind the last byte", async () => {
  const pair = await new Pair().connected();
  pair.client.open.write(Buffer.from("last words"));
  pair.client.open.destroy();
  await pair.run(10);
  assert.equal(pair.server.received.toString(), "last words");
  assert.equal(pair.server.closed, "closed by the peer");
  assert.equal(pair.client.closed, undefined);
});

test("a process that ends closes its connections and frees its port", async () => {
  const pair = await new Pair().connected();
  pair.serverProcess.end({ code: null, signal: "SIGKILL" });
  await pair.run(10);
  assert.equal(pair.client.closed, "closed by the peer");
  pair.serverProcess = pair.at(1).spawn("server");
  await pair.listen();
});

test("a connection is refused where nobody listens, and closed where the listener does not want it", async () => {
  const nobody = new Pair();
  nobody.connect();
  await nobody.run(10);
  assert.equal(nobody.failure, "ECONNREFUSED");
  const unwanted = new Pair();
  await unwanted.listen(false);
  unwanted.connect();
  await unwanted.run(10);
  assert.equal(unwanted.client.closed, "closed by the peer");
});

test("nothing passes a partition, nothing is lost, and all comes after it", async () => {
  const pair = await new Pair().connected();
  pair.network.partition([0], [1]);
  pair.client.open.write(Buffer.from("first "));
  await pair.run(5000);
  pair.client.open.write(Buffer.from("second"));
  await pair.run(5000);
  assert.equal(pair.server.received.length, 0);
  pair.network.heal();
  await pair.run(1000);
  assert.equal(pair.server.received.toString(), "first second");
});

test("a link that is blocked one way lets the other direction through, and no new connection", async () => {
  const pair = await new Pair().connected();
  pair.network.block(0, 1);
  pair.server.open.write(Buffer.from("to 0"));
  pair.client.open.write(Buffer.from("to 1"));
  await pair.run(1000);
  assert.equal(pair.client.received.toString(), "to 0");
  assert.equal(pair.server.received.length, 0);
  const another = new End();
  pair.network.portOf(pair.clientProcess, pair.at(0)).connect(
    "10.0.0.1",
    { address: "10.0.0.2", port: PORT },
    another.handlers,
    (connection) => {
      another.connection = connection;
    },
    (reason) => assert.fail(reason),
  );
  await pair.run(3000);
  assert.equal(another.connection, undefined);
  pair.network.unblock(0, 1);
  await pair.run(10_000);
  assert.ok(another.connection !== undefined);
  assert.equal(pair.server.received.toString(), "to 1");
});

test("a cancelled attempt tells nothing, and leaves no connection on the other side", async () => {
  const pair = new Pair();
  await pair.listen();
  const attempt = pair.connect();
  await pair.time.run(5, () => pair.server.connection !== undefined);
  attempt.cancel();
  await pair.run(10);
  assert.equal(pair.client.connection, undefined);
  assert.equal(pair.server.closed, "closed by the peer");
});

test("connections that break are reset on both sides", async () => {
  const pair = await new Pair().connected();
  pair.network.resetConnections(1, 0);
  await pair.run(10);
  assert.equal(pair.client.closed, "ECONNRESET");
  assert.equal(pair.server.closed, "ECONNRESET");
});

test("nobody hears of a machine that lost its power, until it is back and does not know the connection", async () => {
  const pair = await new Pair().connected();
  pair.at(1).crash(true);
  pair.client.open.write(Buffer.from("anybody there?"));
  await pair.run(20_000);
  assert.equal(pair.client.closed, undefined);
  pair.at(1).boot();
  await pair.run(1000);
  assert.equal(pair.client.closed, "ECONNRESET");
});

test("what a machine could not get through a partition before it lost its power never arrives", async () => {
  const pair = await new Pair().connected();
  pair.network.partition([0], [1]);
  pair.client.open.write(Buffer.from("held up"));
  await pair.run(10);
  pair.at(0).crash(true);
  pair.network.heal();
  await pair.run(5000);
  assert.equal(pair.server.received.toString(), "");
});

test("what is written to a machine that is back after a silent crash is answered with a reset", async () => {
  const pair = await new Pair().connected();
  pair.at(1).crash(true);
  pair.at(1).boot();
  await pair.run(1000);
  assert.equal(pair.client.closed, undefined);
  pair.client.open.write(Buffer.from("anybody there?"));
  await pair.run(1000);
  assert.equal(pair.client.closed, "ECONNRESET");
});

test("a slow link delays, and its bandwidth counts", async () => {
  const pair = await new Pair().connected();
  pair.network.setSpeed(0, 1, { minMs: 100, jitterMs: 0, spikeChance: 0, bytesPerMs: 10 });
  const before = pair.time.nowMs;
  pair.client.open.write(Buffer.alloc(1000));
  await pair.time.run(before + 10_000, () => pair.server.received.length === 1000);
  assert.ok(Math.abs(pair.time.nowMs - before - 200) < 1, `${pair.time.nowMs - before} ms`);
});
