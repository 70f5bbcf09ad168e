// One control that waits for its reply. client.ts makes one for each control; typed and raw controls differ in what they do
// with the reply.
import {
  type Codec,
  checkReplyControl,
  Operation,
  ProtocolError,
  replyControlData,
  replyControlErrorLength,
  replyControlErrorText,
  replyControlStatus,
} from "../protocol/index.js";
import type { StopListening } from "./abort.js";
import { type ConnectionLostError, ControlFailedError, ControlTimeoutError, MalformedReplyError } from "./errors.js";
import type { PendingRequest } from "./requests.js";

/** Settings of one control. */
export interface ControlOptions {
  /** Node that executes it; default: the local node. A broadcast needs `sendControlNoReply`. */
  readonly pnn?: number;
  /** 0: no time limit. Default: `timeoutMs` of the client. */
  readonly timeoutMs?: number;
  /** Control flags (`ControlFlag`), like ATTACH_RECOVERY. */
  readonly flags?: number;
  /** The srvid field of the control header (REGISTER_SRVID, TUNNEL_REGISTER; a hint elsewhere). */
  readonly srvid?: bigint;
  readonly signal?: AbortSignal;
}

/** A reply as it came: for tools that judge status and payload themselves. */
export interface RawControlReply {
  readonly status: number;
  readonly data: Buffer;
  /** Error text; empty if there is none. */
  readonly text: string;
}

abstract class WaitingControl<T> implements PendingRequest {
  readonly replyOperation = Operation.REPLY_CONTROL;
  stopListening: StopListening | undefined;

  constructor(
    protected readonly name: string,
    protected readonly pnn: number,
    private readonly timeoutMs: number,
    readonly deadlineMs: number,
    protected readonly resolve: (value: T) => void,
    protected readonly reject: (reason: unknown) => void,
    /** Called before `resolve`, so in the turn of the reply. */
    protected readonly succeeded: (() => void) | undefined,
  ) {}

  protected abstract take(packet: Buffer): void;

  onReply(packet: Buffer): void {
    this.stopListening?.();
    try {
      checkReplyControl(packet);
      this.take(packet);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.reject(new MalformedReplyError(`the reply to control ${this.name}`, error));
    }
  }

  onTimeout(): void {
    this.stopListening?.();
    this.reject(new ControlTimeoutError(this.name, this.pnn, this.timeoutMs));
  }

  onLost(error: ConnectionLostError): void {
    this.stopListening?.();
    this.reject(error);
  }
}

/** Rejects for a status other than 0, decodes the payload otherwise. */
export class TypedControl<T> extends WaitingControl<T> {
  constructor(
    name: string,
    pnn: number,
    timeoutMs: number,
    deadlineMs: number,
    resolve: (value: T) => void,
    reject: (reason: unknown) => void,
    succeeded: (() => void) | undefined,
    private readonly reply: Codec<T>,
  ) {
    super(name, pnn, timeoutMs, deadlineMs, resolve, reject, succeeded);
  }

  protected override take(packet: Buffer): void {
    const status = replyControlStatus(packet);
    if (status === 0) {
      const reply = this.reply.decode(replyControlData(packet));
      this.succeeded?.();
      this.resolve(reply);
    } else this.reject(new ControlFailedError(this.name, this.pnn, status, errorText(packet)));
  }
}

/** For controls that answer in the status: PING, GET_PNN, GET_PID, GET_RECMODE. */
export class StatusControl extends WaitingControl<number> {
  protected override take(packet: Buffer): void {
    const status = replyControlStatus(packet);
    if (status >= 0) {
      this.succeeded?.();
      this.resolve(status);
    } else this.reject(new ControlFailedError(this.name, this.pnn, status, errorText(packet)));
  }
}

export class RawControl extends WaitingControl<RawControlReply> {
  protected override take(packet: Buffer): void {
    this.succeeded?.();
    this.resolve({
      status: replyControlStatus(packet),
      data: Buffer.from(replyControlData(packet)),
      text: errorText(packet),
    });
  }
}

function errorText(packet: Buffer): string {
  return replyControlErrorLength(packet) === 0 ? "" : replyControlErrorText(packet);
}
