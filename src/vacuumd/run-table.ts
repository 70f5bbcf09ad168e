// ctdb-vacuumd's end of the pipe: carries out the runs that the daemon orders.
import type { Clock, Logger, Timers } from "../platform/ports.js";
import { TdbFlag } from "../protocol/index.js";
import type { TdbOpener } from "../tdb/tdb-file.js";
import type { RunLink } from "../vacuum/run-link.js";
import { VacuumRun } from "../vacuum/vacuum-run.js";
import type { RunOrder, RunOutcome } from "../vacuum/vacuum-worker.js";
import { decodeFrame, decodeOrder, encodeFrame, encodeJson, encodePlaces, FromVacuumd, ToVacuumd } from "./frames.js";

export interface RunTableModules {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly link: RunLink;
  readonly files: TdbOpener;
  send(frame: Buffer): void;
}

interface Running {
  readonly stop: AbortController;
  /** The next batch is waited for. */
  waiting: { resolve(batch: Buffer | undefined): void; reject(reason: unknown): void } | undefined;
}

class RunAbortedError extends Error {
  override readonly name = "RunAbortedError";
}

export class RunTable {
  private readonly runs = new Map<number, Running>();

  constructor(private readonly modules: RunTableModules) {}

  /** A frame of the daemon. Throws BadFrameError. */
  received(frame: Buffer): void {
    const { type, run: id, payload } = decodeFrame(frame);
    if (type === ToVacuumd.RUN) {
      // Every failure is told to the daemon; what is left is a bug and must surface.
      void this.run(id, decodeOrder(payload));
      return;
    }
    // The daemon may speak of a run whose end is on its way.
    const running = this.runs.get(id);
    if (type === ToVacuumd.BATCH) {
      running?.waiting?.resolve(payload.length > 0 ? payload : undefined);
    } else if (type === ToVacuumd.ABORT) {
      const reason = new RunAbortedError("the run was told to stop");
      running?.stop.abort(reason);
      running?.waiting?.reject(reason);
    }
  }

  private async run(id: number, order: RunOrder): Promise<void> {
    const running: Running = { stop: new AbortController(), waiting: undefined };
    this.runs.set(id, running);
    let outcome: RunOutcome;
    try {
      outcome = await this.runOn(id, order, running);
    } finally {
      this.runs.delete(id);
    }
    this.modules.send(encodeFrame(FromVacuumd.ENDED, id, encodeJson(outcome)));
  }

  private async runOn(id: number, order: RunOrder, running: Running): Promise<RunOutcome> {
    const { clock, timers, logger, link, files, send } = this.modules;
    const { signal } = running.stop;
    const ended = (status: RunOutcome["status"], reason: string, run?: VacuumRun): RunOutcome => ({
      status,
      reason,
      deleted: run?.deleted ?? 0,
      handedOver: run?.handedOver ?? 0,
      kept: run?.kept ?? 0,
    });
    let file: ReturnType<TdbOpener["open"]>;
    try {
      // Open only while it is used: the daemon must be able to clear the file when it attaches the database anew.
      const flags = order.tdbFlags & ~TdbFlag.NOLOCK;
      file = files.open({ path: order.path, flags, create: false, maxDead: order.maxDead, logger });
    } catch (error) {
      return ended("failed", String(error));
    }
    const nextBatch = (kept: readonly number[]): Promise<Buffer | undefined> =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted();
        running.waiting = { resolve, reject };
        send(encodeFrame(FromVacuumd.NEXT, id, encodePlaces(kept)));
      });
    const remember = (records: Buffer): void => send(encodeFrame(FromVacuumd.REMEMBER, id, records));
    const run = new VacuumRun({ clock, timers, logger, link, file, source: { nextBatch, remember }, signal }, order);
    try {
      await run.run();
      return ended("finished", "", run);
    } catch (error) {
      return signal.aborted ? ended("aborted", "", run) : ended("failed", String(error), run);
    } finally {
      file.close();
    }
  }
}
