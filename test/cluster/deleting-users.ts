// Users on all nodes that create, change and delete records without a pause, and know what each record must hold.
import assert from "node:assert/strict";
import { keyNames, type VacuumedDatabase } from "./vacuumed-database.js";

export interface DeletingUsersOptions {
  readonly keys: number;
  readonly concurrency: number;
}

export class DeletingUsers {
  deletions = 0;
  creations = 0;
  private readonly expected = new Map<string, string | undefined>();
  /** Records that nobody works on at the moment. */
  private readonly free: string[];
  private turn = 0;

  constructor(
    private readonly db: VacuumedDatabase,
    private readonly options: DeletingUsersOptions,
  ) {
    this.free = keyNames(options.keys, "busy");
    for (const key of this.free) this.expected.set(key, undefined);
  }

  run(durationMs: number): Promise<void> {
    const endMs = performance.now() + durationMs;
    return this.runUntil(() => performance.now() >= endMs);
  }

  async runUntil(isEnough: () => boolean): Promise<void> {
    await Promise.all(
      Array.from({ length: this.options.concurrency }, async () => {
        while (!isEnough()) await this.useNext();
      }),
    );
  }

  liveKeys(): string[] {
    return [...this.expected].filter(([, value]) => value !== undefined).map(([key]) => key);
  }

  /** Every node sees each record as it was left. */
  async check(): Promise<void> {
    for (const [key, value] of this.expected) {
      for (const node of this.db.cluster.nodes)
        assert.equal(await this.db.read(node.pnn, key), value, `${key} on ${node.pnn}`);
    }
  }

  private async useNext(): Promise<void> {
    const turn = this.turn++;
    const key = this.free.shift();
    assert.ok(key !== undefined, "more keys than users");
    const before = this.expected.get(key);
    const { nodes } = this.db.cluster;
    await this.db.on((turn * 7) % nodes.length).withRecord(
      key,
      (record) => {
        assert.equal(record.value?.toString(), before, `value of ${key} before turn ${turn}`);
        if (before !== undefined && turn % 3 !== 0) {
          record.delete();
          this.deletions++;
          this.expected.set(key, undefined);
        } else {
          record.store(Buffer.from(`value of turn ${turn}`));
          if (before === undefined) this.creations++;
          this.expected.set(key, `value of turn ${turn}`);
        }
      },
      { timeoutMs: 60_000 },
    );
    // Some records rest long enough for a vacuum run to get hold of them.
    this.free.push(key);
  }
}
