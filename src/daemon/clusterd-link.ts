// ctdb-clusterd's way to its daemon: the client library behind the interface that the cluster manager wants.
import { type Client, ConnectionLostError } from "../client/index.js";
import type { DaemonLink } from "../cluster/daemon-link.js";

/**
 * Messages are handed on as views of the receive buffer: the streams of a recovery are not copied twice. A message that is
 * sent when the daemon is gone is dropped: the client's "closed" event ends the process anyway.
 */
export function clusterLinkOf(client: Client): DaemonLink {
  return {
    get pnn() {
      return client.pnn;
    },
    control: (name, request, options) => client.control(name, request, options),
    sendMessage: (pnn, srvid, data) => {
      try {
        client.sendMessage(pnn, srvid, data);
      } catch (error) {
        if (!(error instanceof ConnectionLostError)) throw error;
      }
    },
    onMessage: (srvid, handler) => client.onMessage(srvid, handler, { view: true }),
  };
}
