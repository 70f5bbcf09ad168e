import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ClusterLock } from "../../../src/cluster/cluster-lock.js";
import { FakeTime, RecordingLogger } from "../fake-time.js";
import { FakeLockFile } from "./fake-cluster.js";

interface World {
  readonly time: FakeTime;
  readonly file: FakeLockFile;
  readonly lost: number[];
  lockOf(pnn: number): ClusterLock;
  taken(lock: ClusterLock): Promise<boolean>;
}

function world(): World {
  const time = new FakeTime();
  const file = new FakeLockFile(time);
  const lost: number[] = [];
  return {
    time,
    file,
    lost,
    lockOf: (pnn) =>
      new ClusterLock(
        "/shared/lock",
        { mutex: file.mutexOf(pnn), clock: time, logger: new RecordingLogger() },
        { onLost: () => lost.push(pnn), onLatency: () => undefined },
      ),
    taken: async (lock) => {
      const result = lock.take();
      await time.advanceSettled(20);
      return result;
    },
  };
}

describe("the cluster lock", () => {
  it("is held by one at a time, and by the next one after its release", async () => {
    const { lockOf, taken } = world();
    const [a, b] = [lockOf(0), lockOf(1)];
    assert.equal(await taken(a), true);
    assert.equal(await taken(a), true, "already held");
    assert.equal(await taken(b), false);
    await a.release();
    assert.equal(a.held, false);
    assert.equal(await taken(b), true);
  });

  it("is not held when it is released while it is being taken", async () => {
    const { time, file, lockOf } = world();
    const lock = lockOf(0);
    const result = lock.take();
    assert.equal(lock.taking, true);
    await lock.release();
    await time.advanceSettled(20);
    assert.equal(await result, false);
    assert.equal(lock.held, false);
    assert.equal(file.holder, undefined);
  });

  it("tells when its helper ends by itself, once, and not after a release", async () => {
    const { file, lost, lockOf, taken } = world();
    const lock = lockOf(0);
    await taken(lock);
    file.loseLock();
    assert.deepEqual(lost, [0]);
    assert.equal(lock.held, false);
    await taken(lock);
    await lock.release();
    file.loseLock();
    assert.deepEqual(lost, [0]);
  });
});
