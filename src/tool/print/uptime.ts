// Prints `uptime`.
import type { Printer } from "../command.js";
import { ctimeText, isoText, spanText } from "./clock-text.js";

/** Points in time are seconds since 1970 with a fraction, by the daemon's clock. */
export interface UptimeReport {
  readonly pnn: number;
  readonly currentTime: number;
  readonly startTime: number;
  readonly lastRecoveryStarted: number;
  readonly lastRecoveryFinished: number;
  /** Finished - started in microseconds; negative while a recovery runs. */
  readonly lastRecoveryMicroseconds: number;
}

export const uptimePrinter: Printer<UptimeReport> = {
  plain(report) {
    const now = Math.trunc(report.currentTime);
    const since = (then: number): string => `${spanText(now - Math.trunc(then))} ${ctimeText(Math.trunc(then))}`;
    return (
      `Current time of node ${String(report.pnn).padEnd(4)}     :                ${ctimeText(now)}\n` +
      `Ctdbd start time              : ${since(report.startTime)}\n` +
      `Time of last recovery/failover: ${since(report.lastRecoveryFinished)}\n` +
      `Duration of last recovery/failover: ${(report.lastRecoveryMicroseconds / 1e6).toFixed(6)} seconds\n`
    );
  },
  json: (report) => ({
    pnn: report.pnn,
    currentTime: isoText(report.currentTime),
    startTime: isoText(report.startTime),
    lastRecoveryStarted: isoText(report.lastRecoveryStarted),
    lastRecoveryFinished: isoText(report.lastRecoveryFinished),
    lastRecoverySeconds: report.lastRecoveryMicroseconds / 1e6,
  }),
};
