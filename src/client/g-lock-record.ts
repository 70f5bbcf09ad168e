// What a record of g_lock.tdb says and how it changes, in both formats that programs write there: Samba's and the ctdb tool's. No
// I/O: bytes in, bytes and decisions out. g-lock.ts does it under the record's lock.
import {
  type GLockState,
  type GLockWatcher,
  ProtocolError,
  SambaGLock,
  type ServerId,
  ToolGLock,
} from "../protocol/index.js";

/**
 * "samba": as smbd and `net g_lock` write it, with a list of those who wait. "ctdb": as the C `ctdb` tool and its client library
 * write it. C programs see the holders of their own format only; this library sees both.
 */
export type GLockFormat = "samba" | "ctdb";
/** Any number of readers at once, or one writer. */
export type GLockMode = "read" | "write";

/** One wish for a lock. `server` is of this wish alone, `instance` names it in the list of those who wait. */
export interface Claim {
  readonly format: GLockFormat;
  readonly mode: GLockMode;
  readonly server: ServerId;
  readonly instance: bigint;
}

/** A change of the record: its new value (empty: delete it; undefined: leave it), and who has to hear of it. */
export interface RecordChange {
  readonly value: Uint8Array | undefined;
  readonly wake: GLockWatcher | undefined;
}

export interface Attempt extends RecordChange {
  readonly granted: boolean;
  /** Processes that are in the way. */
  readonly blockers: readonly ServerId[];
  /** Those, and who has the next turn: if one of them is dead it has to be found out, or nothing goes on. */
  readonly suspects: readonly ServerId[];
  /** The lock was free, and was taken although others waited for it. */
  readonly overtook: boolean;
  /** The claim is in the list of those who wait: a change will be told by a message. */
  readonly watched: boolean;
}

/** What else an attempt depends on. */
export interface AttemptTerms {
  /** Processes that are known to be gone. */
  readonly gone: readonly ServerId[];
  /** Whether a free lock may be taken although others wait for it. */
  readonly mayOvertake: boolean;
  /** A number that has not been used in this record. */
  readonly epoch: bigint;
}

/** The record is in neither format: something else has written it. */
export class UnknownGLockFormat extends Error {
  override readonly name = "UnknownGLockFormat";
}

const TOOL_ENTRY_BYTES = 32;
const TOOL_MODE = { read: 0, write: 1 } as const;
/** A longer list is not made longer: whoever comes then looks again from time to time. */
const WATCHERS_MAX = 1000;
const NO_BYTES = new Uint8Array(0);
const NOBODY: ServerId = { pid: 0n, taskId: 0, vnn: 0, uniqueId: 0n };

interface SambaContents {
  readonly format: "samba";
  watchers: GLockWatcher[];
  exclusive: ServerId;
  shared: ServerId[];
  lockEpoch: bigint;
  dataEpoch: bigint;
  userData: Uint8Array;
}

interface ToolContents {
  readonly format: "ctdb";
  holders: ToolGLock[];
}

export function sameServer(a: ServerId, b: ServerId): boolean {
  return a.pid === b.pid && a.taskId === b.taskId && a.vnn === b.vnn && a.uniqueId === b.uniqueId;
}

function includes(servers: readonly ServerId[], server: ServerId): boolean {
  return servers.some((other) => sameServer(other, server));
}

function emptySamba(): SambaContents {
  return {
    format: "samba",
    watchers: [],
    exclusive: NOBODY,
    shared: [],
    lockEpoch: 0n,
    dataEpoch: 0n,
    userData: NO_BYTES,
  };
}

/**
 * The tool's entries, if that is what the bytes are. Samba's records can have such lengths too, but never read as processes: the
 * second four bytes of an entry are padding, and a process id fills at most the four that follow.
 */
