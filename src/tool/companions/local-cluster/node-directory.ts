// Writes the tree of a cluster of several daemons on one machine: the one that Samba's own local test clusters use, so that the C
// daemon and ours start from the same files. Called by `ctdb-local DIRECTORY setup` and by the clusters of the tests.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LocalNode } from "./local-node.js";

export interface ClusterDirectoryOptions {
  /** Addresses by pnn. */
  readonly addresses: readonly string[];
  /** Path of the shared lock file, or a command that begins with "!"; undefined: no cluster lock. */
  readonly clusterLock: string | undefined;
  readonly logLevel: string;
  /** Further lines of ctdb.conf by section, without the brackets: { legacy: ["lmaster capability = false"] }. */
  readonly configLines: Readonly<Record<string, readonly string[]>>;
  /** Configuration items that are written commented out. */
  readonly omitted?: readonly string[];
  readonly tunables?: Readonly<Record<string, number>>;
  /** Content of the file of public addresses, by pnn; default: there is no such file. */
  readonly publicAddresses?: (pnn: number) => string;
  /** Event scripts by name without ".script". */
  readonly eventScripts?: Readonly<Record<string, string>>;
  /** Program of each node; the last one counts for all further nodes. */
  readonly daemons: readonly string[];
}

/** Where the nodes of the cluster in `directory` agree who leads, unless they are told otherwise. Its directory is made by the setup. */
export function clusterLockFile(directory: string): string {
  return join(directory, "shared/.ctdb/cluster.lock");
}

const FOLDERS = ["events/legacy", "share/events/legacy", "run", "var", "db/volatile", "db/persistent", "db/state"];
/** What ctdb.conf and event scripts name; it does nothing here. */
const EMPTY_SCRIPTS = ["notify.sh", "debug-hung-script.sh"];

function configuration(base: string, address: string, options: ClusterDirectoryOptions): string {
  const sections: Record<string, readonly string[]> = {
    logging: [`location = file:${base}/log.ctdb`, `log level = ${options.logLevel}`],
    cluster: [
      ...(options.clusterLock === undefined ? [] : [`cluster lock = ${options.clusterLock}`]),
      `node address = ${address}`,
    ],
    database: [
      `volatile database directory = ${base}/db/volatile`,
      `persistent database directory = ${base}/db/persistent`,
      `state database directory = ${base}/db/state`,
    ],
  };
  for (const [section, lines] of Object.entries(options.configLines)) {
    sections[section] = [...(sections[section] ?? []), ...lines];
  }
  const isOmitted = (line: string): boolean => options.omitted?.some((item) => line.startsWith(`${item} =`)) ?? false;
  return Object.entries(sections)
    .map(
      ([section, lines]) =>
        `[${section}]\n${lines.map((line) => `\t${isOmitted(line) ? "# " : ""}${line}\n`).join("")}`,
    )
    .join("");
}

function writeNode(node: LocalNode, nodesText: string, options: ClusterDirectoryOptions): void {
  const { base, pnn } = node;
  rmSync(base, { recursive: true, force: true });
  for (const folder of FOLDERS) mkdirSync(join(base, folder), { recursive: true });
  writeFileSync(join(base, "nodes"), nodesText);
  writeFileSync(join(base, "ctdb.conf"), configuration(base, options.addresses[pnn] ?? "", options));
  writeFileSync(join(base, "functions"), "");
  for (const script of EMPTY_SCRIPTS) writeFileSync(join(base, script), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
  for (const [name, text] of Object.entries(options.eventScripts ?? {})) {
    writeFileSync(join(base, `events/legacy/${name}.script`), text, { mode: 0o755 });
  }
  if (options.publicAddresses !== undefined) {
    writeFileSync(join(base, "public_addresses"), options.publicAddresses(pnn));
  }
  const tunables = Object.entries(options.tunables ?? {});
  if (tunables.length > 0) {
    writeFileSync(join(base, "ctdb.tunables"), tunables.map(([name, value]) => `${name}=${value}\n`).join(""));
  }
  node.daemon = options.daemons[Math.min(pnn, options.daemons.length - 1)] ?? "ctdbd";
}

/** Writes (again) everything below `directory`, and gives the nodes. Throws where a file cannot be written. */
export function setUpCluster(directory: string, options: ClusterDirectoryOptions): LocalNode[] {
  mkdirSync(join(directory, "shared/.ctdb"), { recursive: true });
  const nodesText = options.addresses.map((address) => `${address}\n`).join("");
  writeFileSync(join(directory, "nodes"), nodesText);
  return options.addresses.map((_, pnn) => {
    const node = LocalNode.of(directory, pnn);
    writeNode(node, nodesText, options);
    return node;
  });
}
