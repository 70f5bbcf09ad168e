// Sends log lines to syslog as datagrams, never waiting: to /dev/log or to UDP port 514 of this machine. Used by logger.ts.
import { closeDescriptor, connectLocalUdp, connectUnixDatagram, sendDatagram } from "../libc.js";

const DEVICE = "/dev/log";
const SYSLOG_PORT = 514;
/** syslogd is not there (yet), or was started anew: how often to look for it. */
const RECONNECT_MS = 1000;

export interface DatagramWriterOptions {
  readonly transport: "device" | "udp";
  /** For tests. */
  readonly device?: string;
}

export class DatagramWriter {
  private fd = -1;
  private lastAttemptMs = Number.NEGATIVE_INFINITY;
  private dropped = 0;

  constructor(
    private readonly options: DatagramWriterOptions,
    private readonly droppedDatagram: (lines: number) => string,
  ) {
    this.connect();
  }

  send(text: string): void {
    if (this.fd < 0 && !this.connect()) {
      this.dropped++;
      return;
    }
    if (this.dropped > 0) {
      if (!this.trySend(this.droppedDatagram(this.dropped))) {
        this.dropped++;
        return;
      }
      this.dropped = 0;
    }
    if (!this.trySend(text)) this.dropped++;
  }

  reopen(): void {
    this.close();
    this.lastAttemptMs = Number.NEGATIVE_INFINITY;
    this.connect();
  }

  close(): void {
    if (this.fd >= 0) closeDescriptor(this.fd);
    this.fd = -1;
  }

  private trySend(text: string): boolean {
    const failure = sendDatagram(this.fd, Buffer.from(text));
    if (failure === undefined) return true;
    // A full socket keeps; anything else means that the receiver went away.
    if (failure === "EAGAIN" || failure === "ENOBUFS") return false;
    this.close();
    return this.connect() && sendDatagram(this.fd, Buffer.from(text)) === undefined;
  }

  private connect(): boolean {
    const nowMs = performance.now();
    if (nowMs - this.lastAttemptMs < RECONNECT_MS) return false;
    this.lastAttemptMs = nowMs;
    try {
      this.fd =
        this.options.transport === "udp"
          ? connectLocalUdp(SYSLOG_PORT)
          : connectUnixDatagram(this.options.device ?? DEVICE);
      return true;
    } catch {
      // No syslogd: lines are counted as dropped and told of when there is one.
      return false;
    }
  }
}