function decodeTool(value: Uint8Array): ToolContents | undefined {
  if (value.length === 0 || value.length % TOOL_ENTRY_BYTES !== 0) return undefined;
  const view = Buffer.from(value.buffer, value.byteOffset, value.length);
  const holders: ToolGLock[] = [];
  for (let at = 0; at < value.length; at += TOOL_ENTRY_BYTES) {
    if (view.readUInt32LE(at) > TOOL_MODE.write || view.readUInt32LE(at + 4) !== 0) return undefined;
    if (view.readUInt32LE(at + 8) === 0 || view.readUInt32LE(at + 12) !== 0) return undefined;
    holders.push(ToolGLock.decode(value.subarray(at, at + TOOL_ENTRY_BYTES)));
  }
  return { format: "ctdb", holders };
}

function decodeSamba(value: Uint8Array): SambaContents {
  let record: SambaGLock;
  try {
    record = SambaGLock.decode(value);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new UnknownGLockFormat(`it is neither Samba's nor the ctdb tool's: ${error.message}`, { cause: error });
  }
  const { watchers, state } = record;
  if (state === null) return { ...emptySamba(), watchers };
  return {
    format: "samba",
    watchers,
    exclusive: state.exclusive,
    shared: state.shared,
    lockEpoch: state.uniqueLockEpoch,
    dataEpoch: state.uniqueDataEpoch,
    userData: state.userData,
  };
}

function decode(value: Uint8Array | undefined): SambaContents | ToolContents {
  if (value === undefined || value.length === 0) return emptySamba();
  return decodeTool(value) ?? decodeSamba(value);
}

function encodeSamba(contents: SambaContents): Uint8Array {
  const { watchers, exclusive, shared, lockEpoch, dataEpoch, userData } = contents;
  const state: GLockState | null =
    exclusive.pid === 0n && shared.length === 0 && userData.length === 0
      ? null
      : { exclusive, uniqueLockEpoch: lockEpoch, uniqueDataEpoch: dataEpoch, shared, userData };
  return SambaGLock.encode({ watchers, state });
}

function encodeTool(holders: readonly ToolGLock[]): Uint8Array {
  return Buffer.concat(holders.map((holder) => ToolGLock.encode(holder)));
}

/** Processes that hold the lock, or that have the next turn and wait for readers. Throws UnknownGLockFormat. */
export function holdersOf(value: Uint8Array | undefined): ServerId[] {
  const contents = decode(value);
  if (contents.format === "ctdb") return contents.holders.map((holder) => holder.server);
  return contents.exclusive.pid === 0n ? contents.shared : [contents.exclusive, ...contents.shared];
}

function granted(value: Uint8Array, wake: GLockWatcher | undefined, overtook: boolean): Attempt {
  return { granted: true, blockers: [], suspects: [], watched: false, overtook, value, wake };
}

function refused(blockers: readonly ServerId[], suspects: readonly ServerId[], value: Uint8Array | undefined): Attempt {
  return { granted: false, blockers, suspects, watched: false, overtook: false, value, wake: undefined };
}

/** Tries to get the lock. Throws UnknownGLockFormat. */
export function attempt(value: Uint8Array | undefined, claim: Claim, terms: AttemptTerms): Attempt {
  const contents = decode(value);
  const alive = (servers: readonly ServerId[]): ServerId[] => servers.filter((server) => !includes(terms.gone, server));
  if (contents.format === claim.format || value === undefined || value.length === 0) {
    if (claim.format === "ctdb") return attemptTool(contents.format === "ctdb" ? contents.holders : [], claim, terms);
    return attemptSamba(contents.format === "samba" ? contents : emptySamba(), claim, terms);
  }
  // The other format. Its holders would not see an entry of ours, so all of them are in the way, and none must be written over.
  const blockers = alive(holdersOf(value));
  if (blockers.length > 0) return refused(blockers, blockers, undefined);
  return claim.format === "ctdb" ? attemptTool([], claim, terms) : attemptSamba(emptySamba(), claim, terms);
}

