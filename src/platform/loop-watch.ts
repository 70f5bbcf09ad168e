// Finds the turns of the event loop that take too long, and logs what ran in them. Started by ctdbd; pure.
//
// A turn is what runs until the loop looks at its sockets again. Looking at each one would cost more than most of them take, so
// handlers' times add up until they are worth a look, and only the end of that turn is awaited. A turn's time may therefore
// contain up to LOOK_AT_MS of the turns before.
//
// Time that passes between handlers is found by a timer that comes too late, by more than handlers ran meanwhile.
import type { LongTurn, LoopAccounts } from "./loop-accounts.js";
import type { Clock, Logger, Timers } from "./ports.js";

export interface LoopWatchModules {
  readonly clock: Clock;
  /** As they are: what they call for this watch is no handler. */
  readonly timers: Pick<Timers, "after">;
  readonly logger: Pick<Logger, "warning">;
  readonly accounts: LoopAccounts;
  /** Calls back once, when the loop has run everything that it has for this turn. */
  atEndOfTurn(callback: () => void): void;
  /** CPU time of the process, milliseconds. */
  cpuMs(): number;
}

export interface LoopWatchOptions {
  /** A longer turn is logged; 0: none is. */
  readonly limitMs: number;
}

export const LOOK_AT_MS = 5;
export const TICK_MS = 100;
/** One line at most in this time, about the worst turn; the others are counted. */
export const LOG_INTERVAL_MS = 5000;
const HANDLERS_LOGGED_MAX = 8;
/** A process that used less of the time than this did not run for the rest. */
const RAN_SHARE = 0.5;

export class LoopWatch {
  private tickMs = 0;
  private busyAtTickMs = 0;
  private cpuAtTickMs = 0;
  /** At the last tick before this turn. */
  private cpuAtTurnMs = 0;
  private lookScheduled = false;
  private loggedMs = Number.NEGATIVE_INFINITY;
  private unlogged = 0;
  private worst: LongTurn | undefined;

  constructor(
    private readonly modules: LoopWatchModules,
    private readonly options: LoopWatchOptions,
  ) {}

  start(): void {
    const { accounts, atEndOfTurn } = this.modules;
    const { limitMs } = this.options;
    if (limitMs === 0) return;
    accounts.beginTurn();
    accounts.lookAtMs = Math.min(LOOK_AT_MS, limitMs);
    accounts.onBusyTurn = () => {
      if (this.lookScheduled) return;
      this.lookScheduled = true;
      atEndOfTurn(() => {
        this.lookScheduled = false;
        this.turnEnded();
      });
    };
    this.scheduleTick();
  }

  private turnEnded(): void {
    const { accounts, cpuMs } = this.modules;
    const { turnMs } = accounts;
    if (turnMs > this.options.limitMs) {
      this.long(turnMs, cpuMs() - this.cpuAtTurnMs, true, accounts.turnHandlers());
      this.cpuAtTurnMs = cpuMs();
    }
    accounts.beginTurn();
  }

  private scheduleTick(): void {
    const { clock, timers, accounts, cpuMs } = this.modules;
    this.tickMs = clock.now();
    this.busyAtTickMs = accounts.busyMs;
    this.cpuAtTickMs = cpuMs();
    if (!this.lookScheduled) this.cpuAtTurnMs = this.cpuAtTickMs;
    timers.after(TICK_MS, () => this.tick());
  }

  private tick(): void {
    const { clock, accounts, cpuMs } = this.modules;
    const busyMs = accounts.busyMs - this.busyAtTickMs;
    const outsideMs = clock.now() - this.tickMs - TICK_MS - busyMs;
    if (outsideMs > this.options.limitMs) this.long(outsideMs, cpuMs() - this.cpuAtTickMs, false, []);
    this.logWhenDue();
    this.scheduleTick();
  }

  private long(totalMs: number, cpuMs: number, inHandlers: boolean, handlers: LongTurn["handlers"]): void {
    const { accounts, clock } = this.modules;
    const shownHandlers = handlers.slice(0, HANDLERS_LOGGED_MAX);
    const turn = { wallMs: clock.wall(), totalMs, cpuMs, inHandlers, handlers: shownHandlers };
    accounts.noteLongTurn(turn);
    this.unlogged++;
    if (this.worst === undefined || totalMs > this.worst.totalMs) this.worst = turn;
    this.logWhenDue();
  }

  /** Logs the worst of the turns since the last line. */
  private logWhenDue(): void {
    const { clock, logger } = this.modules;
    const { worst } = this;
    const nowMs = clock.now();
    if (worst === undefined || nowMs - this.loggedMs < LOG_INTERVAL_MS) return;
    const others = this.unlogged - 1;
    logger.warning(longTurnText(worst) + (others === 0 ? "" : `; ${others} shorter long ones since the last line`));
    this.loggedMs = nowMs;
    this.unlogged = 0;
    this.worst = undefined;
  }
}

function shown(ms: number): string {
  return ms < 10 ? ms.toFixed(1) : String(Math.round(ms));
}

/** One line for people. */
export function longTurnText({ totalMs, cpuMs, inHandlers, handlers }: LongTurn): string {
  const ran = cpuMs >= totalMs * RAN_SHARE;
  const cpu = `${shown(Math.max(0, cpuMs))} ms of CPU time`;
  if (!inHandlers) {
    const cause = ran
      ? "the runtime was busy, with garbage collection for example"
      : "the process did not run: it was stopped, or others had the CPU";
    return `The loop stood still for ${shown(totalMs)} ms outside of all handlers (${cpu}): ${cause}`;
  }
  const list = handlers.map((one) => `${one.name} ${shown(one.totalMs)} ms (${one.count})`).join(", ");
  const stopped = ran ? "" : ` in ${cpu}: the process waited, was stopped, or others had the CPU`;
  return `A turn of the loop took ${shown(totalMs)} ms${stopped}: ${list}`;
}
