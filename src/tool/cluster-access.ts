// The cluster as commands see it: controls with the C tool's complaints and results, messages, private message ids. It
// wraps the client library; made by run.ts once the daemon is connected.

import { setImmediate as nextTurn } from "node:timers/promises";
import {
  ClientError,
  ConnectionLostError,
  ControlFailedError,
  ControlTimeoutError,
  MalformedReplyError,
} from "../client/errors.js";
import type { Client } from "../client/index.js";
import { type ControlName, type ControlReply, type ControlRequest, ProtocolError } from "../protocol/index.js";
import { TdbError } from "../tdb/errors.js";
import { CommandFailure, Errno } from "./errors.js";
import type { Terminal } from "./terminal.js";

/** What became of a control. `result` is an errno when no usable reply came (`replied` false), else the reply's status. */
export type Outcome<T> =
  | { readonly ok: true; readonly reply: T }
  | { readonly ok: false; readonly result: number; readonly replied: boolean };

/** Controls whose name the C tool prints in another way. */
const PRINTED_NAMES: Readonly<Partial<Record<string, string>>> = { SET_DB_READONLY: "SET_DB_READONY" };

const PRIVATE_SRVID_PREFIX = 0xce01_0000_0000_0000n;
const PID_MASK = 0xffff;

export class ClusterAccess {
  readonly client: Client;
  readonly localPnn: number;
  /** Limit of each single control and wait; Infinity: none. */
  readonly timeoutMs: number;
  readonly #terminal: Terminal;
  #privateSrvids = 0n;
  #lossExpected = false;
  /** Resolves when the daemon has closed the connection. */
  readonly #lost: Promise<void>;
  /** Resolves when the daemon has closed the connection and no command waits for that. */
  readonly unexpectedLoss: Promise<void>;

  constructor(client: Client, timeoutMs: number, terminal: Terminal) {
    this.client = client;
    this.localPnn = client.pnn;
    this.timeoutMs = timeoutMs;
    this.#terminal = terminal;
    this.#lost = new Promise((resolve) => client.events.once("closed", () => resolve()));
    this.unexpectedLoss = new Promise((resolve) => {
      void this.#lost.then(() => {
        if (!this.#lossExpected) resolve();
      });
    });
  }

  /** Waits until the daemon has closed the connection. */
  async closed(): Promise<void> {
    this.#lossExpected = true;
    await this.#lost;
  }

  /** Waits until all that was sent without a reply is with the daemon's socket. */
  async flushed(): Promise<void> {
    while (this.client.queuedBytes > 0) await nextTurn();
  }

  /** Sends a control; on failure prints the C tool's text and throws CommandFailure with its result. */
  async control<N extends ControlName>(name: N, request: ControlRequest<N>, pnn: number): Promise<ControlReply<N>> {
    const outcome = await this.tryControl(name, request, pnn);
    if (outcome.ok) return outcome.reply;
    this.complainAbout(name, pnn, outcome);
    throw new CommandFailure(outcome.result);
  }

  /** Sends a control and returns what became of it; prints nothing. */
  async tryControl<N extends ControlName>(
    name: N,
    request: ControlRequest<N>,
    pnn: number,
    limit: "timeLimit" | "none" = "timeLimit",
  ): Promise<Outcome<ControlReply<N>>> {
    if (limit === "timeLimit" && this.timeoutMs <= 0) return { ok: false, result: Errno.ETIMEDOUT, replied: false };
    try {
      const options = limit === "none" ? { pnn } : { pnn, timeoutMs: this.timeoutMs };
      return { ok: true, reply: await this.client.control(name, request, options) };
    } catch (error) {
      if (error instanceof ControlFailedError) return { ok: false, result: error.status, replied: true };
      if (error instanceof ControlTimeoutError) return { ok: false, result: Errno.ETIMEDOUT, replied: false };
      if (error instanceof MalformedReplyError) return { ok: false, result: Errno.EPROTO, replied: true };
      throw error;
    }
  }

  /** Prints the C tool's text about a failed control. */
  complainAbout(name: ControlName, pnn: number, failure: { readonly result: number; readonly replied: boolean }): void {
    const printed = PRINTED_NAMES[name] ?? name;
    this.#terminal.complain(
      failure.replied
        ? `Control ${printed} failed, ret=${failure.result}`
        : `Control ${printed} failed to node ${pnn}, ret=${failure.result}`,
    );
  }

  /**
   * Sends one control to many nodes at once and waits for all of them. Prints nothing. `result` is that of the first
   * reply that failed, in order of arrival; 0 if none did.
   */
  async controlAll<N extends ControlName>(
    name: N,
    request: ControlRequest<N>,
    pnns: readonly number[],
  ): Promise<{ readonly result: number; readonly outcomes: ReadonlyMap<number, Outcome<ControlReply<N>>> }> {
    let result = 0;
    const outcomes = new Map<number, Outcome<ControlReply<N>>>();
    await Promise.all(
      pnns.map(async (pnn) => {
        const outcome = await this.tryControl(name, request, pnn);
        if (!outcome.ok && result === 0) result = outcome.result;
        outcomes.set(pnn, outcome);
      }),
    );
    return { result, outcomes };
  }

  /** The value of `promise`, or undefined when it does not come within the time limit. */
  async within<T>(promise: Promise<T>): Promise<T | undefined> {
    if (this.timeoutMs === Number.POSITIVE_INFINITY) return promise;
    let timer: NodeJS.Timeout | undefined;
    const expired = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, Math.max(0, this.timeoutMs), undefined);
    });
    try {
      return await Promise.race([promise, expired]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** A message id that no other client uses. */
  privateSrvid(): bigint {
    this.#privateSrvids += 1n;
    return (PRIVATE_SRVID_PREFIX | (BigInt(process.pid & PID_MASK) << 16n)) + this.#privateSrvids;
  }
}

/** What a daemon sent or a file holds cannot be used: not a mistake of this program. */
export function isBadInput(error: unknown): error is Error {
  return error instanceof ClientError || error instanceof ProtocolError || error instanceof TdbError;
}

/** The daemon closed the connection in the middle of a command. */
export function isConnectionLoss(error: unknown): boolean {
  return error instanceof ConnectionLostError;
}
