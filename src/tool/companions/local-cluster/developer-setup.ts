// What `ctdb-local DIRECTORY setup` puts into a cluster where its user says nothing: addresses, an event script, the lock.
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join, resolve } from "node:path";
import { daemonProgram } from "./local-node.js";
import { clusterLockFile, setUpCluster } from "./node-directory.js";

export interface DeveloperSetup {
  readonly count: number;
  /** Addresses are those of IPv6, which must be on an interface already: there is no IPv6 network of loopback addresses. */
  readonly ipv6: boolean;
  readonly nodesFile: string | undefined;
  readonly publicAddressesFile: string | undefined;
  readonly failoverDisabled: boolean;
  /** Configuration items that are written commented out. */
  readonly omitted: readonly string[];
  /** The cluster lock is a helper command, not a file. */
  readonly lockAsCommand: boolean;
  readonly lockRecheckSeconds: string | undefined;
  /** Library that is loaded into the daemons to keep their network traffic within a directory. */
  readonly socketWrapper: string | undefined;
  /** Daemon of each node: "ts", "c" or a path; the last one counts for all further nodes. */
  readonly daemons: readonly string[];
  /** Directory of our launchers. */
  readonly ownBin: string;
}

const PER_SUBNET = 100;

const TEST_SCRIPT = `#!/bin/sh
# The only event script of a local cluster.
. "\${CTDB_BASE}/functions"
event=$1
shift
case "$event" in
startup)
	ctdb ifaces -X | tail -n +2 | cut -d'|' -f2 | while read -r iface; do
		ctdb setifacelink "$iface" up
	done
	;;
monitor)
	if [ "$CTDB_RUN_TIMEOUT_MONITOR" = "yes" ]; then
		sleep 9999
	fi
	;;
esac
if [ $# -gt 0 ]; then
	echo "$event event for $*"
else
	echo "$event event"
fi
`;

function generatedNodes(count: number, ipv6: boolean): string[] {
  if (!ipv6)
    return Array.from({ length: count }, (_, i) => `127.0.${Math.floor(i / PER_SUBNET)}.${1 + (i % PER_SUBNET)}`);
  const present = Object.values(networkInterfaces()).flatMap((addresses) => addresses?.map((one) => one.address) ?? []);
  return Array.from({ length: count }, (_, i) => {
    const address = `fd00::5357:5f${(i + 1).toString(16).padStart(2, "0")}`;
    if (present.includes(address)) return address;
    throw new Error(`${address} is on no interface; add it: ip -6 addr add ${address}/128 dev lo`);
  });
}

/** Two addresses for each node but `without`, as lines of the file of public addresses. */
function generatedAddresses(count: number, ipv6: boolean, without: number | undefined): string {
  const lines: string[] = [];
  for (let i = 0; i < count; i += 1) {
    if (i === without) continue;
    for (const group of [1, 2]) {
      lines.push(
        ipv6
          ? `fc00:10::${group}:${(i + 1).toString(16)}/64 lo\n`
          : `192.168.${100 * group + Math.floor(i / PER_SUBNET)}.${1 + (i % PER_SUBNET)}/24 lo\n`,
      );
    }
  }
  return lines.join("");
}

interface SocketWrapperPlaces {
  readonly library: string;
  readonly traffic: string;
}

function socketWrapperPlaces(directory: string): SocketWrapperPlaces {
  return { library: join(directory, "libsocket-wrapper.so"), traffic: join(directory, "sw") };
}

function setUpSocketWrapper(directory: string, given: string): void {
  if (!existsSync(given)) throw new Error(`ctdb-local setup: Unable to find ${given}`);
  const { library, traffic } = socketWrapperPlaces(directory);
  rmSync(library, { force: true });
  rmSync(traffic, { recursive: true, force: true });
  mkdirSync(traffic, { recursive: true });
  symlinkSync(resolve(given), library);
}

/** What a daemon of the cluster in `directory` gets for `-S`; empty without it. */
export function socketWrapperEnvironment(directory: string): Readonly<Record<string, string>> {
  const { library, traffic } = socketWrapperPlaces(directory);
  if (!existsSync(library) || !existsSync(traffic)) return {};
  return { SOCKET_WRAPPER_DIR: traffic, LD_PRELOAD: library, SOCKET_WRAPPER_DIR_ALLOW_ORIG: "1" };
}

/**
 * Writes (again) the cluster below `directory`. Gives the node that has got no public addresses, if any: where there are enough
 * nodes, one is left without, so that this case is there too. Throws where a file cannot be read or written.
 */
export function setUpForDeveloper(directory: string, setup: DeveloperSetup): number | undefined {
  const { ipv6, ownBin, publicAddressesFile } = setup;
  const given = setup.nodesFile === undefined ? undefined : readFileSync(setup.nodesFile, "utf8");
  const addresses = given?.split("\n").filter((line) => line !== "") ?? generatedNodes(setup.count, ipv6);
  const ownAddresses = publicAddressesFile === undefined ? undefined : readFileSync(publicAddressesFile, "utf8");
  const without = ownAddresses === undefined && addresses.length > 2 ? process.pid % addresses.length : undefined;
  const publicAddresses = ownAddresses ?? generatedAddresses(addresses.length, ipv6, without);
  const helper = join(ownBin, "../libexec/ctdb_mutex_fcntl_helper");
  const lockFile = clusterLockFile(directory);
  const recheck = setup.lockRecheckSeconds === undefined ? "" : ` ${setup.lockRecheckSeconds}`;
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "public_addresses"), publicAddresses);
  if (setup.socketWrapper !== undefined) setUpSocketWrapper(directory, setup.socketWrapper);
  setUpCluster(directory, {
    addresses,
    clusterLock: setup.lockAsCommand ? `!${helper} ${lockFile}${recheck}` : lockFile,
    logLevel: "INFO",
    configLines: {
      failover: [`disabled = ${setup.failoverDisabled}`],
      event: ["debug script = debug-hung-script.sh"],
    },
    omitted: setup.omitted,
    publicAddresses: (pnn) => (pnn === without ? "" : publicAddresses),
    eventScripts: { "00.test": TEST_SCRIPT },
    daemons: setup.daemons.map((daemon) => daemonProgram(daemon, ownBin)),
  });
  return without;
}
