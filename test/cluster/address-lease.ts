// A loopback network of its own for each cluster, so that test files running at the same time never share an address.
import { createServer, type Server } from "node:net";

const NETWORK = "127.46";
/** Networks 1..250 are leased; 0 is left for work by hand. */
const SUBNETS_MAX = 250;
/** The lease is a listening socket on the last host of the network: the kernel frees it whatever happens to this process. */
const LEASE_HOST = 254;
const LEASE_PORT = 4378;
/** Hosts 1..200 of a network are nodes. */
export const NODES_MAX = 200;

export interface AddressLease {
  /** Address of node `pnn`, 0-based. */
  address(pnn: number): string;
  release(): void;
}

function listenOn(address: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(undefined) : reject(error),
    );
    server.listen({ host: address, port: LEASE_PORT, exclusive: true }, () => {
      server.unref();
      resolve(server);
    });
  });
}

/** Leases a free network 127.46.N.0/24. Throws when all are taken. */
export async function leaseAddresses(): Promise<AddressLease> {
  const first = process.pid % SUBNETS_MAX;
  for (let i = 0; i < SUBNETS_MAX; i++) {
    const subnet = 1 + ((first + i) % SUBNETS_MAX);
    const server = await listenOn(`${NETWORK}.${subnet}.${LEASE_HOST}`);
    if (server === undefined) continue;
    return {
      address(pnn) {
        if (pnn >= NODES_MAX) throw new RangeError(`a test cluster has at most ${NODES_MAX} nodes`);
        return `${NETWORK}.${subnet}.${pnn + 1}`;
      },
      release: () => server.close(),
    };
  }
  throw new Error(`all ${SUBNETS_MAX} loopback networks ${NETWORK}.N.0/24 are in use by other clusters`);
}
