import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { LogLocationError } from "../../../src/platform/logging/errors.js";
import { parseLogLocation } from "../../../src/platform/logging/location.js";
import { logLevelName, parseLogLevel, syslogPriority } from "../../../src/platform/logging/log-levels.js";
import { createLogger, type DaemonLogger } from "../../../src/platform/logging/logger.js";
import { SyslogOutput } from "../../../src/platform/logging/syslog-output.js";
import { IsoTimeStamps, syslogTimeStamp } from "../../../src/platform/logging/time-stamps.js";
import { LogLevel } from "../../../src/platform/ports.js";
import { datagramDevice } from "./datagram-device.js";

function directory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "ctdb-log-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function fileLogger(t: TestContext, path: string, level: number = LogLevel.NOTICE): DaemonLogger {
  const logger = createLogger({ location: `file:${path}`, level, tag: "ctdbd", hostname: "node.0" });
  t.after(() => logger.close());
  return logger;
}

/** The texts of a log file, without what stands in front of them. */
function texts(path: string): string[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => line.replace(/^.*?\]: /, ""));
}

test("a level is a number from 0 to 10 or the beginning of a name", () => {
  assert.deepEqual(["deb", "WARN", "n", "0", "7", "10"].map(parseLogLevel), [10, 1, 3, 0, 7, 10]);
  assert.deepEqual(["11", "x", "", "-1", "ERRORS"].map(parseLogLevel), Array(5).fill(undefined));
});

test("every level has a name and a syslog priority", () => {
  const levels = [0, 1, 2, 3, 4, 5, 6, 9, 10];
  assert.equal(levels.map(logLevelName).join(" "), "ERROR WARNING WARNING NOTICE NOTICE INFO INFO INFO DEBUG");
  assert.deepEqual(
    levels.map((level) => syslogPriority(level) - 24),
    [3, 4, 5, 5, 5, 5, 6, 6, 7],
  );
});

test("the option of a location stands between the first two colons", () => {
  assert.deepEqual(parseLogLocation("file:/a:b"), { kind: "file", path: "/a" });
  for (const stderr of ["file", "file:", "file:-", "file:-:x"]) {
    assert.deepEqual(parseLogLocation(stderr), { kind: "stderr" });
  }
  assert.equal(parseLogLocation("syslog:tcp"), undefined);
  assert.equal(parseLogLocation("journal"), undefined);
});

test("a line of the file has time with microseconds and zone, host, tag, pid and text", async (t) => {
  const path = join(directory(t), "log");
  fileLogger(t, path).notice("Set runstate to INIT (1)");
  await nextTurn();
  assert.match(
    readFileSync(path, "utf8"),
    new RegExp(
      `^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}[+-]\\d\\d:\\d\\d node\\.0 ctdbd\\[${process.pid}\\]: Set runstate to INIT \\(1\\)\\n$`,
    ),
  );
});

test("only messages up to the level are written, and the level can be changed", async (t) => {
  const path = join(directory(t), "log");
  const logger = fileLogger(t, path);
  logger.info("no");
  logger.debug(() => assert.fail("a text that nobody wants is not made"));
  logger.level = LogLevel.DEBUG;
  logger.info("yes");
  logger.debug(() => "made");
  logger.level = LogLevel.ERROR;
  logger.warning("no");
  logger.log(0, "last");
  await nextTurn();
  assert.deepEqual(texts(path), ["yes", "made", "last"]);
});

test("each line of a text with several lines has its own header", async (t) => {
  const path = join(directory(t), "log");
  fileLogger(t, path).notice("one\ntwo\n");
  await nextTurn();
  assert.deepEqual(texts(path), ["one", "two"]);
});

test("an error is in the file at once, together with what came before it", (t) => {
  const path = join(directory(t), "log");
  const logger = fileLogger(t, path);
  logger.notice("before");
  assert.deepEqual(texts(path), []);
  logger.error("now");
  assert.deepEqual(texts(path), ["before", "now"]);
});

