import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { COMMIT_HELPERS_MAX, CommitPool } from "../../../src/commitd/commit-pool.js";
import { decodeOrder, encodeAnswer, encodeOrder, type Order } from "../../../src/commitd/frames.js";
import { BadFrameError, FrameCutter } from "../../../src/platform/frame-cutter.js";
import type { ChildProcessHandle, ChildProcessHandlers } from "../../../src/platform/ports.js";
import { FakeTime, RecordingLogger } from "../fake-time.js";

class FakeChild implements ChildProcessHandle {
  readonly orders: Order[] = [];
  readonly signals: string[] = [];
  private readonly cutter = new FrameCutter((frame) => this.orders.push(decodeOrder(Buffer.from(frame))));
  constructor(
    readonly pid: number,
    readonly handlers: ChildProcessHandlers,
  ) {}
  write(bytes: Uint8Array): void {
    this.cutter.push(bytes);
  }
  kill(signal: "SIGTERM" | "SIGKILL" | "SIGHUP"): void {
    this.signals.push(signal);
  }
  get last(): Order {
    const order = this.orders.at(-1);
    assert.ok(order, `helper ${this.pid} has an order`);
    return order;
  }
  answer(ok = true, reason = ""): void {
    this.handlers.onStdout(encodeAnswer({ job: this.last.job, ok, reason }));
  }
}

describe("commit helpers", () => {
  let time: FakeTime;
  let children: FakeChild[];
  let pool: CommitPool;

  function run(path: string, records = "records") {
    const outcomes: string[] = [];
    const update = { path, tdbFlags: 0x400, records: Buffer.from(records) };
    const running = pool.run(update, (outcome) => outcomes.push(outcome.ok ? "ok" : outcome.reason));
    return { outcomes, running };
  }
  function child(index: number): FakeChild {
    const found = children[index];
    assert.ok(found, `helper ${index}`);
    return found;
  }

  beforeEach(() => {
    time = new FakeTime();
    children = [];
    const processes = {
      spawn(program: string, args: readonly string[], _options: object, handlers: ChildProcessHandlers) {
        assert.deepEqual([program, ...args], ["node", "commitd.js", "77"]);
        const started = new FakeChild(100 + children.length, handlers);
        children.push(started);
        return started;
      },
      exists: () => true,
    };
    pool = new CommitPool(
      { processes, timers: time, logger: new RecordingLogger() },
      { program: "node", args: ["commitd.js"], ownPid: 77 },
    );
  });

  it("get the job with path, flags and records, and its outcome comes back", () => {
    pool.start();
    const one = run("/db/p.tdb");
    assert.equal(children.length, 1);
    const { path, tdbFlags, records } = child(0).last;
    assert.deepEqual([path, tdbFlags, records.toString()], ["/db/p.tdb", 0x400, "records"]);
    child(0).answer();
    assert.deepEqual(one.outcomes, ["ok"]);
    const two = run("/db/p.tdb");
    child(0).answer(false, "stale");
    assert.deepEqual(two.outcomes, ["stale"]);
    assert.equal(children.length, 1);
  });

  it("work at the same time on different files, up to a limit; the others wait for the first that is free", () => {
    const all = Array.from({ length: COMMIT_HELPERS_MAX + 2 }, (_, i) => run(`/db/${i}`));
    assert.equal(children.length, COMMIT_HELPERS_MAX);
    child(3).answer();
    assert.equal(child(3).last.path, `/db/${COMMIT_HELPERS_MAX}`);
    child(3).answer();
    child(3).answer();
    assert.deepEqual(all.map((one) => one.outcomes.length).filter((n) => n === 1).length, 3);
  });

  it("get the files that they have open already", () => {
    run("/db/a");
    run("/db/b");
    child(0).answer();
    child(1).answer();
    run("/db/b");
    assert.equal(child(1).orders.length, 2);
  });

  it("that die fail their job only; another opens the file, and the next job finds one", () => {
    const one = run("/db/a");
    child(0).handlers.onExit(null, "SIGSEGV");
    assert.deepEqual(one.outcomes, ["ctdb-commitd ended with SIGSEGV"]);
    assert.equal(children.length, 2);
    assert.deepEqual([child(1).last.path, child(1).last.records.length], ["/db/a", 0]);
    const two = run("/db/a");
    child(1).answer();
    const busy = children.find((one) => one.orders.some((order) => order.records.length > 0) && one !== child(0));
    busy?.answer();
    assert.deepEqual(two.outcomes, ["ok"]);
  });

  it("that die while they open a file after another death are not followed by more", () => {
    run("/db/a");
    child(0).handlers.onExit(1, null);
    child(1).handlers.onExit(1, null);
    assert.equal(children.length, 2);
  });

  it("are killed where their job is aborted, get nothing more to do, and do not answer", () => {
    const one = run("/db/a");
    one.running.abort();
    one.running.abort();
    assert.deepEqual(child(0).signals, ["SIGKILL"]);
    child(0).answer();
    const two = run("/db/a");
    assert.equal(child(0).orders.length, 1);
    child(0).handlers.onExit(null, "SIGKILL");
    assert.deepEqual(one.outcomes, []);
    child(1).answer();
    assert.deepEqual(two.outcomes, ["ok"]);
  });

  it("never see a job that is aborted while it waits", () => {
    for (let i = 0; i < COMMIT_HELPERS_MAX; i++) run(`/db/${i}`);
    run("/db/waiting").running.abort();
    const last = run("/db/last");
    child(0).answer();
    assert.equal(child(0).last.path, "/db/last");
    child(0).answer();
    assert.deepEqual(last.outcomes, ["ok"]);
  });

  it("end when they have had nothing to do for a minute, but for one", () => {
    run("/db/a");
    run("/db/b");
    child(0).answer();
    child(1).answer();
    time.advance(61_000);
    const ended = children.filter((one) => one.signals.length > 0);
    assert.deepEqual(
      ended.map((one) => one.signals),
      [["SIGTERM"]],
    );
    const again = run("/db/c");
    const [left] = children.filter((one) => one.signals.length === 0);
    assert.equal(left?.last.path, "/db/c");
    left.answer();
    assert.deepEqual(again.outcomes, ["ok"]);
  });
});

describe("frames between daemon and commit helper", () => {
  it("are found however the bytes are cut", () => {
    const stream = Buffer.concat([
      encodeOrder(1, 0x400, "/db/ä", Buffer.from("first")),
      encodeOrder(2, 0, "", Buffer.alloc(0)),
      encodeOrder(3, 1, "/db/b", Buffer.alloc(3000, 7)),
    ]);
    for (const step of [1, 3, 7, 100, stream.length]) {
      const seen: string[] = [];
      const cutter = new FrameCutter((frame) => {
        const { job, tdbFlags, path, records } = decodeOrder(frame);
        seen.push(`${job} ${tdbFlags} ${path} ${records.length}`);
      });
      for (let at = 0; at < stream.length; at += step) cutter.push(stream.subarray(at, at + step));
      assert.deepEqual(seen, ["1 1024 /db/ä 5", "2 0  0", "3 1 /db/b 3000"]);
    }
  });

  it("are refused when their lengths cannot be", () => {
    assert.throws(() => new FrameCutter(() => {}).push(Buffer.alloc(16)), BadFrameError);
    const order = encodeOrder(1, 0, "path", Buffer.alloc(0));
    order.writeUInt32LE(100, 12);
    assert.throws(() => decodeOrder(order), BadFrameError);
  });
});
