// Numbers, addresses, bytes and levels as the C tool reads them from its arguments.
import assert from "node:assert/strict";
import { test } from "node:test";
import { endpointText, parseIp, parseIpMask, parseIpPort } from "../../../src/tool/arguments/addresses.js";
import { HexError, parseBytes } from "../../../src/tool/arguments/bytes.js";
import { parseConnectionLines } from "../../../src/tool/arguments/connections.js";
import { atoi, strtoul, strtoull } from "../../../src/tool/arguments/numbers.js";

test("strtoul takes any base, ignores what follows the digits and refuses signs", () => {
  assert.equal(strtoul("15abc"), 15);
  assert.equal(strtoul("0x1F"), 31);
  assert.equal(strtoul("010"), 8);
  assert.equal(strtoul("08"), 0);
  assert.equal(strtoul("4294967297"), 1);
  assert.equal(strtoul("abc"), undefined);
  assert.equal(strtoul("-1"), undefined);
  assert.equal(strtoul(""), undefined);
  assert.equal(strtoul("0x10", 10), 0);
  assert.equal(strtoull("0xffffffffffffffff"), 0xffffffffffffffffn);
  assert.equal(strtoull("0x10000000000000000"), undefined);
});

test("atoi turns garbage into 0 and wraps at 32 bits", () => {
  assert.equal(atoi("abc"), 0);
  assert.equal(atoi("12x"), 12);
  assert.equal(atoi("-3"), -3);
  assert.equal(atoi("99999999999"), 1215752191);
});

test("addresses are plain or in brackets, mapped ones become IPv4", () => {
  assert.deepEqual(parseIp("10.0.0.1"), { family: 4, address: "10.0.0.1", port: 0 });
  assert.deepEqual(parseIp("[fd00:0:0::1]"), { family: 6, address: "fd00::1", port: 0 });
  assert.deepEqual(parseIp("::ffff:1.2.3.4"), { family: 4, address: "1.2.3.4", port: 0 });
  assert.equal(parseIp("1.2.3"), undefined);
  assert.equal(parseIp("fe80::1%eth0"), undefined);
  assert.equal(parseIp("host"), undefined);
});

test("the port stands behind the last colon", () => {
  assert.deepEqual(parseIpPort("fd00::1:445"), { family: 6, address: "fd00::1", port: 445 });
  assert.deepEqual(parseIpPort("[fd00::1]:445"), { family: 6, address: "fd00::1", port: 445 });
  assert.equal(parseIpPort("10.0.0.1"), undefined);
  assert.equal(parseIpPort("10.0.0.1:4x"), undefined);
});

test("the mask stands behind the last slash, its range is not checked", () => {
  assert.deepEqual(parseIpMask("10.0.0.1/99"), { address: { family: 4, address: "10.0.0.1", port: 0 }, mask: 99 });
  assert.equal(parseIpMask("10.0.0.1"), undefined);
});

test("an endpoint with IPv6 is printed in brackets", () => {
  assert.equal(endpointText({ family: 6, address: "fd00::1", port: 445 }), "[fd00::1]:445");
  assert.equal(endpointText({ family: 4, address: "10.9.9.9", port: 1 }), "10.9.9.9:1");
});

test("bytes are literal text, or hexadecimal behind 0x", () => {
  assert.deepEqual(parseBytes("key"), Buffer.from("key"));
  assert.deepEqual(parseBytes("0x6b00"), Buffer.from([0x6b, 0]));
  assert.deepEqual(parseBytes("0x"), Buffer.alloc(0));
  assert.throws(() => parseBytes("0xabc"), new HexError("Key (abc) contains odd number of hex digits"));
  assert.throws(() => parseBytes("0xab1g"), new HexError("Invalid hex: 1g"));
});

test("a list of connections skips comments and is refused as a whole for one bad line", () => {
  const lines = parseConnectionLines("# x\n\n1.1.1.1:2 \t10.0.0.1:3\n  # y\n");
  assert.equal(lines?.length, 1);
  assert.equal(parseConnectionLines("1.1.1.1:2 10.0.0.1:3\nx\n"), undefined);
  assert.equal(parseConnectionLines("1.1.1.1:2 10.0.0.1:3 zz\n")?.length, 1);
});
