// What every TcpPort has to do, checked on the real one (over loopback) and on the simulated one.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { StreamConnection, TcpPort } from "../../../src/platform/ports.js";
import { nodeTcpPort } from "../../../src/platform/tcp-port.js";
import { leaseAddresses } from "../../cluster/address-lease.js";
import { TwoMachines } from "./two-machines.js";

const PORT = 4390;
const LIMIT_MS = 60_000;
/** Nobody else listens there meanwhile. */
const lease = await leaseAddresses();
after(() => lease.release());
/** More than any kernel takes while nobody reads. */
const FLOOD_BYTES = 32 * 1024 * 1024;

/** Two machines, the first of which connects to the second. */
interface Place {
  readonly from: { readonly port: TcpPort; readonly address: string };
  readonly to: { readonly port: TcpPort; readonly address: string };
  /** Waits; false: not within the limit. */
  until(condition: () => boolean): Promise<boolean>;
}

function realPlace(): Place {
  return {
    from: { port: nodeTcpPort, address: lease.address(0) },
    to: { port: nodeTcpPort, address: lease.address(1) },
    until: async (condition) => {
      const endMs = performance.now() + LIMIT_MS;
      while (!condition() && performance.now() < endMs) await new Promise((resolve) => setTimeout(resolve, 1));
      return condition();
    },
  };
}

function simulatedPlace(): Place {
  const machines = new TwoMachines();
  const { network, time } = machines;
  const [from, to] = [machines.at(0), machines.at(1)];
  return {
    from: { port: network.portOf(from.spawn("a"), from), address: from.address },
    to: { port: network.portOf(to.spawn("b"), to), address: to.address },
    until: (condition) => time.run(time.nowMs + LIMIT_MS, condition),
  };
}

class End {
  connection: StreamConnection | undefined;
  bytes = 0;
  readonly chunks: Buffer[] = [];
  closed: string | undefined;
  drains = 0;
  readonly handlers = {
    onData: (bytes: Buffer) => {
      this.bytes += bytes.length;
      if (this.bytes < 1_000_000) this.chunks.push(Buffer.from(bytes));
    },
    onClose: (reason: string) => {
      assert.equal(this.closed, undefined, "onClose is called once");
      this.closed = reason;
    },
    onDrain: () => {
      this.drains++;
    },
  };

  get open(): StreamConnection {
    assert.ok(this.connection !== undefined);
    return this.connection;
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString();
  }
}

interface Connected {
  readonly place: Place;
  readonly client: End;
  readonly server: End;
}

async function connected(place: Place, use: (both: Connected) => Promise<void>): Promise<void> {
  const [client, server] = [new End(), new End()];
  const listener = await place.to.port.listen(
    { address: place.to.address, port: PORT },
    (connection, remote) => {
      assert.equal(remote, place.from.address);
      server.connection = connection;
      return server.handlers;
    },
    assert.fail,
  );
  try {
    place.from.port.connect(
      place.from.address,
      { address: place.to.address, port: PORT },
      client.handlers,
      (connection) => {
        client.connection = connection;
      },
      assert.fail,
    );
    assert.ok(await place.until(() => client.connection !== undefined && server.connection !== undefined));
    await use({ place, client, server });
  } finally {
    client.connection?.destroy();
    server.connection?.destroy();
    listener.close();
  }
}

for (const [name, makePlace] of [
  ["real", realPlace],
  ["simulated", simulatedPlace],
] as const) {
  test(`${name} TCP: what is written arrives in order, in both directions`, () =>
    connected(makePlace(), async ({ place, client, server }) => {
      const scratch = Buffer.alloc(2);
      let sent = "";
      for (let index = 10; index < 99; index++) {
        scratch.write(String(index));
        sent += index;
        client.open.write(scratch);
      }
      server.open.write(Buffer.from("back"));
      assert.ok(await place.until(() => server.bytes === sent.length && client.bytes === 4));
      assert.equal(server.text, sent);
      assert.equal(client.text, "back");
    }));

  test(`${name} TCP: what is written before destroy arrives, then the other side hears of the end`, () =>
    connected(makePlace(), async ({ place, client, server }) => {
      client.open.write(Buffer.from("last words"));
      client.open.destroy();
      assert.ok(await place.until(() => server.closed !== undefined));
      assert.equal(server.text, "last words");
      assert.equal(server.closed, "closed by the peer");
      assert.equal(client.closed, undefined);
      client.open.write(Buffer.from("too late"));
      client.open.destroy();
    }));

  test(`${name} TCP: a reader that pauses makes the queue grow; it drains when he reads again`, () =>
    connected(makePlace(), async ({ place, client, server }) => {
      server.open.pauseReading(true);
      assert.equal(client.open.queuedBytes, 0);
      client.open.write(Buffer.alloc(FLOOD_BYTES));
      assert.ok(await place.until(() => client.open.queuedBytes > 0));
      assert.ok(client.open.queuedBytes <= FLOOD_BYTES);
      assert.equal(client.drains, 0);
      server.open.pauseReading(false);
      assert.ok(await place.until(() => server.bytes === FLOOD_BYTES));
      assert.ok(await place.until(() => client.drains === 1));
      assert.equal(client.open.queuedBytes, 0);
    }));

  test(`${name} TCP: a destroyed reader with unread bytes resets the writer`, () =>
    connected(makePlace(), async ({ place, client, server }) => {
      server.open.pauseReading(true);
      client.open.write(Buffer.alloc(FLOOD_BYTES));
      assert.ok(await place.until(() => client.open.queuedBytes > 0));
      server.open.destroy();
      assert.ok(await place.until(() => client.closed !== undefined));
    }));

  test(`${name} TCP: where nobody listens the connection is refused`, async () => {
    const place = makePlace();
    let failure: string | undefined;
    const to = { address: place.to.address, port: PORT + 1 };
    const unexpected = (): void => assert.fail("connected");
    place.from.port.connect(place.from.address, to, new End().handlers, unexpected, (reason) => {
      failure = reason;
    });
    assert.ok(await place.until(() => failure !== undefined));
    assert.equal(failure, "ECONNREFUSED");
  });

  test(`${name} TCP: a connection that the listener does not want is closed`, async () => {
    const place = makePlace();
    const client = new End();
    const listener = await place.to.port.listen(
      { address: place.to.address, port: PORT },
      () => undefined,
      assert.fail,
    );
    try {
      place.from.port.connect(
        place.from.address,
        { address: place.to.address, port: PORT },
        client.handlers,
        (connection) => {
          client.connection = connection;
        },
        assert.fail,
      );
      assert.ok(await place.until(() => client.closed !== undefined));
      assert.equal(client.closed, "closed by the peer");
    } finally {
      listener.close();
    }
  });

  test(`${name} TCP: a second listener at the same place is refused`, () =>
    connected(makePlace(), async ({ place }) => {
      const endpoint = { address: place.to.address, port: PORT };
      await assert.rejects(
        place.to.port.listen(endpoint, () => undefined, assert.fail),
        /EADDRINUSE/,
      );
    }));
}
