import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { FirstVisits, VAIN_MS, VISIT_MS, VISIT_REQUESTS_MAX } from "../../../src/records/first-visits.js";
import { FakeTime } from "../fake-time.js";

const AS_IT_CAME = Buffer.from("as it came");
const VISITED = Buffer.from("visited");

describe("First visits", () => {
  let time: FakeTime;
  let visits: FirstVisits;
  let goneOn: string[];

  beforeEach(() => {
    time = new FakeTime();
    goneOn = [];
    visits = new FirstVisits({
      clock: time,
      timers: time,
      requeue: (packet) => goneOn.push(packet.toString()),
    });
  });

  const defer = (data: Buffer, request = "request", key = "key"): boolean =>
    visits.defer(key, data, Buffer.from(request));

  /** A request waits for a visit that does not come. */
  function waitInVain(): void {
    visits.arrived("key", AS_IT_CAME);
    assert.equal(defer(AS_IT_CAME), true);
    time.advance(VISIT_MS);
    assert.equal(defer(AS_IT_CAME), false);
  }

  it("let requests for other records pass", () => {
    visits.arrived("key", AS_IT_CAME);
    assert.equal(defer(AS_IT_CAME, "request", "other"), false);
  });

  it("keep requests, in their order, for a millisecond", () => {
    visits.arrived("key", AS_IT_CAME);
    assert.deepEqual([defer(AS_IT_CAME, "first"), defer(AS_IT_CAME, "second")], [true, true]);
    time.advance(VISIT_MS / 2);
    assert.deepEqual([goneOn, visits.mostWaiting], [[], 2]);
    time.advance(VISIT_MS / 2);
    assert.deepEqual([goneOn, visits.mostWaiting], [["first", "second"], 0]);
  });

  it("are over when a request finds the record changed, which lets the ones before it go on, too", () => {
    visits.arrived("key", AS_IT_CAME);
    assert.equal(defer(AS_IT_CAME, "first"), true);
    assert.equal(defer(VISITED, "second"), false);
    assert.deepEqual(goneOn, ["first"]);
    time.advance(VISIT_MS);
    assert.deepEqual(goneOn, ["first"]);
  });

  it("are not waited for by a request that comes later than a millisecond after the record", () => {
    visits.arrived("key", AS_IT_CAME);
    time.advance(VISIT_MS);
    assert.equal(defer(AS_IT_CAME), false);
  });

  it("begin anew when the record comes again", () => {
    visits.arrived("key", AS_IT_CAME);
    assert.equal(defer(VISITED), false);
    visits.arrived("key", VISITED);
    assert.equal(defer(VISITED), true);
  });

  it("are not waited for, for a while, where that was in vain", () => {
    waitInVain();
    visits.arrived("key", AS_IT_CAME);
    assert.equal(defer(AS_IT_CAME), false);
    time.advance(VAIN_MS);
    visits.arrived("key", AS_IT_CAME);
    assert.equal(defer(AS_IT_CAME), true);
  });

  it("are waited for at once again where the wait was worth it", () => {
    visits.arrived("key", AS_IT_CAME);
    assert.equal(defer(AS_IT_CAME), true);
    time.advance(VISIT_MS);
    assert.equal(defer(VISITED), false);
    visits.arrived("key", VISITED);
    assert.equal(defer(VISITED), true);
  });

  it("keep no more than so many requests for one record", () => {
    visits.arrived("key", AS_IT_CAME);
    for (let i = 0; i < VISIT_REQUESTS_MAX; i++) assert.equal(defer(AS_IT_CAME, "request"), true);
    assert.equal(defer(AS_IT_CAME, "one more"), false);
    assert.equal(goneOn.length, VISIT_REQUESTS_MAX);
  });

  it("are forgotten once they are over", () => {
    waitInVain();
    for (let i = 0; i < 100; i++) visits.arrived(`key${i}`, AS_IT_CAME);
    time.advance(VAIN_MS);
    visits.arrived("last", AS_IT_CAME);
    assert.equal(visits.size, 1);
  });

  it("keep no request when the database goes away", () => {
    visits.arrived("key", AS_IT_CAME);
    assert.equal(defer(AS_IT_CAME), true);
    visits.close();
    time.advance(VISIT_MS);
    assert.deepEqual([goneOn, visits.size], [[], 0]);
  });
});