test("flushSync and close hand over what is pending", (t) => {
  const path = join(directory(t), "log");
  const logger = fileLogger(t, path);
  logger.notice("one");
  logger.flushSync();
  assert.deepEqual(texts(path), ["one"]);
  logger.notice("two");
  logger.close();
  assert.deepEqual(texts(path), ["one", "two"]);
});

test("a rotated file is left and a new one begun at reopen", (t) => {
  const path = join(directory(t), "log");
  const logger = fileLogger(t, path);
  logger.error("old");
  renameSync(path, `${path}.1`);
  logger.error("still old");
  logger.reopen();
  logger.error("new");
  assert.deepEqual(texts(`${path}.1`), ["old", "still old"]);
  assert.deepEqual(texts(path), ["new"]);
});

test("where the file cannot be opened anew the old one stays in use", (t) => {
  const base = join(directory(t), "sub");
  const path = join(base, "log");
  assert.throws(() => createLogger({ location: `file:${path}`, level: 3, tag: "x" }), LogLocationError);
  const good = join(directory(t), "log");
  const logger = fileLogger(t, good);
  renameSync(good, `${good}.1`);
  rmSync(join(good, ".."), { recursive: true });
  assert.throws(() => logger.reopen(), LogLocationError);
  logger.error("does not throw");
});

test("an existing file is continued", (t) => {
  const path = join(directory(t), "log");
  writeFileSync(path, "x[1]: earlier\n");
  fileLogger(t, path).error("later");
  assert.deepEqual(texts(path), ["earlier", "later"]);
});

test("a full disk loses lines, not the daemon", () => {
  const logger = createLogger({ location: "file:/dev/full", level: LogLevel.NOTICE, tag: "ctdbd" });
  logger.error("lost");
  logger.notice("lost too");
  logger.close();
});

test("stderr gets the bare text, also what is pending when the process ends", () => {
  const script = `
    import { createLogger } from ${JSON.stringify(join(__PROJECT_ROOT__, "src/platform/logging/logger.ts"))};
    const logger = createLogger({ location: "file:", level: 3, tag: "ctdbd" });
    logger.notice("CTDB starting on node");
    process.exit(1);
  `;
  const esbuild = join(__PROJECT_ROOT__, "node_modules/.bin/esbuild");
  const bundle = spawnSync(
    esbuild,
    ["--bundle", "--platform=node", "--format=esm", "--loader=ts", "--external:koffi"],
    {
      input: script,
      cwd: __PROJECT_ROOT__,
      encoding: "utf8",
    },
  );
  assert.equal(bundle.status, 0, bundle.stderr);
  const { stderr } = spawnSync(process.execPath, ["--input-type=module", "-"], {
    input: bundle.stdout,
    cwd: __PROJECT_ROOT__,
    encoding: "utf8",
  });
  assert.equal(stderr, "CTDB starting on node\n");
});

test("time stamps are local time with the zone's distance from UTC", () => {
  const wallMs = Date.UTC(2026, 10, 1, 5, 48, 4, 85) + 0.364;
  const script = process.env["TZ"];
  process.env["TZ"] = "Asia/Kolkata";
  try {
    const stamps = new IsoTimeStamps();
    assert.match(stamps.format(wallMs), /^2026-11-01T11:18:04\.08536[34]\+05:30$/);
    assert.match(stamps.format(wallMs + 1), /^2026-11-01T11:18:04\.08636[34]\+05:30$/);
    assert.equal(syslogTimeStamp(wallMs), "Nov  1 11:18:04");
    process.env["TZ"] = "America/New_York";
    assert.match(new IsoTimeStamps().format(wallMs), /^2026-11-01T00:48:04\.08536[34]-05:00$|-04:00$/);
  } finally {
    if (script === undefined) delete process.env["TZ"];
    else process.env["TZ"] = script;
  }
});

