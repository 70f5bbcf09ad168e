import assert from "node:assert/strict";
import { test } from "node:test";
import {
  canonicalSockAddr,
  ProtocolError,
  SockAddr,
  sameIp,
  sameSockAddr,
  sockAddr,
} from "../../../src/protocol/index.js";

const texts: readonly [text: string, canonical: string][] = [
  ["::", "::"],
  ["::1", "::1"],
  ["fe80::1", "fe80::1"],
  ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"],
  ["1:0:0:0:0:0:0:0", "1::"],
  ["::ffff:127.0.0.1", "::ffff:127.0.0.1"],
  ["::FFFF:7f00:1", "::ffff:127.0.0.1"],
  ["64:ff9b::192.0.2.1", "64:ff9b::c000:201"],
];

test("an IPv6 address in any spelling keeps its meaning and comes back in its shortest form", () => {
  for (const [text, canonical] of texts) {
    const value = sockAddr(text, 445);
    assert.deepEqual(value, { family: 6, address: canonical, port: 445 });
    assert.deepEqual(SockAddr.decode(SockAddr.encode(value)), value);
  }
});

test("an IPv4 address has its family in host order, its port in network order and zeros behind", () => {
  const bytes = Buffer.from(SockAddr.encode(sockAddr("127.0.11.1", 4379)));
  assert.equal(bytes.toString("hex"), `0200111b7f000b01${"00".repeat(20)}`);
});

test("unused bytes of a received address are ignored", () => {
  const bytes = Buffer.from(SockAddr.encode(sockAddr("10.0.0.1", 1)));
  bytes.fill(0xee, 8);
  assert.deepEqual(SockAddr.decode(bytes), { family: 4, address: "10.0.0.1", port: 1 });
});

test("the scope of a link-local address travels as interface index", () => {
  const value = sockAddr("fe80::2%7", 1);
  assert.equal(value.scopeId, 7);
  assert.deepEqual(SockAddr.decode(SockAddr.encode(value)), value);
});

test("an IPv4-mapped IPv6 address is the same address as the IPv4 one", () => {
  assert.deepEqual(canonicalSockAddr(sockAddr("::ffff:10.1.2.3", 9)), { family: 4, address: "10.1.2.3", port: 9 });
  assert.ok(sameIp(sockAddr("::ffff:10.1.2.3", 9), sockAddr("10.1.2.3", 10)));
  assert.ok(!sameSockAddr(sockAddr("::ffff:10.1.2.3", 9), sockAddr("10.1.2.3", 10)));
  assert.ok(sameSockAddr(sockAddr("2001:db8::1", 1), { family: 6, address: "2001:DB8:0::1", port: 1 }));
  assert.ok(!sameIp(sockAddr("::1"), sockAddr("127.0.0.1")));
});

test("a family that is neither IPv4 nor IPv6 is refused with its offset", () => {
  assert.throws(
    () => SockAddr.decode(new Uint8Array(28)),
    (error) => error instanceof ProtocolError && error.offset === 0 && error.field === "SockAddr family",
  );
});

test("text that is no address is refused", () => {
  for (const text of ["", "localhost", "1.2.3", "1::2::3", "fe80::1%eth0"])
    assert.throws(() => sockAddr(text), RangeError);
});
