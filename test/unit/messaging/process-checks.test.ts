// PROCESS_EXISTS and CHECK_PID_SRVID: by them a process learns whether the holder of a lock on another node still lives.
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { type MessageClient, MessageService } from "../../../src/messaging/message-service.js";
import { messagingControls } from "../../../src/messaging/messaging-controls.js";
import { TunnelService } from "../../../src/messaging/tunnel-service.js";
import { PacketWriter } from "../../../src/protocol/index.js";
import { answered } from "../databases/answered-call.js";
import { RecordingLogger } from "../fake-time.js";

const SMBD = 4711;
const SRVID = 0xf800_0000_0000_0001n;

describe("Process checks", () => {
  let state: { isInactive: boolean };
  let alive: Set<number>;
  let disconnected: MessageClient[];
  let messages: MessageService;
  let handlers: ReturnType<typeof messagingControls>["handlers"];
  const client: MessageClient = { send: () => {} };

  beforeEach(() => {
    state = { isInactive: false };
    alive = new Set([SMBD]);
    disconnected = [];
    const logger = new RecordingLogger();
    const router = { ownPnn: 0, writer: new PacketWriter(), send: () => {} };
    messages = new MessageService({ router, generation: () => 1 });
    const nodes = { size: 1, isConnected: () => true, isInactive: () => false };
    handlers = messagingControls<MessageClient>({
      logger,
      messages,
      tunnels: new TunnelService({ logger, router, nodes, generation: () => 1 }),
      leaderMemory: { current: undefined },
      state,
      client: () => client,
      clientsOfPid: (pid) => (pid === SMBD && disconnected.length === 0 ? [client] : []),
      disconnect: (one) => disconnected.push(one),
      processExists: (pid) => alive.has(pid),
    }).handlers;
  });

  function exists(pid: number): string {
    const answer = answered("PROCESS_EXISTS");
    handlers.PROCESS_EXISTS?.(pid, answer.call);
    return answer.text;
  }
  function registered(pid: number, srvid: bigint): string {
    const answer = answered("CHECK_PID_SRVID");
    handlers.CHECK_PID_SRVID?.({ pid, srvid }, answer.call);
    return answer.text;
  }

  it("a process exists if it is a client and the system knows it", () => {
    alive.add(1);
    assert.deepEqual([exists(SMBD), exists(1)], ["0", "-1"]);
    alive.clear();
    assert.equal(exists(SMBD), "-1");
  });

  it("on an inactive node no process exists, and its connection ends, so that others can take its locks", () => {
    state.isInactive = true;
    assert.equal(exists(SMBD), "-1");
    assert.deepEqual(disconnected, [client]);
  });

  it("a process has a server id if its connection registered that id", () => {
    messages.register(client, SRVID);
    assert.deepEqual([registered(SMBD, SRVID), registered(SMBD, SRVID + 1n), registered(1, SRVID)], ["0", "-1", "-1"]);
  });
});
