// How ctdbd watches over its cluster manager.
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { ClusterdProcess } from "../../../src/daemon/clusterd-process.js";
import type { ChildProcessHandlers, ProcessRunner } from "../../../src/platform/ports.js";
import { FakeTime, RecordingLogger } from "../fake-time.js";

const PING_TIMEOUT_SECONDS = 60;
const FAIL_COUNT = 2;

describe("The process of the cluster manager", () => {
  let time: FakeTime;
  let happened: string[];
  let children: ChildProcessHandlers[];
  let clusterd: ClusterdProcess;

  beforeEach(() => {
    time = new FakeTime();
    happened = [];
    children = [];
    const processes: ProcessRunner = {
      spawn: (_program, _args, _options, handlers) => {
        const pid = children.push(handlers);
        happened.push(`start ${pid}`);
        return {
          pid,
          write: (bytes) => happened.push(`tell ${pid} ${Buffer.from(bytes).toString().trim()}`),
          kill: (signal) => happened.push(`${signal} ${pid}`),
        };
      },
      exists: () => true,
    };
    clusterd = new ClusterdProcess(
      {
        timers: time,
        logger: new RecordingLogger(),
        processes,
        tunables: () => ({ pingTimeoutSeconds: PING_TIMEOUT_SECONDS, failCount: FAIL_COUNT }),
      },
      { program: "ctdb-clusterd", args: [], configuration: () => "options" },
    );
    clusterd.start();
  });

  it("is told its options, and started again a second after its end", () => {
    children[0]?.onExit(1, null);
    time.advance(999);
    assert.deepEqual(happened, ["start 1", "tell 1 options"]);
    time.advance(1);
    assert.deepEqual(happened.slice(2), ["start 2", "tell 2 options"]);
  });

  it("is killed when it is silent for too long: it would hear no other signal, and its cluster lock must go with it", () => {
    time.advance(PING_TIMEOUT_SECONDS * 1000);
    clusterd.pinged();
    time.advance(FAIL_COUNT * PING_TIMEOUT_SECONDS * 1000);
    assert.equal(happened.length, 2);
    time.advance(PING_TIMEOUT_SECONDS * 1000);
    assert.deepEqual(happened.slice(2), ["SIGKILL 1", "start 2", "tell 2 options"]);
    children[0]?.onExit(null, "SIGKILL");
    time.advance(1000);
    assert.equal(happened.length, 5);
  });

  it("is told to end with the daemon, and not started again", () => {
    clusterd.stop();
    children[0]?.onExit(0, null);
    time.advance(10 * PING_TIMEOUT_SECONDS * 1000);
    assert.deepEqual(happened.slice(2), ["SIGTERM 1"]);
  });
});
