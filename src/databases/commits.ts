// TRANS3_COMMIT: a client's transaction on a persistent or replicated database, sent to all nodes as UPDATE_RECORD. There is no
// undo: where a node fails, a recovery makes all nodes equal to the highest sequence number, and the client looks at that
// number to learn what became of its transaction.
//
// a commit:  updating --all nodes stored it--> answered 0
//            updating --ControlTimeout--> answered 1, and a recovery
//            updating --a node failed, or any recovery--> interrupted --END_RECOVERY--> answered 2
//            waiting (a member of the last recovery is out of sight) --ControlTimeout--> answered 1, and a recovery
//            waiting --any recovery--> interrupted
//            waiting, updating, interrupted --client gone--> forgotten, and a recovery
import type { ControlCall } from "../controls/control-call.js";
import type { ControlHandlers, ControlResult } from "../controls/control-service.js";
import type { Logger, Timer, Timers } from "../platform/ports.js";
import { Control, ControlStatus } from "../protocol/index.js";
import type { MarshalledRecords } from "./marshalled-records.js";

/** A leader that dies between the end of a recovery and END_RECOVERY leaves nobody waiting for longer. */
const END_RECOVERY_LIMIT_MS = 5000;

/** What a commit needs of a database. */
export interface CommitDatabase {
  readonly name: string;
  readonly isVolatile: boolean;
  commitActive: boolean;
}

/** A client connection as this folder sees it. */
export interface CommitClient {
  readonly id: number;
}

export interface CommitModules {
  readonly timers: Timers;
  readonly logger: Logger;
  readonly ownPnn: number;
  readonly databases: { get(id: number): CommitDatabase | undefined };
  readonly controls: {
    requestRaw(
      pnn: number,
      opcode: number,
      payload: Uint8Array,
      options: object,
      callback: (result: ControlResult) => void,
    ): void;
  };
  readonly state: { readonly isRecovering: boolean };
  client(id: number): CommitClient | undefined;
  /** Nodes of the VNN map. */
  vnnMap(): readonly number[];
  isActive(pnn: number): boolean;
  /** All nodes of the nodes list. */
  allPnns(): readonly number[];
  forceRecovery(reason: string): void;
  /** Tunable ControlTimeout, seconds; 0 = never. */
  controlTimeoutSeconds(): number;
}

interface Commit {
  readonly database: CommitDatabase;
  readonly client: CommitClient;
  readonly call: ControlCall<"TRANS3_COMMIT">;
  /** Nodes that have not answered yet. */
  pending: number;
  state: "waiting" | "updating" | "interrupted" | "ended";
  timer: Timer | undefined;
}

export class Commits {
  private readonly ofClient = new Map<CommitClient, Commit>();
  private readonly ofDatabase = new Map<CommitDatabase, Commit>();
  /** START_PERSISTENT_UPDATE less CANCEL_PERSISTENT_UPDATE, where it is not 0. */
  private readonly announced = new Map<CommitClient, number>();
  /** Nodes that were there at the last recovery without a break, whether they are in the VNN map or not. */
  private participants = new Set<number>();
  private endTimer: Timer | undefined;

  constructor(private readonly modules: CommitModules) {}

  get handlers(): ControlHandlers {
    return {
      START_PERSISTENT_UPDATE: (_, call) => this.announce(call, 1),
      CANCEL_PERSISTENT_UPDATE: (_, call) => this.announce(call, -1),
    };
  }

  // ------------------------------------------------------------------ what happens around it

  /** The VNN map has a new generation: who is here now is made equal by this recovery. */
  vnnMapChanged(): void {
    this.participants = new Set(this.modules.allPnns().filter((pnn) => this.modules.isActive(pnn)));
  }

  nodeFlagsChanged(pnn: number): void {
    if (!this.modules.isActive(pnn)) this.participants.delete(pnn);
  }

  /** Recovery mode changed, or was set again. */
  recoveryModeChanged(): void {
    this.endTimer?.cancel();
    this.endTimer = undefined;
    if (this.modules.state.isRecovering) {
      for (const commit of this.ofDatabase.values()) this.interrupt(commit);
    } else if (this.ofDatabase.size > 0) {
      this.endTimer = this.modules.timers.after(END_RECOVERY_LIMIT_MS, () => this.recoveryEnded());
    }
  }

  /** END_RECOVERY: all nodes are equal again, and each client can see what became of its commit. */
  recoveryEnded(): void {
    this.endTimer?.cancel();
    this.endTimer = undefined;
    for (const commit of [...this.ofDatabase.values()]) {
      if (commit.state !== "interrupted") continue;
      this.forget(commit);
      commit.call.fail("trans3 commit ended by recovery", ControlStatus.COMMIT_ENDED_BY_RECOVERY);
    }
  }

  clientGone(client: CommitClient): void {
    const commit = this.ofClient.get(client);
    if (commit !== undefined) {
      this.forget(commit);
      this.modules.forceRecovery(`client ${client.id} went away during its commit to ${commit.database.name}`);
    }
    if (this.announced.delete(client)) {
      this.modules.forceRecovery(`client ${client.id} went away during a persistent update`);
    }
  }

  databaseDetached(database: CommitDatabase): void {
    const commit = this.ofDatabase.get(database);
    if (commit === undefined) return;
    this.forget(commit);
    commit.call.fail("the database was detached");
  }

