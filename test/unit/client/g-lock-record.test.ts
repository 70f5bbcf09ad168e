// What a g_lock record says and becomes, in Samba's format and the ctdb tool's.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type AttemptTerms,
  attempt,
  type Claim,
  type GLockFormat,
  type GLockMode,
  holdersOf,
  leave,
  UnknownGLockFormat,
} from "../../../src/client/g-lock-record.js";
import { SambaGLock, type ServerId, ToolGLock } from "../../../src/protocol/index.js";

const NOBODY: ServerId = { pid: 0n, taskId: 0, vnn: 0, uniqueId: 0n };
const NO_BYTES = new Uint8Array(0);
const TERMS: AttemptTerms = { gone: [], mayOvertake: true, epoch: 7n };

function server(pid: number, vnn = 0): ServerId {
  return { pid: BigInt(pid), taskId: 0, vnn, uniqueId: BigInt(pid) * 1000n };
}

function claim(pid: number, mode: GLockMode = "write", format: GLockFormat = "samba"): Claim {
  return { format, mode, server: server(pid), instance: BigInt(pid) };
}

/** A record that several have touched one after the other; each gets what is there and gives what comes of it. */
class Lock {
  value: Uint8Array | undefined;

  take(who: Claim, terms: Partial<AttemptTerms> = {}) {
    const result = attempt(this.value, who, { ...TERMS, ...terms });
    this.value = result.value ?? this.value;
    return result;
  }

  leave(who: Claim) {
    const result = leave(this.value, who.server);
    this.value = result.value ?? this.value;
    return result;
  }

  get watchers(): number[] {
    return SambaGLock.decode(this.value ?? NO_BYTES).watchers.map(({ instance }) => Number(instance));
  }

  get holders(): number[] {
    return holdersOf(this.value).map(({ pid }) => Number(pid));
  }
}

const pids = (servers: readonly ServerId[]): number[] => servers.map(({ pid }) => Number(pid));

describe("Samba's format", () => {
  test("a writer alone is 48 bytes, and nothing is left when it has gone", () => {
    const lock = new Lock();
    assert.ok(lock.take(claim(1)).granted);
    assert.equal(lock.value?.length, 48);
    assert.deepEqual(SambaGLock.decode(lock.value ?? NO_BYTES), {
      watchers: [],
      state: { exclusive: server(1), uniqueLockEpoch: 7n, uniqueDataEpoch: 0n, shared: [], userData: NO_BYTES },
    });
    assert.equal(lock.leave(claim(1)).value?.length, 0);
  });

  test("who comes later waits in the list, and the first of it is told when the writer goes", () => {
    const lock = new Lock();
    lock.take(claim(1));
    for (const pid of [2, 3]) {
      const { granted, blockers, watched } = lock.take(claim(pid));
      assert.deepEqual([granted, pids(blockers), watched], [false, [1], true]);
    }
    lock.take(claim(2));
    assert.deepEqual(lock.watchers, [2, 3]);
    assert.deepEqual(lock.leave(claim(1)).wake, { server: server(2), instance: 2n });
    assert.deepEqual(lock.watchers, [2, 3], "whoever is told leaves the list himself");
    assert.ok(lock.take(claim(2)).granted);
    assert.deepEqual([lock.watchers, lock.holders], [[3], [2]]);
  });

  test("readers come in together, one telling the next; a writer waits for them and keeps later readers out", () => {
    const lock = new Lock();
    lock.take(claim(1));
    for (const reader of [2, 3]) lock.take(claim(reader, "read"));
    lock.leave(claim(1));
    assert.deepEqual(lock.take(claim(2, "read")).wake, { server: server(3), instance: 3n });
    assert.equal(lock.take(claim(3, "read")).wake, undefined);
    const writer = lock.take(claim(4));
    assert.deepEqual([writer.granted, pids(writer.blockers)], [false, [2, 3]]);
    assert.deepEqual(pids(lock.take(claim(5, "read")).blockers), [4]);
    lock.leave(claim(2, "read"));
    assert.ok(!lock.take(claim(4)).granted);
    assert.equal(lock.leave(claim(3, "read")).wake?.instance, 4n);
    assert.ok(lock.take(claim(4)).granted);
    assert.deepEqual(lock.watchers, [5]);
  });

  test("a writer that gives up waiting for readers lets others in again", () => {
    const lock = new Lock();
    lock.take(claim(1, "read"));
    lock.take(claim(2));
    lock.take(claim(3, "read"));
    assert.equal(lock.leave(claim(2)).wake?.instance, 3n);
    assert.ok(lock.take(claim(3, "read")).granted);
  });

  test("one that gives up at the head of the list passes on what it may have been told", () => {
    const lock = new Lock();
    lock.take(claim(1));
    for (const pid of [2, 3, 4]) lock.take(claim(pid));
    assert.equal(lock.leave(claim(3)).wake, undefined);
    assert.equal(lock.leave(claim(2)).wake?.instance, 4n);
    assert.equal(lock.leave(claim(9)).value, undefined, "who was never there changes nothing");
  });

  test("the dead hold nothing and wait for nothing", () => {
    const lock = new Lock();
    lock.take(claim(1));
    lock.take(claim(2));
    const { suspects } = lock.take(claim(3));
    assert.deepEqual(pids(suspects), [1, 2], "who has the next turn is looked after too");
    assert.ok(lock.take(claim(3), { gone: [server(1), server(2)] }).granted);
    assert.deepEqual([lock.watchers, lock.holders], [[], [3]]);
    const other = new Lock();
    other.take(claim(1, "read"));
    other.take(claim(2, "read"));
    assert.deepEqual(pids(other.take(claim(3), { gone: [server(1)] }).blockers), [2]);
    assert.ok(other.take(claim(3), { gone: [server(2)] }).granted);
  });

  test("a free lock may be taken before those who wait for it, or not", () => {
    const lock = new Lock();
    lock.take(claim(1));
    lock.take(claim(2));
    lock.leave(claim(1));
    const polite = lock.take(claim(1), { mayOvertake: false });
    assert.deepEqual([polite.granted, pids(polite.blockers), lock.watchers], [false, [2], [2, 1]]);
    const rude = lock.take(claim(3));
    assert.deepEqual([rude.granted, rude.overtook], [true, true]);
    lock.leave(claim(3));
    const next = lock.take(claim(2), { mayOvertake: false });
    assert.deepEqual([next.granted, next.overtook], [true, false]);
  });

  test("user data of others stays", () => {
    const state = {
      exclusive: NOBODY,
      uniqueLockEpoch: 1n,
      uniqueDataEpoch: 2n,
      shared: [],
      userData: Buffer.from("x"),
    };
    const lock = new Lock();
    lock.value = SambaGLock.encode({ watchers: [], state });
    lock.take(claim(1));
    lock.leave(claim(1));
    assert.deepEqual(lock.value, SambaGLock.encode({ watchers: [], state: { ...state, uniqueLockEpoch: 7n } }));
  });

  test("a list that is full is not made longer", () => {
    const lock = new Lock();
    lock.take(claim(1));
    for (let pid = 2; pid < 1002; pid++) assert.ok(lock.take(claim(pid)).watched);
    assert.ok(!lock.take(claim(1002)).watched);
    assert.ok(lock.take(claim(500)).watched);
  });
});

