// Messages between users of all nodes: they arrive in order, once, and in calm times all of them.
import type { Session, Workload, WorkloadContext } from "./workload.js";

const FIRST_SRVID = 0x7357_0000_0000_0000n;
const PAYLOAD_BYTES = 16;

interface Sent {
  readonly to: string;
  readonly from: string;
  readonly number: number;
}

export class Messages implements Workload {
  readonly name: string = "message";
  /** Sessions that listen, by node. */
  private readonly listeners = new Map<number, { readonly session: Session; readonly number: number }>();
  /** Sent in calm times and not yet arrived. */
  private readonly missing = new Map<string, Sent>();
  private sessions = 0;
  private sent = 0;

  constructor(
    private readonly context: WorkloadContext,
    readonly pauseMs: number,
  ) {}

  async prepare(session: Session): Promise<() => Promise<void>> {
    const { client, random } = session;
    const own = ++this.sessions;
    const last = new Map<number, number>();
    await client.onMessage(FIRST_SRVID + BigInt(own), (data) => this.received(session, own, data, last));
    this.listeners.set(client.pnn, { session, number: own });
    return async () => {
      const [pnn, listener] = random.pick([...this.listeners]);
      const number = ++this.sent;
      const data = Buffer.alloc(PAYLOAD_BYTES);
      data.writeUInt32LE(own, 0);
      data.writeUInt32LE(number, 4);
      client.sendMessage(pnn, FIRST_SRVID + BigInt(listener.number), data);
      if (this.context.calmSinceMs() !== undefined && listener.session.client.state === "connected") {
        this.missing.set(`${listener.number} ${number}`, { to: listener.session.name, from: session.name, number });
      }
    };
  }

  judge(): void {
    const { findings } = this.context;
    for (const { to, from, number } of this.missing.values()) {
      findings.add("lost message", `message ${number} of ${from} has not come to ${to}`, [to, from]);
    }
    this.missing.clear();
  }

  private received(session: Session, own: number, data: Uint8Array, last: Map<number, number>): void {
    const bytes = Buffer.from(data);
    const [from, number] = [bytes.readUInt32LE(0), bytes.readUInt32LE(4)];
    const before = last.get(from) ?? 0;
    if (number <= before) {
      const text = `${session.name} gets message ${number} of session ${from} after ${before}`;
      this.context.findings.add("message out of order", text, [session.name]);
    }
    last.set(from, number);
    this.missing.delete(`${own} ${number}`);
  }
}
