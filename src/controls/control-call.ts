// One control that this node executes, and the ways to answer it. Handlers answer exactly once, now or later.
import type { ControlName, ControlReply } from "../protocol/index.js";

export interface ControlOrigin {
  /** pnn of the node that sent the control; the own pnn for local clients and for the daemon itself. */
  readonly srcnode: number;
  /** Generation of the sender when it was sent; the own one for local clients. */
  readonly generation: number;
  /** Connection of the local client that sent it; 0 for anything that comes from a daemon. */
  readonly clientId: number;
  readonly flags: number;
  readonly srvidHi: number;
  readonly srvidLo: number;
}

/** Sends the answer on; `data` may be a view that is valid during the call only. */
export type ControlAnswer = (status: number, data: Uint8Array, errorText: string) => void;

const NO_DATA = new Uint8Array(0);

/** A control of any kind: what can be done with it without knowing its payloads. */
export interface AnyControlCall extends ControlOrigin {
  readonly name: string;
  status(status: number): void;
  fail(errorText?: string, status?: number): void;
}

export class ControlCall<Name extends ControlName = ControlName> implements AnyControlCall {
  private answered = false;

  constructor(
    readonly name: Name,
    readonly srcnode: number,
    readonly generation: number,
    readonly clientId: number,
    readonly flags: number,
    readonly srvidHi: number,
    readonly srvidLo: number,
    private readonly encode: (reply: ControlReply<Name>) => Uint8Array,
    private readonly answer: ControlAnswer,
  ) {}

  /** Success with the payload that the control's table entry describes. */
  reply(payload: ControlReply<Name>): void {
    this.finish(0, this.encode(payload), "");
  }

  /** Success without payload, or a control whose answer is the status itself (PING, GET_PNN ...). */
  status(status: number): void {
    this.finish(status, NO_DATA, "");
  }

  /** Failure; `status` is negative or, where the control defines it, a positive code. */
  fail(errorText = "", status = -1): void {
    this.finish(status, NO_DATA, errorText);
  }

  private finish(status: number, data: Uint8Array, errorText: string): void {
    if (this.answered) throw new Error(`control ${this.name} was answered twice`);
    this.answered = true;
    this.answer(status, data, errorText);
  }
}