  // ------------------------------------------------------------------ the commit

  /** TRANS3_COMMIT. `request` is needed during the call only. */
  commit(request: MarshalledRecords, call: ControlCall<"TRANS3_COMMIT">): void {
    const { logger, state } = this.modules;
    const refuse = (reason: string): void => {
      logger.error(`TRANS3_COMMIT refused: ${reason}`);
      call.fail(reason);
    };
    if (state.isRecovering) {
      refuse("recovery is active");
      return;
    }
    const client = this.clientOf(call);
    if (client === undefined) {
      refuse(`client ${call.clientId} of node ${call.srcnode} is not connected here`);
      return;
    }
    if (this.ofClient.has(client)) {
      refuse(`client ${client.id} has another commit in progress`);
      return;
    }
    const database = this.modules.databases.get(request.dbId);
    if (database === undefined) {
      refuse(`unknown database 0x${request.dbId.toString(16)}`);
      return;
    }
    if (database.isVolatile) {
      refuse(`${database.name} is volatile`);
      return;
    }
    if (this.ofDatabase.has(database)) {
      refuse(`a commit to ${database.name} is active`);
      return;
    }
    const commit: Commit = { database, client, call, pending: 0, state: "updating", timer: undefined };
    this.ofClient.set(client, commit);
    this.ofDatabase.set(database, commit);
    database.commitActive = true;
    const seconds = this.modules.controlTimeoutSeconds();
    if (seconds > 0) commit.timer = this.modules.timers.after(seconds * 1000, () => this.timedOut(commit));
    this.sendUpdates(commit, request.bytes);
  }

  private sendUpdates(commit: Commit, payload: Uint8Array): void {
    const members = this.modules.vnnMap();
    const unseen = members.filter((pnn) => !this.modules.isActive(pnn));
    if (unseen.length > 0 && unseen.length < members.length) {
      // It may be out of sight from here only, and its clients go on with what it has: two transactions would take the same place.
      // A node that is away for all makes for a recovery; one broken link is no reason to have one after the other.
      commit.state = "waiting";
      const { name } = commit.database;
      this.modules.logger.notice(
        `The commit to ${name} waits for a recovery: it cannot reach node ${unseen.join(", ")}`,
      );
      return;
    }
    const nodes = this.receivers();
    commit.pending = nodes.length;
    for (const pnn of nodes) {
      const answered = (result: ControlResult): void => this.nodeAnswered(commit, pnn, result);
      this.modules.controls.requestRaw(pnn, Control.UPDATE_RECORD, payload, {}, answered);
    }
    if (nodes.length === 0) {
      this.nodeFailed(commit, `no node takes part in the cluster`);
    }
  }

  /** Active nodes that the last recovery made equal: those of the VNN map, and those that merely cannot be lmaster. */
  private receivers(): number[] {
    const nodes = new Set([...this.modules.vnnMap(), ...this.participants]);
    return [...nodes].filter((pnn) => this.modules.isActive(pnn)).sort((a, b) => a - b);
  }

  private nodeAnswered(commit: Commit, pnn: number, { status, errorText }: ControlResult): void {
    // In a recovery the answers count no more: it decides.
    if (commit.state !== "updating") return;
    if (status !== 0) {
      this.nodeFailed(commit, `node ${pnn} failed with status ${status}${errorText === "" ? "" : `, ${errorText}`}`);
      return;
    }
    commit.pending--;
    if (commit.pending > 0) return;
    this.forget(commit);
    commit.call.status(0);
  }

  private nodeFailed(commit: Commit, reason: string): void {
    this.interrupt(commit);
    this.modules.forceRecovery(`commit to ${commit.database.name}: ${reason}`);
  }

  private timedOut(commit: Commit): void {
    this.forget(commit);
    commit.call.fail("timeout in ctdb_persistent_state", ControlStatus.COMMIT_TIMEOUT);
    this.modules.forceRecovery(`commit to ${commit.database.name} timed out`);
  }

  private interrupt(commit: Commit): void {
    if (commit.state !== "updating" && commit.state !== "waiting") return;
    commit.state = "interrupted";
    commit.timer?.cancel();
    this.modules.logger.notice(`The commit to ${commit.database.name} waits for the end of a recovery`);
  }

  private forget(commit: Commit): void {
    commit.state = "ended";
    commit.timer?.cancel();
    commit.database.commitActive = false;
    this.ofClient.delete(commit.client);
    this.ofDatabase.delete(commit.database);
  }

  // ------------------------------------------------------------------ clients

  private clientOf(call: { readonly srcnode: number; readonly clientId: number }): CommitClient | undefined {
    return call.srcnode === this.modules.ownPnn && call.clientId !== 0 ? this.modules.client(call.clientId) : undefined;
  }

  private announce(
    call: ControlCall<"START_PERSISTENT_UPDATE"> | ControlCall<"CANCEL_PERSISTENT_UPDATE">,
    change: 1 | -1,
  ): void {
    const client = this.clientOf(call);
    if (client === undefined) {
      call.fail();
      return;
    }
    const count = Math.max(0, (this.announced.get(client) ?? 0) + change);
    if (count === 0) this.announced.delete(client);
    else this.announced.set(client, count);
    call.status(0);
  }
}
