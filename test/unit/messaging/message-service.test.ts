import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { type MessageClient, MessageService } from "../../../src/messaging/message-service.js";
import {
  PacketWriter,
  Pnn,
  packetDestnode,
  packetSrcnode,
  reqMessageData,
  reqMessageSrvid,
  writeReqMessage,
} from "../../../src/protocol/index.js";

const ALL = 0xffffffffffffffffn;
const SRVID = 0xf300000000000001n;

class Mailbox implements MessageClient {
  readonly packets: Buffer[] = [];
  send(packet: Buffer): void {
    this.packets.push(Buffer.from(packet));
  }
  get texts(): string[] {
    return this.packets.map((packet) => reqMessageData(packet).toString());
  }
}

describe("MessageService", () => {
  let sent: Buffer[];
  let service: MessageService;

  function message(destnode: number, text: string, srvid = SRVID): Buffer {
    const writer = new PacketWriter();
    const hi = Number(srvid >> 32n);
    const lo = Number(srvid & 0xffffffffn);
    writeReqMessage(writer, 1, destnode, 7, 0, hi, lo, Buffer.from(text));
    return Buffer.from(writer.packet());
  }

  beforeEach(() => {
    sent = [];
    service = new MessageService({
      router: { ownPnn: 2, writer: new PacketWriter(), send: (packet) => sent.push(Buffer.from(packet)) },
      generation: () => 1,
    });
  });

  it("delivers to everybody who registered the srvid, and to those who want all, with the local pnn as source", () => {
    const [one, two, all, other] = [new Mailbox(), new Mailbox(), new Mailbox(), new Mailbox()];
    service.register(one, SRVID);
    service.register(two, SRVID);
    service.register(all, ALL);
    service.register(other, SRVID + 1n);
    service.fromNode(message(2, "hello"));
    assert.deepEqual([one.texts, two.texts, all.texts, other.texts], [["hello"], ["hello"], ["hello"], []]);
    const packet = all.packets[0];
    assert.ok(packet !== undefined);
    assert.deepEqual([packetSrcnode(packet), reqMessageSrvid(packet)], [2, SRVID]);
  });

  it("delivers twice to a client that registered twice, and once after one registration is gone", () => {
    const client = new Mailbox();
    service.register(client, SRVID);
    service.register(client, SRVID);
    service.fromNode(message(2, "a"));
    assert.equal(service.deregister(client, SRVID), true);
    service.fromNode(message(2, "b"));
    assert.deepEqual(client.texts, ["a", "a", "b"]);
    assert.equal(service.deregister(client, SRVID), true);
    assert.equal(service.deregister(client, SRVID), false);
  });

  it("keeps a client's message for this node here and sends others on", () => {
    const client = new Mailbox();
    service.register(client, SRVID);
    service.fromClient(message(Pnn.CURRENT_NODE, "here"));
    service.fromClient(message(2, "here too"));
    service.fromClient(message(1, "there"));
    service.fromClient(message(Pnn.BROADCAST_ALL, "everywhere"));
    assert.deepEqual(client.texts, ["here", "here too"]);
    assert.deepEqual(sent.map(packetDestnode), [1, Pnn.BROADCAST_ALL]);
  });

  it("forgets all registrations of a client that is gone, also while a message is being delivered", () => {
    const second = new Mailbox();
    const first: MessageClient = { send: () => service.removeOwner(second) };
    service.register(second, SRVID);
    service.register(first, SRVID);
    service.fromNode(message(2, "a"));
    service.fromNode(message(2, "b"));
    assert.deepEqual(second.texts, ["a"]);
  });

  it("lets a part of the daemon listen, and delivers its own messages to this node at once", () => {
    const heard: string[] = [];
    const handler = (data: Buffer): void => {
      heard.push(data.toString());
    };
    service.register(handler, SRVID);
    service.send(2, SRVID, Buffer.from("to myself"));
    service.send(0, SRVID, Buffer.from("to another"));
    assert.deepEqual(heard, ["to myself"]);
    assert.deepEqual(sent.map(packetDestnode), [0]);
  });
});
