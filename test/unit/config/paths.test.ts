import assert from "node:assert/strict";
import { test } from "node:test";
import { PathsError } from "../../../src/config/errors.js";
import { resolvePaths } from "../../../src/config/paths.js";
import { DEFAULT_KEEPALIVE_VERSION, keepaliveVersion } from "../../../src/config/version.js";

test("the paths are Debian's, and CTDB_BASE does not move them", () => {
  const paths = resolvePaths({ CTDB_BASE: "/tmp/x" });
  assert.equal(paths.testMode, false);
  assert.equal(paths.config, "/etc/ctdb/ctdb.conf");
  assert.equal(paths.socket, "/run/ctdb/ctdbd.socket");
  assert.equal(paths.pidFile, "/run/ctdb/ctdbd.pid");
  assert.equal(paths.vardir, "/var/lib/ctdb");
  assert.equal(paths.datadir, "/usr/share/ctdb");
  assert.equal(paths.eventScripts, "/etc/ctdb/events/legacy");
});

test("in test mode everything is below CTDB_BASE and its last part is the host name of the log", () => {
  const paths = resolvePaths({ CTDB_TEST_MODE: "", CTDB_BASE: "/tmp/c/node.0" });
  assert.equal(paths.testMode, true);
  assert.equal(paths.config, "/tmp/c/node.0/ctdb.conf");
  assert.equal(paths.socket, "/tmp/c/node.0/run/ctdbd.socket");
  assert.equal(paths.socketLock, "/tmp/c/node.0/run/.socket_lock");
  assert.equal(paths.vardir, "/tmp/c/node.0/var");
  assert.equal(paths.logHostname, "node.0");
});

test("a relative CTDB_BASE stays relative", () => {
  assert.equal(resolvePaths({ CTDB_TEST_MODE: "1", CTDB_BASE: "c/node.0" }).nodes, "c/node.0/nodes");
});

test("CTDB_SOCKET names the socket", () => {
  const env = { CTDB_TEST_MODE: "1", CTDB_BASE: "/tmp/c", CTDB_SOCKET: "/tmp/s" };
  assert.equal(resolvePaths(env).socket, "/tmp/s");
});

test("test mode without CTDB_BASE is refused", () => {
  assert.throws(() => resolvePaths({ CTDB_TEST_MODE: "1" }), PathsError);
});

test("the keepalive version is 4.17's unless CTDB_TEST_SAMBA_VERSION says otherwise", () => {
  assert.equal(keepaliveVersion({}), DEFAULT_KEEPALIVE_VERSION);
  assert.equal(DEFAULT_KEEPALIVE_VERSION, 4 * 65536 + 17);
  assert.equal(keepaliveVersion({ CTDB_TEST_SAMBA_VERSION: "262168" }), 0x00040018);
});
