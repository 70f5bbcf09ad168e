// How full the bounded queues of a node's daemon are right now, beside their named limits: for checks.
import type { CtdbNode } from "../daemon/node.js";
import { DELETE_QUEUE_MAX_RECORDS } from "../databases/delete-queue.js";
import { FETCH_QUEUE_MAX_KEYS } from "../databases/fetch-queue.js";
import { UPDATES_PER_DATABASE_MAX } from "../databases/record-updates.js";
import { LOCAL_TRAVERSES_MAX } from "../databases/traverse.js";
import type { LockScheduler } from "../locks/lock-scheduler.js";
import type { TunableList } from "../protocol/index.js";
import { VISIT_REQUESTS_MAX } from "../records/first-visits.js";
import { WAITING_MAX } from "../records/migration-queue.js";
import { DEFERRED_CALLS_MAX } from "../records/read-only.js";
import { PINNED_REQUESTS_MAX, STICKY_RECORDS_MAX } from "../records/sticky-records.js";
import { CLIENT_QUEUE_MAX_BYTES } from "../transport/client-server.js";
import { LOCAL_QUEUE_MAX_PACKETS } from "../transport/packet-router.js";
import { PEER_QUEUE_MAX_BYTES } from "../transport/peer-mesh.js";
import { FETCHES_IN_FLIGHT_MAX, SLICED_CONTROLS_MAX } from "../vacuum/limits.js";

export interface QueueLoad {
  readonly queue: string;
  readonly length: number;
  readonly max: number;
  /** Nothing is in it while nobody works; others keep what a vacuum run takes out later. */
  readonly drains: boolean;
}

export interface QueueOwners {
  readonly node: CtdbNode;
  readonly locks: LockScheduler;
  readonly tunables: Pick<TunableList, "LockProcessesPerDB" | "MaxQueueDropMsg">;
}

/** All queues are looked at often, and their names are seldom needed. */
class LoadOf implements QueueLoad {
  constructor(
    private readonly owner: string,
    private readonly what: string,
    readonly length: number,
    readonly max: number,
    readonly drains: boolean,
  ) {}

  get queue(): string {
    return this.owner === "" ? this.what : `${this.owner}: ${this.what}`;
  }
}

export function queueLoads({ node, locks, tunables }: QueueOwners): QueueLoad[] {
  const loads: QueueLoad[] = [];
  const addOf = (owner: string, what: string, length: number, max: number, drains = true): void => {
    loads.push(new LoadOf(owner, what, length, max, drains));
  };
  const add = (what: string, length: number, max: number): void => addOf("", what, length, max);
  // The packet with which a peer's queue goes over its limit is in it when the peer is given up, with all that is in it.
  add("bytes for a peer", node.mesh.mostQueuedBytes, PEER_QUEUE_MAX_BYTES);
  for (const client of node.clients.all) {
    const { bytes, messages } = client.queued;
    addOf(`client ${client.id}`, "bytes", bytes, CLIENT_QUEUE_MAX_BYTES);
    // Counted until the queue was empty once, so it says nothing while nobody works.
    addOf(`client ${client.id}`, "messages", messages, tunables.MaxQueueDropMsg, false);
  }
  add("local packets", node.router.localPackets, LOCAL_QUEUE_MAX_PACKETS);
  add("updates of a database", node.updates.mostWaiting, UPDATES_PER_DATABASE_MAX);
  add("traverses", node.traverses.localCount, LOCAL_TRAVERSES_MAX);
  add("controls of vacuum runs", node.vacuum.work.size, SLICED_CONTROLS_MAX);
  add("records fetched for vacuuming", node.vacuum.fetcher.underWay, FETCHES_IN_FLIGHT_MAX);
  add("requests for a record that waits for its visit", node.calls.mostWaitingForVisit, VISIT_REQUESTS_MAX);
  for (const database of node.databases.all) {
    const { name, migrations, readOnlyCopies, sticky, deletions, fetches } = database;
    // One more: the lock of the whole database.
    addOf(name, "kernel waits", locks.currentOf(database), Math.max(1, tunables.LockProcessesPerDB) + 1);
    addOf(name, "requests for a migrating record", migrations.mostWaiting, WAITING_MAX);
    addOf(name, "deleted records", deletions.size, DELETE_QUEUE_MAX_RECORDS, false);
    addOf(name, "records to fetch", fetches.size, FETCH_QUEUE_MAX_KEYS, false);
    if (readOnlyCopies !== undefined) {
      addOf(name, "calls that wait for a revoke", readOnlyCopies.mostDeferred, DEFERRED_CALLS_MAX);
    }
    if (sticky !== undefined) {
      addOf(name, "sticky records", sticky.size, STICKY_RECORDS_MAX, false);
      addOf(name, "requests for a pinned record", sticky.mostPinned, PINNED_REQUESTS_MAX);
    }
  }
  return loads;
}

/** The ones that are longer than they may ever be. */
export function overfull(loads: readonly QueueLoad[]): QueueLoad[] {
  return loads.filter(({ length, max }) => length > max);
}

/** The ones that should be empty while nobody works. */
export function leftWaiting(loads: readonly QueueLoad[]): QueueLoad[] {
  return loads.filter(({ length, drains }) => drains && length > 0);
}
