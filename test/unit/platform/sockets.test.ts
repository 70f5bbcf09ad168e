import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { nodeLocalServerPort } from "../../../src/platform/local-server-port.js";
import type { StreamConnection, StreamHandlers } from "../../../src/platform/ports.js";
import { nodeTcpPort } from "../../../src/platform/tcp-port.js";
import { leaseAddresses } from "../../cluster/address-lease.js";
import { RecordingLogger } from "../fake-time.js";

const directory = mkdtempSync(join(tmpdir(), "ctdb-sockets-"));
/** Nobody else listens there meanwhile. */
const lease = await leaseAddresses();
const [OWN, OTHER, NOBODYS] = [lease.address(0), lease.address(1), lease.address(2)];
const PORT = 4379;
after(() => {
  lease.release();
  rmSync(directory, { recursive: true, force: true });
});
let names = 0;
const newPath = (): string => join(directory, `s${names++}`);

interface LocalServer {
  readonly path: string;
  readonly connections: StreamConnection[];
  readonly pids: number[];
  startAccepting(): void;
  close(): void;
}

async function serve(
  handlersOf: (connection: StreamConnection) => StreamHandlers,
  path = newPath(),
): Promise<LocalServer> {
  const connections: StreamConnection[] = [];
  const pids: number[] = [];
  const port = nodeLocalServerPort({ logger: new RecordingLogger(), chown: false });
  const listener = await port.listen(path, (connection, pid) => {
    connections.push(connection);
    pids.push(pid);
    return handlersOf(connection);
  });
  return {
    path,
    connections,
    pids,
    startAccepting: () => listener.startAccepting(),
    close: () => {
      listener.close();
      for (const connection of connections) connection.destroy();
    },
  };
}

const echo = (connection: StreamConnection): StreamHandlers => ({
  onData: (bytes) => connection.write(bytes),
  onClose: () => {},
});

/** The next `count` bytes, or more if they come together. */
function readBytes(socket: net.Socket, count: number): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const receive = (chunk: Buffer): void => {
      chunks.push(chunk);
      length += chunk.length;
      if (length < count) return;
      socket.off("data", receive);
      resolve(Buffer.concat(chunks));
    };
    socket.on("data", receive);
    socket.resume();
  });
}

test("the client socket has mode 0700 and a stale file in its place is removed", async () => {
  const path = newPath();
  writeFileSync(path, "stale");
  const server = await serve(echo, path);
  assert.equal(statSync(path).mode & 0o7777, 0o700);
  assert.ok(statSync(path).isSocket());
  server.startAccepting();
  server.close();
});

test("a client that connects before the node accepts waits in the backlog and loses nothing", async () => {
  const server = await serve(echo);
  const client = net.connect(server.path);
  await once(client, "connect");
  client.write("early");
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(server.connections.length, 0);
  server.startAccepting();
  assert.equal((await readBytes(client, 5)).toString(), "early");
  client.destroy();
  server.close();
});

test("the peer's process id comes from the kernel", async () => {
  const server = await serve(echo);
  server.startAccepting();
  const script = `require("net").connect(${JSON.stringify(server.path)}).on("data",()=>process.exit()).write("x")`;
  const child = spawn(process.execPath, ["-e", script], { stdio: "inherit" });
  await once(child, "exit");
  assert.deepEqual(server.pids, [child.pid]);
  server.close();
});

test("what is written in one turn arrives in order, whatever the sizes", async () => {
  const server = await serve((connection) => ({
    onData: () => {
      let value = 0;
      for (const size of [1, 4095, 1, 4096, 5000, 65536, 3, 200_000, 70_000, 1]) {
        connection.write(Buffer.alloc(size, ++value));
      }
    },
    onClose: () => {},
  }));
  server.startAccepting();
  const client = net.connect(server.path);
  client.write("go");
  const total = 1 + 4095 + 1 + 4096 + 5000 + 65536 + 3 + 200_000 + 70_000 + 1;
  const got = await readBytes(client, total);
  assert.equal(got.length, total);
  let value = 0;
  let offset = 0;
  for (const size of [1, 4095, 1, 4096, 5000, 65536, 3, 200_000, 70_000, 1]) {
    assert.ok(got.subarray(offset, offset + size).equals(Buffer.alloc(size, ++value)), `piece ${value}`);
    offset += size;
  }
  client.destroy();
  server.close();
});

