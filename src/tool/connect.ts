// Connects a command to the local daemon. Called by run.ts.

import { ConnectError } from "../client/errors.js";
import { connect } from "../client/index.js";
import type { GlobalOptions } from "./arguments/global-options.js";
import { ClusterAccess } from "./cluster-access.js";
import type { Place } from "./command.js";
import { CommandFailure, Errno } from "./errors.js";
import type { Terminal } from "./terminal.js";

/** Longest path of a unix socket on Linux. */
const SOCKET_PATH_MAX_BYTES = 107;

/** Complains and throws CommandFailure where no daemon answers. */
export async function connectToCluster(
  options: GlobalOptions,
  place: Place,
  terminal: Terminal,
): Promise<ClusterAccess> {
  const socketPath = place.socket;
  const length = Buffer.byteLength(socketPath);
  if (length > SOCKET_PATH_MAX_BYTES) {
    terminal.complain(`socket path too long, len=${length}`);
    await failToConnect(place, terminal);
  }
  try {
    const client = await connect({ socketPath });
    // A negative limit is none, as in C.
    const timeoutMs = options.timeLimitSeconds < 0 ? Number.POSITIVE_INFINITY : options.timeLimitSeconds * 1000;
    return new ClusterAccess(client, timeoutMs, terminal);
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    terminal.complain(`connect() failed, errno=${errnoOf(error)}`);
    return failToConnect(place, terminal);
  }
}

function errnoOf(error: ConnectError): number {
  const { cause } = error;
  const errno = cause instanceof Error && "errno" in cause ? cause.errno : undefined;
  return typeof errno === "number" ? Math.abs(errno) : Errno.EIO;
}

/** Says that there is no daemon, and whether this machine is a node of the cluster at all. */
async function failToConnect(place: Place, terminal: Terminal): Promise<never> {
  terminal.complain(`Failed to connect to CTDB daemon (${place.socket})`);
  const { adviseOnMembership } = await import("./fetch/membership.js");
  adviseOnMembership(place.nodesList, terminal);
  throw new CommandFailure(1);
}
