// ctdb-clusterd's way to its daemon: the client library behind the interface that the cluster manager wants.
import type { Client } from "../client/index.js";
import type { DaemonLink } from "../cluster/daemon-link.js";

/** Messages are handed on as views of the receive buffer: the streams of a recovery are not copied twice. */
export function clusterLinkOf(client: Client): DaemonLink {
  return {
    get pnn() {
      return client.pnn;
    },
    control: (name, request, options) => client.control(name, request, options),
    sendMessage: (pnn, srvid, data) => client.sendMessage(pnn, srvid, data),
    onMessage: (srvid, handler) => client.onMessage(srvid, handler, { view: true }),
  };
}