test("a peer that does not read makes queuedBytes grow, and onDrain tells when all is with the kernel", async () => {
  let drained = 0;
  const server = await serve(() => ({ onData: () => {}, onClose: () => {}, onDrain: () => drained++ }));
  server.startAccepting();
  const client = net.connect(server.path);
  client.pause();
  await once(client, "connect");
  while (server.connections.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const [connection] = server.connections;
  assert.ok(connection);
  const chunk = Buffer.alloc(100_000);
  const chunks = 100;
  for (let i = 0; i < chunks; i++) {
    chunk.fill(i);
    connection.write(chunk);
  }
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(connection.queuedBytes > 8_000_000, `queued ${connection.queuedBytes}`);
  assert.equal(drained, 0);
  const got = await readBytes(client, chunks * chunk.length);
  for (let i = 0; i < chunks; i++) assert.equal(got[i * chunk.length + 99_999], i);
  while (drained === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(connection.queuedBytes, 0);
  assert.equal(drained, 1);
  client.destroy();
  server.close();
});

test("a paused connection reads nothing until it is resumed", async () => {
  let received = 0;
  const server = await serve((connection) => {
    connection.pauseReading(true);
    return {
      onData: (bytes) => {
        received += bytes.length;
        connection.pauseReading(true);
      },
      onClose: () => {},
    };
  });
  server.startAccepting();
  const client = net.connect(server.path);
  client.write(Buffer.alloc(200_000));
  while (server.connections.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(received, 0);
  server.connections[0]?.pauseReading(false);
  while (received === 0) await new Promise((resolve) => setImmediate(resolve));
  const first = received;
  assert.ok(first <= 65536);
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(received, first);
  while (received < 200_000) {
    server.connections[0]?.pauseReading(false);
    await new Promise((resolve) => setImmediate(resolve));
  }
  client.destroy();
  server.close();
});

test("a connection with much input is read once in a turn of the loop, so that the others go first", async () => {
  let turn = 0;
  const turnOfRead: number[] = [];
  let received = 0;
  const server = await serve(() => ({
    onData: (bytes) => {
      turnOfRead.push(turn);
      received += bytes.length;
    },
    onClose: () => {},
  }));
  const busy = net.connect(server.path);
  busy.write(Buffer.alloc(180_000));
  await once(busy, "connect");
  server.startAccepting();
  while (received < 180_000) {
    await new Promise((resolve) => setImmediate(resolve));
    turn++;
  }
  assert.equal(new Set(turnOfRead).size, turnOfRead.length, `reads in turns ${turnOfRead.join(", ")}`);
  busy.destroy();
  server.close();
});

test("the end of a connection is told once, with its reason", async () => {
  const reasons: string[] = [];
  const server = await serve(() => ({ onData: () => {}, onClose: (reason) => void reasons.push(reason) }));
  server.startAccepting();
  const client = net.connect(server.path);
  await once(client, "connect");
  client.end();
  await once(client, "close");
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual(reasons, ["closed by the peer"]);
  server.close();
});

test("a connection destroyed from this side does not call onClose, and its last bytes still leave", async () => {
  let closes = 0;
  const server = await serve((connection) => ({
    onData: () => {
      connection.write(Buffer.from("bye"));
      connection.destroy();
      connection.write(Buffer.from("ignored"));
    },
    onClose: () => void closes++,
  }));
  server.startAccepting();
  const client = net.connect(server.path);
  client.write("x");
  const chunks: Buffer[] = [];
  client.on("data", (chunk) => chunks.push(chunk));
  await once(client, "close");
  assert.equal(Buffer.concat(chunks).toString(), "bye");
  assert.equal(closes, 0);
  server.close();
});

test("a peer that vanishes while much is queued for it ends the connection", async () => {
  const reasons: string[] = [];
  const server = await serve((connection) => ({
    onData: () => connection.write(Buffer.alloc(5_000_000)),
    onClose: (reason) => void reasons.push(reason),
  }));
  server.startAccepting();
  const client = net.connect(server.path);
  client.pause();
  client.write("x");
  while ((server.connections[0]?.queuedBytes ?? 0) === 0) await new Promise((resolve) => setImmediate(resolve));
  client.destroy();
  while (reasons.length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(reasons.length, 1);
  assert.match(reasons[0] ?? "", /^(EPIPE|ECONNRESET|closed by the peer)$/);
  server.close();
});

test("a node connects from its own address, and the other side sees it", async () => {
  const remotes: string[] = [];
  let accepted: StreamConnection | undefined;
  const received: string[] = [];
  const server = await nodeTcpPort.listen(
    { address: OTHER, port: PORT },
    (connection, remote) => {
      remotes.push(remote);
      accepted = connection;
      return { onData: (bytes) => connection.write(bytes), onClose: () => {} };
    },
    (error) => assert.fail(error),
  );
  const connection = await new Promise<StreamConnection>((resolve, reject) => {
    nodeTcpPort.connect(
      OWN,
      { address: OTHER, port: PORT },
      { onData: (bytes) => void received.push(bytes.toString()), onClose: () => {} },
      resolve,
      (reason) => reject(new Error(reason)),
    );
  });
  connection.write(Buffer.from("ping"));
  while (received.length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(received, ["ping"]);
  assert.deepEqual(remotes, [OWN]);
  connection.destroy();
  accepted?.destroy();
  server.close();
});

test("a refused connection is told with its reason, a cancelled one not at all", async () => {
  const connect = (onFailed: (reason: string) => void) =>
    nodeTcpPort.connect(
      OWN,
      { address: NOBODYS, port: PORT },
      { onData: () => {}, onClose: () => {} },
      () => assert.fail("connected"),
      onFailed,
    );
  assert.equal(await new Promise<string>((resolve) => connect(resolve)), "ECONNREFUSED");
  connect(() => assert.fail("told although cancelled")).cancel();
  await new Promise((resolve) => setTimeout(resolve, 20));
});

test("listening on an address that is not ours fails with EADDRNOTAVAIL", async () => {
  await assert.rejects(
    nodeTcpPort.listen(
      { address: "192.0.2.77", port: PORT },
      () => undefined,
      () => {},
    ),
    { code: "EADDRNOTAVAIL" },
  );
});

test("a connection that is refused by its handler is closed at once", async () => {
  const server = await nodeTcpPort.listen(
    { address: OTHER, port: PORT },
    () => undefined,
    () => {},
  );
  const reason = await new Promise<string>((resolve) => {
    nodeTcpPort.connect(OWN, { address: OTHER, port: PORT }, { onData: () => {}, onClose: resolve }, () => {}, resolve);
  });
  assert.match(reason, /closed by the peer|ECONNRESET/);
  server.close();
});
