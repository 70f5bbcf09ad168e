// Many clients of one or several daemons in one process: blocking unix sockets, one epoll, packets handed out in place.
import * as sys from "./system-calls.js";

const READ_BYTES = 1 << 20;
const EVENTS_MAX = 256;
const SOCKET_PATH_MAX = 107;

/** Gets one whole packet, which lies in `bytes` from `offset` and is valid during the call only. */
export type PacketHandler = (client: number, bytes: Buffer, offset: number, length: number) => void;

export class ClientSet {
  private readonly epoll = sys.epollCreate(0);
  private readonly events = Buffer.alloc(EVENTS_MAX * sys.EPOLL_EVENT_BYTES);
  private readonly input = Buffer.allocUnsafeSlow(READ_BYTES);
  private readonly fds: number[] = [];
  /** Incomplete packets by client; nearly always empty. */
  private readonly rests: (Buffer | undefined)[] = [];

  /** Connects one more client and gives its number: 0, 1, 2 ... */
  add(socketPath: string): number {
    if (Buffer.byteLength(socketPath) > SOCKET_PATH_MAX) throw new Error(`socket path too long: ${socketPath}`);
    const fd = sys.socket(sys.AF_UNIX, sys.SOCK_STREAM | sys.SOCK_CLOEXEC, 0);
    if (fd < 0) throw new Error("socket() failed: too many open files?");
    const address = Buffer.alloc(110);
    address.writeUInt16LE(sys.AF_UNIX, 0);
    address.write(socketPath, 2);
    if (sys.connect(fd, address, address.length) !== 0) throw new Error(`cannot connect to ${socketPath}`);
    const client = this.fds.length;
    this.fds.push(fd);
    this.rests.push(undefined);
    const event = Buffer.alloc(sys.EPOLL_EVENT_BYTES);
    event.writeUInt32LE(sys.EPOLLIN, 0);
    event.writeUInt32LE(client, sys.EPOLL_DATA_OFFSET);
    if (sys.epollControl(this.epoll, sys.EPOLL_CTL_ADD, fd, event) !== 0) throw new Error("epoll_ctl() failed");
    return client;
  }

  /** Sends the first `length` bytes of `packet`; blocks while the daemon does not take them. */
  send(client: number, packet: Buffer, length: number): void {
    const fd = this.fds[client] ?? -1;
    const written = sys.write(fd, packet, length);
    if (written === length) return;
    if (written < 0) throw new Error(`client ${client}: write failed, the daemon has closed the connection`);
    this.send(client, packet.subarray(written), length - written);
  }

  /** Waits up to `timeoutMs` for packets and hands them out; false when none came. */
  poll(timeoutMs: number, onPacket: PacketHandler): boolean {
    const ready = sys.epollWait(this.epoll, this.events, EVENTS_MAX, timeoutMs);
    for (let i = 0; i < ready; i++) {
      const client = this.events.readUInt32LE(i * sys.EPOLL_EVENT_BYTES + sys.EPOLL_DATA_OFFSET);
      this.receive(client, onPacket);
    }
    return ready > 0;
  }

  private receive(client: number, onPacket: PacketHandler): void {
    const rest = this.rests[client];
    const kept = rest === undefined ? 0 : rest.copy(this.input);
    const target = kept === 0 ? this.input : this.input.subarray(kept);
    const count = sys.read(this.fds[client] ?? -1, target, target.length);
    if (count <= 0) throw new Error(`client ${client}: the daemon has closed the connection`);
    const end = kept + count;
    let offset = 0;
    while (end - offset >= 4) {
      const length = this.input.readUInt32LE(offset);
      if (end - offset < length) break;
      onPacket(client, this.input, offset, length);
      offset += length;
    }
    this.rests[client] = offset === end ? undefined : Buffer.from(this.input.subarray(offset, end));
  }

  close(): void {
    for (const fd of this.fds) sys.close(fd);
    sys.close(this.epoll);
  }
}
