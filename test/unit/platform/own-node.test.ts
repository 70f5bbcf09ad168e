import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { OwnNodeError } from "../../../src/platform/errors.js";
import { findOwnNode } from "../../../src/platform/own-node.js";
import { leaseAddresses } from "../../cluster/address-lease.js";

const PORT = 4379;
/** Nobody else listens there meanwhile. */
const lease = await leaseAddresses();
after(() => lease.release());
const [FIRST, SECOND] = [lease.address(0), lease.address(1)];
const node = (address: string) => ({ address, deleted: false });
const GONE = { address: "0.0.0.0", deleted: true };

function lockPath(t: TestContext): string {
  const base = mkdtempSync(join(tmpdir(), "ctdb-own-"));
  t.after(() => rmSync(base, { recursive: true, force: true }));
  return join(base, ".socket_lock");
}

test("the configured address decides, in whatever form it is written", async (t) => {
  const nodes = [GONE, node("10.1.2.3"), node("fd00::2")];
  const lock = lockPath(t);
  assert.equal((await findOwnNode(nodes, "10.1.2.3", lock, PORT)).pnn, 1);
  assert.equal((await findOwnNode(nodes, "::ffff:10.1.2.3", lock, PORT)).address, "10.1.2.3");
  assert.equal((await findOwnNode(nodes, "FD00:0::2", lock, PORT)).pnn, 2);
});

test("a configured address that no living node has is an error", async (t) => {
  await assert.rejects(findOwnNode([GONE, node("10.1.2.3")], "0.0.0.0", lockPath(t), PORT), OwnNodeError);
  await assert.rejects(findOwnNode([node("10.1.2.3")], "10.1.2.4", lockPath(t), PORT), OwnNodeError);
});

test("without a configured address the first one that can be bound is the own", async (t) => {
  // 192.0.2.1 is reserved for documentation: no machine has it.
  const nodes = [node("192.0.2.1"), GONE, node(FIRST), node(SECOND)];
  const own = await findOwnNode(nodes, undefined, lockPath(t), PORT);
  assert.deepEqual([own.pnn, own.address], [2, FIRST]);
  own.release();
  own.release();
});

test("an address on which somebody listens is passed over", async (t) => {
  const other = createServer().listen(PORT, FIRST);
  await once(other, "listening");
  t.after(() => other.close());
  const own = await findOwnNode([node(FIRST), node(SECOND)], undefined, lockPath(t), PORT);
  assert.equal(own.pnn, 1);
  own.release();
});

test("where nothing can be bound the error says why", async (t) => {
  const other = createServer().listen(PORT, FIRST);
  await once(other, "listening");
  t.after(() => other.close());
  await assert.rejects(findOwnNode([node("192.0.2.1"), node(FIRST)], undefined, lockPath(t), PORT), {
    name: "OwnNodeError",
    message: new RegExp(`\\(${FIRST.replaceAll(".", "\\.")}: EADDRINUSE\\)`),
  });
});
