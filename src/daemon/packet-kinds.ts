// As what the handling of a packet is counted: by the packet's type and the side it comes from, a control by its name. Used by
// node.ts for each packet, so it looks up and makes nothing.
import type { HandlerKind, LoopPort } from "../platform/ports.js";
import { controls, Operation, packetOperation, reqControlOpcode } from "../protocol/index.js";

/** A shorter control has no number. */
const CONTROL_BYTES_MIN = 36;

function byOperation(loop: LoopPort, side: string): HandlerKind[] {
  const kinds: HandlerKind[] = [];
  for (const [name, operation] of Object.entries(Operation)) kinds[operation] = loop.kind(`${side} ${name}`);
  return kinds;
}

export class PacketKinds {
  private readonly ofNodes: readonly HandlerKind[];
  private readonly ofClients: readonly HandlerKind[];
  private readonly ofControls: readonly (HandlerKind | undefined)[];
  private readonly unknown: HandlerKind;
  private readonly unknownControl: HandlerKind;

  constructor(loop: LoopPort) {
    this.ofNodes = byOperation(loop, "node");
    this.ofClients = byOperation(loop, "client");
    this.ofControls = controls.map((entry) => (entry === undefined ? undefined : loop.kind(`control ${entry.name}`)));
    this.unknown = loop.kind("packet, unknown");
    this.unknownControl = loop.kind("control, unknown");
  }

  /** Of a packet with a good header, nothing else checked. */
  ofClient(packet: Buffer): HandlerKind {
    return this.of(packet, this.ofClients);
  }

  ofNode(packet: Buffer): HandlerKind {
    return this.of(packet, this.ofNodes);
  }

  private of(packet: Buffer, kinds: readonly HandlerKind[]): HandlerKind {
    const operation = packetOperation(packet);
    if (operation === Operation.REQ_CONTROL && packet.length >= CONTROL_BYTES_MIN) {
      return this.ofControls[reqControlOpcode(packet)] ?? this.unknownControl;
    }
    return kinds[operation] ?? this.unknown;
  }
}
