// What the administrator's script is told of a lock that is waited for for long.
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { LockDebugScript, type LongLockWait } from "../../../src/daemon/lock-debug-script.js";
import type { ChildProcessHandlers, ProcessRunner } from "../../../src/platform/ports.js";
import { RecordingLogger } from "../fake-time.js";

const WAIT: LongLockWait = { pid: 42, scope: "RECORD", path: "/volatile/a.tdb.0", mutexes: true };

describe("Lock debug script", () => {
  let started: string[];
  let children: ChildProcessHandlers[];
  let logger: RecordingLogger;
  let processes: ProcessRunner;

  beforeEach(() => {
    started = [];
    children = [];
    logger = new RecordingLogger();
    processes = {
      spawn: (program, args, _options, handlers) => {
        started.push([program, ...args].join(" "));
        children.push(handlers);
        return { pid: 1000, write: () => {}, kill: () => {} };
      },
      exists: () => true,
    };
  });

  it("gets the waiting process, the kind of the lock, the file and the kind of its locks", () => {
    const script = new LockDebugScript({ processes, logger }, "/etc/ctdb/debug_locks.sh");
    script.run(WAIT);
    children[0]?.onExit(0, null);
    script.run({ ...WAIT, scope: "DB", mutexes: false });
    assert.deepEqual(started, [
      "/etc/ctdb/debug_locks.sh 42 RECORD /volatile/a.tdb.0 MUTEX",
      "/etc/ctdb/debug_locks.sh 42 DB /volatile/a.tdb.0 FCNTL",
    ]);
  });

  it("runs once at a time, also after one that failed; its words and its failure are in the log", () => {
    const script = new LockDebugScript({ processes, logger }, "script");
    script.run(WAIT);
    script.run(WAIT);
    assert.equal(started.length, 1);
    children[0]?.onStdout(Buffer.from("Lock holders:\n"));
    children[0]?.onExit(1, null);
    assert.deepEqual(logger.lines, ["lock debug script: Lock holders:", "lock debug script ended with status 1"]);
    script.run(WAIT);
    assert.equal(started.length, 2);
  });

  it("is not missed where there is none", () => {
    new LockDebugScript({ processes, logger }, undefined).run(WAIT);
    assert.deepEqual([started, logger.lines], [[], []]);
  });
});
