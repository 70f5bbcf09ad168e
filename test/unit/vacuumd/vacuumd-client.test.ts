import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { FrameCutter } from "../../../src/platform/frame-cutter.js";
import type { ChildProcessHandlers } from "../../../src/platform/ports.js";
import { RecBufferReader, RecBufferWriter } from "../../../src/protocol/index.js";
import type { TdbFile } from "../../../src/tdb/tdb-file.js";
import type { RunEvents, RunOrder, RunOutcome } from "../../../src/vacuum/vacuum-worker.js";
import { RunTable } from "../../../src/vacuumd/run-table.js";
import { VacuumdClient } from "../../../src/vacuumd/vacuumd-client.js";
import { FakeTime, RecordingLogger } from "../fake-time.js";
import { FakeFile, header } from "../vacuum/fake-file.js";

const ORDER: RunOrder = {
  dbId: 7,
  name: "test.tdb",
  path: "/db/test.tdb.0",
  tdbFlags: 0,
  maxDead: 5,
  full: false,
  repackLimit: 0,
  lmasters: [0],
};

/** Both ends of the pipe in one process. */
class FakeProcess {
  readonly signals: string[] = [];
  readonly table: RunTable;
  private readonly toProcess: FrameCutter;
  silent = false;

  constructor(
    readonly pid: number,
    readonly handlers: ChildProcessHandlers,
    file: FakeFile,
    opened: string[],
    time: FakeTime,
  ) {
    this.table = new RunTable({
      clock: time,
      timers: time,
      logger: new RecordingLogger(),
      link: { pnn: 0, control: () => new Promise(() => {}) },
      files: {
        open: ({ path }) => {
          if (path.includes("missing")) throw new Error("no such file");
          opened.push(path);
          const double: unknown = Object.assign(file, { close: () => opened.splice(opened.indexOf(path), 1) });
          return double as TdbFile;
        },
        robustMutexesWork: () => true,
      },
      send: (frame) => {
        if (!this.silent) handlers.onStdout(frame);
      },
    });
    this.toProcess = new FrameCutter((frame) => this.table.received(Buffer.from(frame)));
  }
  write(bytes: Uint8Array): void {
    const copy = Buffer.from(bytes);
    queueMicrotask(() => {
      if (!this.silent) this.toProcess.push(copy);
    });
  }
  kill(signal: "SIGTERM" | "SIGKILL" | "SIGHUP"): void {
    this.signals.push(signal);
    this.silent = true;
    this.handlers.onExit(null, signal);
  }
}

async function settled(): Promise<void> {
  for (let i = 0; i < 60; i++) await Promise.resolve();
}

describe("ctdb-vacuumd and the daemon's end of it", () => {
  let time: FakeTime;
  let file: FakeFile;
  let opened: string[];
  let processes: FakeProcess[];
  let client: VacuumdClient;
  let outcomes: RunOutcome[];
  let kept: Array<readonly number[]>;
  let batches: Buffer[];
  let remembered: string[];

  beforeEach(() => {
    time = new FakeTime();
    file = new FakeFile();
    opened = [];
    processes = [];
    outcomes = [];
    kept = [];
    batches = [];
    remembered = [];
    client = new VacuumdClient(
      {
        clock: time,
        timers: time,
        logger: new RecordingLogger(),
        processes: {
          spawn: (_program, _args, _options, handlers) => {
            const process = new FakeProcess(processes.length + 100, handlers, file, opened, time);
            processes.push(process);
            return process;
          },
          exists: () => true,
        },
      },
      { program: "node", args: ["ctdb-vacuumd.js"] },
    );
    client.start();
  });

  const events: RunEvents = {
    nextBatch: () => batches.shift(),
    batchDone: (places) => void kept.push(places),
    remember: (records) => {
      const reader = new RecBufferReader(records);
      while (reader.next()) remembered.push(reader.key.toString());
    },
    ended: (outcome) => void outcomes.push(outcome),
  };

  function batch(...keys: string[]): void {
    const writer = new RecBufferWriter(7);
    for (const key of keys) writer.add(0, Buffer.from(key), header(3, 0));
    batches.push(Buffer.from(writer.bytes()));
  }

  function last(): FakeProcess {
    const process = processes.at(-1);
    assert.ok(process);
    return process;
  }

  it("carries out a run batch by batch, and closes the file at its end", async () => {
    for (const key of ["a", "b", "c"]) file.put(key, 3, 0);
    file.foreign.add("b");
    batch("a", "b");
    batch("c");
    client.begin(ORDER, events);
    await settled();
    assert.deepEqual(kept, [[1], []]);
    assert.deepEqual([...file.content.keys()], ["b"]);
    assert.deepEqual(outcomes, [{ status: "finished", reason: "", deleted: 2, handedOver: 0, kept: 1 }]);
    assert.deepEqual(opened, []);
  });

  it("tells what a full run could not remove", async () => {
    file.put("a", 3, 0);
    const lock = file.chainLockNonblock.bind(file);
    file.chainLockNonblock = (key) => (Buffer.from(key).toString() === "a" ? false : lock(key));
    client.begin({ ...ORDER, full: true }, events);
    await settled();
    assert.deepEqual(remembered, ["a"]);
    assert.equal(outcomes[0]?.status, "finished");
  });

  it("says why a run failed", async () => {
    client.begin({ ...ORDER, path: "/missing" }, events);
    await settled();
    assert.equal(outcomes[0]?.status, "failed");
    assert.match(outcomes[0]?.reason ?? "", /no such file/);
  });

  it("ends a run that is told to stop while it waits for a batch", async () => {
    let aborting = (): void => {};
    const run = client.begin(ORDER, {
      ...events,
      nextBatch: () => {
        aborting();
        return undefined;
      },
    });
    aborting = () => run.abort();
    await settled();
    assert.deepEqual(
      outcomes.map((outcome) => outcome.status),
      ["aborted"],
    );
    assert.deepEqual(opened, []);
    run.abort();
    run.enforceAbort();
    assert.deepEqual(last().signals, []);
  });

  it("reports the runs of a process that dies as failed, starts it again, and slower each time it dies at once", async () => {
    last().silent = true;
    client.begin(ORDER, events);
    await settled();
    last().kill("SIGKILL");
    assert.deepEqual(
      outcomes.map((outcome) => outcome.status),
      ["failed"],
    );
    client.begin(ORDER, events);
    time.turn();
    assert.equal(outcomes.length, 2, "no run while there is no process");
    time.advance(100);
    assert.equal(processes.length, 2);
    last().kill("SIGKILL");
    time.advance(199);
    assert.equal(processes.length, 2);
    time.advance(1);
    assert.equal(processes.length, 3);
    time.advance(6000);
    last().kill("SIGKILL");
    time.turn();
    assert.equal(processes.length, 4);
  });

  it("kills a process that does not stop a run", async () => {
    last().silent = true;
    const run = client.begin(ORDER, events);
    await settled();
    run.enforceAbort();
    assert.deepEqual(last().signals, ["SIGKILL"]);
    assert.deepEqual(
      outcomes.map((outcome) => outcome.status),
      ["failed"],
    );
  });

  it("stays ended after the orderly end", () => {
    client.stop();
    time.advance(100_000);
    assert.equal(processes.length, 1);
    assert.deepEqual(last().signals, ["SIGTERM"]);
  });
});
