// Log lines as syslog datagrams: to /dev/log or to UDP port 514 of this machine. Never waits: what the receiver does not take
// is dropped and counted.
import { closeDescriptor, connectLocalUdp, connectUnixDatagram, sendDatagram } from "../libc.js";
import { systemClock } from "../system-clock.js";
import { syslogPriority } from "./log-levels.js";
import type { LogOutput, LogSource } from "./log-output.js";
import { IsoTimeStamps, syslogTimeStamp } from "./time-stamps.js";

const DEVICE = "/dev/log";
const SYSLOG_PORT = 514;
/** The C daemon's buffer, with the zero at its end. */
const SHORT_MAX_BYTES = 1023;
const RFC3164_MAX_BYTES = 8192;
/** Without a receiver the socket is not tried anew for every line. */
const RECONNECT_INTERVAL_MS = 1000;

export type SyslogFormat = "rfc3164" | "short" | "rfc5424";

export class SyslogOutput implements LogOutput {
  private fd: number | undefined;
  private nextConnectMs = 0;
  private dropped = 0;
  private closed = false;
  private readonly stamps = new IsoTimeStamps();
  private readonly maxBytes: number;

  constructor(
    private readonly target: "device" | "udp",
    private readonly format: SyslogFormat,
    private readonly source: LogSource,
    private readonly devicePath = DEVICE,
    private readonly udpPort = SYSLOG_PORT,
  ) {
    this.maxBytes = format === "rfc3164" ? RFC3164_MAX_BYTES : SHORT_MAX_BYTES;
  }

  write(level: number, line: string): void {
    if (this.closed) return;
    if (this.dropped > 0 && this.send(level, `[Dropped ${this.dropped} log messages]`)) this.dropped = 0;
    if (this.dropped > 0 || !this.send(level, line)) this.dropped += 1;
  }

  flushSync(): void {}

  reopen(): void {
    this.disconnect();
    this.nextConnectMs = 0;
  }

  close(): void {
    this.closed = true;
    this.disconnect();
  }

  private send(level: number, text: string): boolean {
    const fd = this.connected();
    if (fd === undefined) return false;
    const bytes = Buffer.from(this.message(level, text)).subarray(0, this.maxBytes);
    const failure = sendDatagram(fd, bytes);
    if (failure === undefined) return true;
    // EAGAIN is a receiver that is behind; after anything else (a restarted syslog daemon) the socket is worth nothing.
    if (failure === "EAGAIN" || failure === "ENOBUFS") return false;
    this.disconnect();
    // The error of a UDP socket tells of an earlier datagram, and a restarted receiver has a new socket: once more.
    const again = this.connected();
    return again !== undefined && sendDatagram(again, bytes) === undefined;
  }

  private connected(): number | undefined {
    if (this.fd !== undefined) return this.fd;
    const nowMs = systemClock.now();
    if (nowMs < this.nextConnectMs) return undefined;
    try {
      this.fd = this.target === "device" ? connectUnixDatagram(this.devicePath) : connectLocalUdp(this.udpPort);
    } catch {
      // No syslog daemon runs now; the lines are counted as dropped.
      this.nextConnectMs = nowMs + RECONNECT_INTERVAL_MS;
    }
    return this.fd;
  }

  private disconnect(): void {
    if (this.fd !== undefined) closeDescriptor(this.fd);
    this.fd = undefined;
  }

  private message(level: number, text: string): string {
    const { tag, pid, hostname } = this.source;
    const priority = syslogPriority(level);
    switch (this.format) {
      case "short":
        return `<${priority}>${tag}[${pid}]: ${text}`;
      case "rfc3164":
        return `<${priority}>${syslogTimeStamp(systemClock.wall())} ${tag}[${pid}]: ${text}`;
      case "rfc5424":
        return `<${priority}>1 ${this.stamps.format(systemClock.wall())} ${hostname} ${tag} ${pid} - - ${text}`;
    }
  }
}
