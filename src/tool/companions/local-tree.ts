// Writes the tree of a cluster of several daemons on one machine. Called by `ctdb-local DIRECTORY setup`.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { processTerminal as terminal } from "../terminal.js";

export interface SetupOptions {
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

function daemonProgram(daemon: string, ownBin: string): string {
  if (daemon === "ts") return join(ownBin, "ctdbd");
  return daemon === "c" ? "/usr/sbin/ctdbd" : daemon;
}

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

/** Two addresses for each node but one, so that a node without addresses is there too. */
function generatedAddresses(
  count: number,
  ipv6: boolean,
): {
  readonly lines: readonly string[];
  readonly without: number | undefined;
} {
  const without = count > 2 ? process.pid % count : undefined;
  const lines: string[] = [];
  for (let i = 0; i < count; i += 1) {
    if (i === without) continue;
    for (const group of [1, 2]) {
      lines.push(
        ipv6
          ? `fc00:10::${group}:${(i + 1).toString(16)}/64 lo`
          : `192.168.${100 * group + Math.floor(i / PER_SUBNET)}.${1 + (i % PER_SUBNET)}/24 lo`,
      );
    }
  }
  return { lines, without };
}

function configuration(base: string, address: string, lock: string, options: SetupOptions): string {
  const sections: readonly (readonly [section: string, items: readonly (readonly [key: string, value: string])[]])[] = [
    [
      "logging",
      [
        ["location", `file:${base}/log.ctdb`],
        ["log level", "INFO"],
      ],
    ],
    [
      "cluster",
      [
        ["cluster lock", lock],
        ["node address", address],
      ],
    ],
    [
      "database",
      [
        ["volatile database directory", `${base}/db/volatile`],
        ["persistent database directory", `${base}/db/persistent`],
        ["state database directory", `${base}/db/state`],
      ],
    ],
    ["failover", [["disabled", String(options.failoverDisabled)]]],
    ["event", [["debug script", "debug-hung-script.sh"]]],
  ];
  return sections
    .map(([section, items]) => {
      const lines = items.map(([key, value]) => `\t${options.omitted.includes(key) ? "# " : ""}${key} = ${value}\n`);
      return `[${section}]\n${lines.join("")}`;
    })
    .join("");
}

/** Writes (again) everything below `directory`. Throws where a file cannot be read or written. */
export function setUpCluster(directory: string, options: SetupOptions): void {
  const given = options.nodesFile === undefined ? undefined : readFileSync(options.nodesFile, "utf8");
  const nodes = given?.split("\n").filter((line) => line !== "") ?? generatedNodes(options.count, options.ipv6);
  const generated = generatedAddresses(nodes.length, options.ipv6);
  const ownAddresses =
    options.publicAddressesFile === undefined ? undefined : readFileSync(options.publicAddressesFile, "utf8");
  const addresses = ownAddresses ?? generated.lines.map((line) => `${line}\n`).join("");
  mkdirSync(join(directory, "shared/.ctdb"), { recursive: true });
  const lockFile = join(directory, "shared/.ctdb/cluster.lock");
  const helper = join(options.ownBin, "../libexec/ctdb_mutex_fcntl_helper");
  const recheck = options.lockRecheckSeconds === undefined ? "" : ` ${options.lockRecheckSeconds}`;
  const lock = options.lockAsCommand ? `!${helper} ${lockFile}${recheck}` : lockFile;
  const nodesText = nodes.map((node) => `${node}\n`).join("");
  writeFileSync(join(directory, "nodes"), nodesText);
  writeFileSync(join(directory, "public_addresses"), addresses);
  for (const [pnn, address] of nodes.entries()) {
    const base = join(directory, `node.${pnn}`);
    rmSync(base, { recursive: true, force: true });
    for (const folder of [
      "events/legacy",
      "share/events/legacy",
      "run",
      "var",
      "db/volatile",
      "db/persistent",
      "db/state",
    ]) {
      mkdirSync(join(base, folder), { recursive: true });
    }
    const without = ownAddresses === undefined && pnn === generated.without;
    if (without) terminal.out(`Node ${pnn} will have no public IPs.\n`);
    writeFileSync(join(base, "public_addresses"), without ? "" : addresses);
    copyFileSync(join(directory, "nodes"), join(base, "nodes"));
    writeFileSync(join(base, "ctdb.conf"), configuration(base, address, lock, options));
    writeFileSync(join(base, "functions"), "");
    for (const script of ["notify.sh", "debug-hung-script.sh"]) {
      writeFileSync(join(base, script), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
    }
    writeFileSync(join(base, "events/legacy/00.test.script"), TEST_SCRIPT, { mode: 0o755 });
    const daemon = options.daemons[Math.min(pnn, options.daemons.length - 1)] ?? "ts";
    writeFileSync(join(base, "daemon"), `${daemonProgram(daemon, options.ownBin)}\n`);
  }
}