/** A syslog daemon on a free UDP port. */
async function receiver(t: TestContext): Promise<{ port: number; next(): Promise<string> }> {
  const socket = createSocket("udp4");
  t.after(() => socket.close());
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const received: string[] = [];
  const waiting: Array<(text: string) => void> = [];
  socket.on("message", (message) => {
    const text = message.toString();
    const waiter = waiting.shift();
    if (waiter === undefined) received.push(text);
    else waiter(text);
  });
  return {
    port: socket.address().port,
    next: () => {
      const text = received.shift();
      return text === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(text);
    },
  };
}

const SOURCE = { tag: "ctdbd", pid: 19506, hostname: "vm" };

test("syslog over UDP has the short form of the C daemon", async (t) => {
  const daemon = await receiver(t);
  const output = new SyslogOutput("udp", "short", SOURCE, "/nonexistent", daemon.port);
  t.after(() => output.close());
  output.write(LogLevel.NOTICE, "CTDB starting on node");
  output.write(LogLevel.ERROR, "x".repeat(2000));
  assert.equal(await daemon.next(), "<29>ctdbd[19506]: CTDB starting on node");
  assert.equal((await daemon.next()).length, 1023);
});

test("syslog in the form of RFC 5424 has time, host, tag and pid as fields", async (t) => {
  const daemon = await receiver(t);
  const output = new SyslogOutput("udp", "rfc5424", SOURCE, "/nonexistent", daemon.port);
  t.after(() => output.close());
  output.write(LogLevel.WARNING, "Cluster lock not set");
  assert.match(
    await daemon.next(),
    /^<28>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d vm ctdbd 19506 - - Cluster lock not set$/,
  );
});

test("without a syslog daemon messages are dropped without an error", () => {
  const output = new SyslogOutput("device", "rfc3164", SOURCE, "/nonexistent/log");
  for (let i = 0; i < 10; i += 1) output.write(LogLevel.ERROR, "nobody listens");
  output.close();
});

test("syslog on its device has the form of syslog(3)", (t) => {
  const path = join(directory(t), "log");
  const device = datagramDevice(t, path);
  const output = new SyslogOutput("device", "rfc3164", SOURCE, path);
  t.after(() => output.close());
  output.write(LogLevel.DEBUG, "hello");
  assert.match(device.received().join(), /^<31>[A-Z][a-z][a-z] [ \d]\d \d\d:\d\d:\d\d ctdbd\[19506\]: hello$/);
});

test("what a busy syslog daemon does not take is dropped without waiting, and told later", (t) => {
  const path = join(directory(t), "log");
  const device = datagramDevice(t, path);
  const output = new SyslogOutput("device", "short", SOURCE, path);
  t.after(() => output.close());
  const written = 10_000;
  for (let i = 0; i < written; i += 1) output.write(LogLevel.NOTICE, "busy");
  const taken = device.received().length;
  assert.ok(taken > 0 && taken < written);
  output.write(LogLevel.NOTICE, "calm");
  assert.deepEqual(device.received(), [
    `<29>ctdbd[19506]: [Dropped ${written - taken} log messages]`,
    "<29>ctdbd[19506]: calm",
  ]);
});

test("the number of messages dropped while no syslog daemon ran is sent before the next one", (t) => {
  const path = join(directory(t), "log");
  const output = new SyslogOutput("device", "short", SOURCE, path);
  t.after(() => output.close());
  output.write(LogLevel.NOTICE, "lost 1");
  output.write(LogLevel.NOTICE, "lost 2");
  const device = datagramDevice(t, path);
  output.reopen();
  output.write(LogLevel.NOTICE, "back");
  assert.deepEqual(device.received(), ["<29>ctdbd[19506]: [Dropped 2 log messages]", "<29>ctdbd[19506]: back"]);
});

test("the own host's name stands in the lines unless another is given", (t) => {
  const path = join(directory(t), "log");
  const logger = createLogger({ location: `file:${path}`, level: 3, tag: "ctdbd" });
  t.after(() => logger.close());
  logger.error("x");
  assert.equal(readFileSync(path, "utf8").split(" ")[1], hostname());
});
