// Handlers of the controls about public addresses, as a node answers them that has none configured: truthfully, there are none.

import type { RunEvent } from "../cluster/cluster-controls.js";
import type { ControlHandlers } from "../controls/control-service.js";

const NOT_A_PUBLIC_ADDRESS = 1;

export function addressControls(modules: { runEvent: RunEvent; isRunning(): boolean }): ControlHandlers {
  return {
    GET_PUBLIC_IPS: (_, call) => call.reply({ ips: [] }),
    GET_PUBLIC_IP_INFO: (_, call) => call.fail(),
    GET_IFACES: (_, call) => call.reply({ ifaces: [] }),
    SET_IFACE_LINK_STATE: (_, call) => call.fail(),
    RELEASE_IP: (_, call) => call.status(0),
    TAKEOVER_IP: (_, call) => call.status(0),
    IPREALLOCATED: (_, call) => modules.runEvent("ipreallocated", [], (status) => call.status(status)),
    START_IPREALLOCATE: (_, call) => {
      if (modules.isRunning()) modules.runEvent("startipreallocate", [], (status) => call.status(status));
      else call.status(0);
    },
    // A connection to an address that is no public one needs no tickle.
    TCP_CLIENT: (_, call) => call.status(0),
    TCP_CLIENT_DISCONNECTED: (_, call) => call.status(0),
    TCP_CLIENT_PASSED: (_, call) => call.status(0),
    TCP_ADD: (_, call) => call.fail(),
    TCP_ADD_DELAYED_UPDATE: (_, call) => call.fail(),
    TCP_REMOVE: (_, call) => call.status(0),
    GET_TCP_TICKLE_LIST: (_, call) => call.status(NOT_A_PUBLIC_ADDRESS),
    SET_TCP_TICKLE_LIST: (_, call) => call.status(NOT_A_PUBLIC_ADDRESS),
    STARTUP: (_, call) => call.status(0),
  };
}
