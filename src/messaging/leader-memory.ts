// Remembers the leader's last announcement for a moment, so that a client which begins to listen for it is told at once: the `ctdb`
// tool asks so for `status`, and would else wait for the next announcement, up to a second.
import type { Clock } from "../platform/ports.js";
import { Pnn, Srvid } from "../protocol/index.js";
import type { MessageService } from "./message-service.js";

/** The leader announces itself once a second; what is older than two announcements is forgotten. */
const REMEMBERED_MS = 2_500;
const PAYLOAD_BYTES = 4;

export class LeaderMemory {
  private announcement: Buffer | undefined;
  private heardAtMs = 0;

  constructor(
    private readonly clock: Clock,
    messages: MessageService,
  ) {
    messages.register((data) => this.hear(data), Srvid.LEADER);
  }

  /** The payload of the last LEADER message, if it names a leader and is not old. */
  get current(): Buffer | undefined {
    return this.clock.now() - this.heardAtMs <= REMEMBERED_MS ? this.announcement : undefined;
  }

  private hear(data: Buffer): void {
    const known = data.length === PAYLOAD_BYTES && data.readUInt32LE(0) !== Pnn.UNKNOWN;
    // An election that begins makes the last leader void.
    this.announcement = known ? Buffer.from(data) : undefined;
    this.heardAtMs = this.clock.now();
  }
}
