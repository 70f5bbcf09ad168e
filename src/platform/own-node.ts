// Finds which entry of the nodes list is this machine: the configured address, or the first one that can be bound.
// Called by daemon/ at start-up.
import { closeSync, constants as flags, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { canonicalSockAddr, sameIp, sockAddr } from "../protocol/index.js";
import { OwnNodeError } from "./errors.js";
import { tryLockFile } from "./libc.js";

interface ListedNode {
  readonly address: string;
  readonly deleted: boolean;
}

export interface OwnNode {
  readonly pnn: number;
  readonly address: string;
  /** Lets other daemons look for their address; to be called once this one listens. Further calls do nothing. */
  release(): void;
}

/** Another daemon holds the lock only from its search until it listens. */
const LOCK_LIMIT_MS = 60_000;
const LOCK_POLL_MS = 50;

/**
 * `nodeAddress` given: the first node that is not deleted and has this IP. Else, under the lock file `socketLock`, the first one
 * whose address and `port` can be bound. Throws OwnNodeError where there is none.
 */
export async function findOwnNode(
  nodes: readonly ListedNode[],
  nodeAddress: string | undefined,
  socketLock: string,
  port: number,
): Promise<OwnNode> {
  if (nodeAddress === undefined) return findByBinding(nodes, socketLock, port);
  const wanted = sockAddr(nodeAddress);
  const pnn = nodes.findIndex((node) => !node.deleted && sameIp(sockAddr(node.address), wanted));
  if (pnn < 0) throw new OwnNodeError(`node address ${nodeAddress} is not in the nodes list`);
  return { pnn, address: canonicalSockAddr(wanted).address, release: () => {} };
}

async function findByBinding(nodes: readonly ListedNode[], socketLock: string, port: number): Promise<OwnNode> {
  const fd = await lock(socketLock);
  let held = true;
  const release = (): void => {
    if (held) closeSync(fd);
    held = false;
  };
  const failures: string[] = [];
  for (const [pnn, node] of nodes.entries()) {
    if (node.deleted || !couldBeLocal(node.address)) continue;
    const failure = await tryToListen(node.address, port);
    if (failure === undefined) return { pnn, address: node.address, release };
    // Every node but one is another machine's.
    if (failure !== "EADDRNOTAVAIL") failures.push(`${node.address}: ${failure}`);
  }
  release();
  const details = failures.length === 0 ? "" : ` (${failures.join(", ")})`;
  throw new OwnNodeError(`no address of the nodes list can be bound on this machine${details}`);
}

async function lock(path: string): Promise<number> {
  const fd = openSync(path, flags.O_CREAT | flags.O_RDWR, 0o600);
  const startedMs = performance.now();
  while (!tryLockFile(fd, 0, 1)) {
    if (performance.now() - startedMs > LOCK_LIMIT_MS) {
      closeSync(fd);
      throw new OwnNodeError(`${path} stays locked: another daemon of this machine does not get on with its start`);
    }
    await sleep(LOCK_POLL_MS);
  }
  return fd;
}

/**
 * Where the kernel binds foreign addresses too (net.ipv4.ip_nonlocal_bind), binding proves nothing: then only addresses of an
 * interface count. Otherwise every address is worth a try.
 */
function couldBeLocal(address: string): boolean {
  const { family } = sockAddr(address);
  if (!bindsForeignAddresses(family)) return true;
  if (address.startsWith("127.")) return true;
  const wanted = sockAddr(address);
  return Object.values(networkInterfaces()).some((list) =>
    (list ?? []).some((entry) => sameIp(sockAddr(entry.address), wanted)),
  );
}

function bindsForeignAddresses(family: 4 | 6): boolean {
  const path = `/proc/sys/net/ipv${family}/ip_nonlocal_bind`;
  try {
    return readFileSync(path, "latin1").trim() !== "0";
  } catch {
    // Without the file (no IPv6, no /proc) the kernel cannot have been told to.
    return false;
  }
}

/** Listens and closes again: undefined if that works, else the error's code. */
function tryToListen(address: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve("code" in error ? String(error.code) : error.message));
    server.listen({ host: address, port, ipv6Only: true, exclusive: true }, () =>
      server.close(() => resolve(undefined)),
    );
  });
}