describe("the ctdb tool's format", () => {
  test("each holder is an entry, and the record goes with the last", () => {
    const lock = new Lock();
    lock.take(claim(1, "read", "ctdb"));
    assert.ok(lock.take(claim(2, "read", "ctdb")).granted);
    assert.deepEqual(
      lock.value,
      Buffer.concat([1, 2].map((pid) => ToolGLock.encode({ type: 0, server: server(pid) }))),
    );
    assert.deepEqual(pids(lock.take(claim(3, "write", "ctdb")).blockers), [1, 2]);
    assert.ok(lock.take(claim(3, "write", "ctdb"), { gone: [server(1), server(2)] }).granted);
    assert.deepEqual(lock.value, ToolGLock.encode({ type: 1, server: server(3) }));
    assert.equal(lock.leave(claim(2, "read", "ctdb")).value, undefined);
    assert.equal(lock.leave(claim(3, "write", "ctdb")).value?.length, 0);
  });
});

describe("the other format", () => {
  for (const [ours, theirs] of [
    ["samba", "ctdb"],
    ["ctdb", "samba"],
  ] as const) {
    test(`who writes ${ours} waits for holders of ${theirs}, readers too, and takes over what the dead have left`, () => {
      const lock = new Lock();
      lock.take(claim(1, "read", theirs));
      const { granted, blockers, watched, value } = lock.take(claim(2, "read", ours));
      assert.deepEqual([granted, pids(blockers), watched, value], [false, [1], false, undefined]);
      assert.equal(lock.leave(claim(2, "read", ours)).value, undefined);
      assert.ok(lock.take(claim(2, "read", ours), { gone: [server(1)] }).granted);
      assert.deepEqual(lock.holders, [2]);
    });
  }

  test("Samba's records are told from the tool's also where their length is a multiple of an entry's", () => {
    for (const exclusive of [NOBODY, server(9)]) {
      for (let readers = 0; readers < 20; readers++) {
        const shared = Array.from({ length: readers }, (_, i) => server(i + 1));
        const state = { exclusive, uniqueLockEpoch: 1n, uniqueDataEpoch: 0n, shared, userData: NO_BYTES };
        const value = SambaGLock.encode({ watchers: [], state });
        assert.deepEqual(holdersOf(value), exclusive === NOBODY ? shared : [exclusive, ...shared], `${value.length}`);
      }
    }
  });

  test("bytes of neither format are refused", () => {
    assert.throws(() => attempt(Buffer.alloc(33, 0xff), claim(1), TERMS), UnknownGLockFormat);
  });
});