function attemptTool(holders: readonly ToolGLock[], claim: Claim, terms: AttemptTerms): Attempt {
  const alive = holders.filter((holder) => !includes(terms.gone, holder.server));
  const conflicting = alive.filter((holder) => claim.mode === "write" || holder.type === TOOL_MODE.write);
  if (conflicting.length > 0) {
    const value = alive.length === holders.length ? undefined : encodeTool(alive);
    const blockers = conflicting.map((holder) => holder.server);
    return refused(blockers, blockers, value);
  }
  return granted(encodeTool([...alive, { type: TOOL_MODE[claim.mode], server: claim.server }]), undefined, false);
}

function attemptSamba(contents: SambaContents, claim: Claim, terms: AttemptTerms): Attempt {
  const { server, mode, instance } = claim;
  const isGone = (other: ServerId): boolean => includes(terms.gone, other);
  const isMine = (watcher: GLockWatcher): boolean =>
    watcher.instance === instance && sameServer(watcher.server, server);
  if (isGone(contents.exclusive)) contents.exclusive = NOBODY;
  contents.shared = contents.shared.filter((other) => !isGone(other));
  contents.watchers = contents.watchers.filter((watcher) => !isGone(watcher.server));

  const mine = contents.watchers.findIndex(isMine);
  const pending = sameServer(contents.exclusive, server);
  const first = contents.watchers[0];
  let blockers: readonly ServerId[] = [];
  if (contents.exclusive.pid !== 0n && !pending) {
    blockers = [contents.exclusive];
  } else if (first !== undefined && mine < 0 && !pending && !terms.mayOvertake) {
    blockers = [first.server];
  } else if (mode === "write") {
    // New readers stay out from now on; those that are there are waited for.
    contents.exclusive = server;
    blockers = contents.shared;
  } else {
    contents.shared = [...contents.shared, server];
  }

  if (blockers.length > 0) {
    const watched = mine >= 0 || contents.watchers.length < WATCHERS_MAX;
    if (mine < 0 && watched) contents.watchers = [...contents.watchers, { server, instance }];
    const suspects = first === undefined || mine === 0 ? blockers : [...blockers, first.server];
    return { ...refused(blockers, suspects, encodeSamba(contents)), watched };
  }
  contents.lockEpoch = terms.epoch;
  contents.watchers = contents.watchers.filter((watcher) => !isMine(watcher));
  // The next reader may come in as well; a writer's release tells the next one.
  const wake = mode === "read" ? contents.watchers[0] : undefined;
  return granted(encodeSamba(contents), wake, contents.watchers.length > 0 && mine !== 0);
}

/** `server` gives the lock back, or gives up waiting for it. Throws UnknownGLockFormat. */
export function leave(value: Uint8Array | undefined, server: ServerId): RecordChange {
  const nothing: RecordChange = { value: undefined, wake: undefined };
  if (value === undefined || value.length === 0) return nothing;
  const contents = decode(value);
  if (contents.format === "ctdb") {
    const others = contents.holders.filter((holder) => !sameServer(holder.server, server));
    return others.length === contents.holders.length ? nothing : { value: encodeTool(others), wake: undefined };
  }
  const { exclusive, shared, watchers } = contents;
  if (sameServer(exclusive, server)) contents.exclusive = NOBODY;
  contents.shared = shared.filter((other) => !sameServer(other, server));
  contents.watchers = watchers.filter((watcher) => !sameServer(watcher.server, server));
  const held = contents.exclusive !== exclusive || contents.shared.length !== shared.length;
  const waited = contents.watchers.length !== watchers.length;
  if (!held && !waited) return nothing;
  // Whoever was first may have been told already that the lock is free: the next one has to hear it then.
  const wasFirst = waited && contents.watchers[0] !== watchers[0];
  return { value: encodeSamba(contents), wake: held || wasFirst ? contents.watchers[0] : undefined };
}
