// Handlers of the controls that belong to a client connection: srvids, notifications, tunnels, and who is alive.
import type { AnyControlCall } from "../controls/control-call.js";
import type { ControlHandlers } from "../controls/control-service.js";
import type { Logger } from "../platform/ports.js";
import { Pnn, Srvid, srvidFrom } from "../protocol/index.js";
import type { MessageClient, MessageService } from "./message-service.js";
import type { TunnelService } from "./tunnel-service.js";

const NOT_REGISTERED = 2; // ENOENT, as C daemons answer
/** Notifications that one client may register. */
export const NOTIFICATIONS_PER_CLIENT_MAX = 10_000;

export interface MessagingControlModules<Client extends MessageClient> {
  readonly logger: Logger;
  readonly messages: MessageService;
  readonly tunnels: TunnelService;
  readonly leaderMemory: { readonly current: Buffer | undefined };
  readonly state: { readonly isInactive: boolean };
  client(id: number): Client | undefined;
  clientsOfPid(pid: number): readonly Client[];
  disconnect(client: Client, reason: string): void;
  processExists(pid: number): boolean;
}

export interface MessagingControls<Client> {
  readonly handlers: ControlHandlers;
  /** Sends what the client wanted to be told about its end. */
  clientGone(client: Client): void;
}

export function messagingControls<Client extends MessageClient>(
  modules: MessagingControlModules<Client>,
): MessagingControls<Client> {
  const { logger, messages, tunnels } = modules;
  const notifications = new Map<Client, Map<bigint, Buffer>>();

  function withClient(call: AnyControlCall, action: (client: Client) => void): void {
    const client = modules.client(call.clientId);
    if (client === undefined) {
      logger.error(`control ${call.name} without a client of this node`);
      call.fail();
      return;
    }
    action(client);
  }

  function srvidOf(call: AnyControlCall): bigint {
    return srvidFrom(call.srvidHi, call.srvidLo);
  }

  return {
    clientGone(client) {
      messages.removeOwner(client);
      tunnels.removeOwner(client);
      const owned = notifications.get(client);
      notifications.delete(client);
      for (const [srvid, data] of owned ?? []) {
        logger.info(`Sending client notify message for srvid:0x${srvid.toString(16)}`);
        messages.send(Pnn.BROADCAST_CONNECTED, srvid, data);
      }
    },

    handlers: {
      REGISTER_SRVID: (_, call) =>
        withClient(call, (client) => {
          const srvid = srvidOf(call);
          messages.register(client, srvid);
          call.status(0);
          const leader = srvid === Srvid.LEADER ? modules.leaderMemory.current : undefined;
          if (leader !== undefined) messages.deliverTo(client, srvid, leader);
        }),

      DEREGISTER_SRVID: (_, call) =>
        withClient(call, (client) => call.status(messages.deregister(client, srvidOf(call)) ? 0 : NOT_REGISTERED)),

      REGISTER_NOTIFY: ({ srvid, data }, call) =>
        withClient(call, (client) => {
          const owned = notifications.get(client) ?? new Map<bigint, Buffer>();
          if (owned.has(srvid) || owned.size >= NOTIFICATIONS_PER_CLIENT_MAX) {
            call.fail();
            return;
          }
          owned.set(srvid, Buffer.from(data));
          notifications.set(client, owned);
          call.status(0);
        }),

      DEREGISTER_NOTIFY: (srvid, call) =>
        withClient(call, (client) => {
          if (notifications.get(client)?.delete(srvid) === true) call.status(0);
          else call.fail();
        }),

      TUNNEL_REGISTER: (_, call) =>
        withClient(call, (client) => (tunnels.register(client, srvidOf(call)) ? call.status(0) : call.fail())),

      TUNNEL_DEREGISTER: (_, call) =>
        withClient(call, (client) => (tunnels.deregister(client, srvidOf(call)) ? call.status(0) : call.fail())),

      PROCESS_EXISTS: (pid, call) => {
        const client = modules.clientsOfPid(pid)[0];
        if (client === undefined) {
          call.status(-1);
          return;
        }
        if (modules.state.isInactive) {
          modules.disconnect(client, `Killing client with pid:${pid} on banned/stopped node`);
          call.status(-1);
          return;
        }
        call.status(modules.processExists(pid) ? 0 : -1);
      },

      CHECK_PID_SRVID: ({ pid, srvid }, call) => {
        const registered = modules.clientsOfPid(pid).some((client) => messages.isRegistered(client, srvid));
        call.status(registered ? 0 : -1);
      },
    },
  };
}
