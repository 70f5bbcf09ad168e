// The real commit helper process: a transaction is there as a whole or not at all, whenever the process is killed.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { CommitPool } from "../../src/commitd/commit-pool.js";
import type { UpdateOutcome } from "../../src/databases/update-helper-port.js";
import { nodeTimers } from "../../src/platform/node-timers.js";
import { NodeProcessRunner } from "../../src/platform/process-runner.js";
import { RecBufferWriter, recordHeaderRsn, TdbFlag } from "../../src/protocol/index.js";
import { libtdbOpener } from "../../src/tdb/libtdb.js";
import type { TdbFile } from "../../src/tdb/tdb-file.js";
import { scratchFolder } from "../interop/tdb-peer.js";
import { RecordingLogger } from "../unit/fake-time.js";
import { awaitCondition, pauseMs } from "./await-condition.js";

const RECORDS = 300;
const KILLS = Number(process.env["CTDB_TEST_HELPER_KILLS"] ?? "40");
/** A transaction takes about so long: kills are spread over it. */
const KILL_WITHIN_MS = 8;

function transaction(number: number): Buffer {
  const writer = new RecBufferWriter(1);
  for (let i = 0; i < RECORDS; i++) {
    const value = Buffer.alloc(200 + ((i * number) % 300), `${number} `);
    writer.addWithHeader(0, Buffer.from(`record ${i}`), number, 0, 0, value);
  }
  return Buffer.from(writer.bytes());
}

/** The transaction that all records are of; as the daemon does it, with the chain's lock but without waiting for it. */
async function contentOf(file: TdbFile): Promise<number> {
  const numbers = new Set<number>();
  for (let i = 0; i < RECORDS; i++) {
    const key = Buffer.from(`record ${i}`);
    while (!file.chainLockNonblock(key)) await pauseMs(1);
    const value = file.fetch(key);
    numbers.add(value === undefined ? 0 : recordHeaderRsn(value, 0));
    file.chainUnlock(key);
  }
  assert.equal(numbers.size, 1, `records of the transactions ${[...numbers].join(", ")} side by side`);
  return [...numbers][0] ?? 0;
}

for (const [kind, flags] of [
  ["persistent", TdbFlag.DISALLOW_NESTING],
  ["replicated", TdbFlag.CLEAR_IF_FIRST | TdbFlag.NOSYNC | TdbFlag.DISALLOW_NESTING | TdbFlag.INCOMPATIBLE_HASH],
] as const) {
  test(`a helper killed at any moment leaves a ${kind} file with whole transactions only`, async (context) => {
    // In memory: on a slow disk all kills would come at the beginning of the transaction.
    const folder = scratchFolder();
    const path = join(folder.path, "file.tdb");
    const file = libtdbOpener.open({ path, flags, hashSize: 1001 });
    const logger = new RecordingLogger();
    const pool = new CommitPool(
      { processes: new NodeProcessRunner({ stderr: logger }), timers: nodeTimers, logger },
      { program: process.execPath, args: [join(__PROJECT_ROOT__, "dist/ctdb-commitd.js")], ownPid: process.pid },
    );
    const run = (number: number): Promise<UpdateOutcome> =>
      new Promise((resolve) => pool.run({ path, tdbFlags: file.flags(), records: transaction(number) }, resolve));
    try {
      let stored = 0;
      let cutShort = 0;
      assert.deepEqual(await run(++stored), { ok: true });
      for (let kill = 0; kill < KILLS; kill++) {
        // The first one shows that the helper has the file open; the second is cut short.
        assert.deepEqual(await run(++stored), { ok: true });
        const outcome = run(stored + 1);
        await pauseMs((KILL_WITHIN_MS * kill) / KILLS);
        const killed = pool.pids;
        for (const pid of killed) process.kill(pid, "SIGKILL");
        const { ok } = await outcome;
        await awaitCondition("the death is known", { timeoutMs: 60_000, intervalMs: 1 }, () => {
          return !pool.pids.some((pid) => killed.includes(pid));
        });
        const content = await contentOf(file);
        if (ok) assert.equal(content, stored + 1);
        else {
          assert.ok(content === stored || content === stored + 1, `${content} after ${stored}`);
          cutShort++;
        }
        stored = content;
        assert.ok(file.check());
      }
      context.diagnostic(`${cutShort} of ${KILLS} cut short, ${stored} stored`);
    } finally {
      pool.stop();
      file.close();
      folder.remove();
    }
  });
}
