// Writes the directory of a node in CTDB's test mode: the tree that Samba's own local test clusters use, so that the C daemon
// and ours start from the same files.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface NodeDirectoryOptions {
  /** Directory of the cluster; the node lives in node.N below it. */
  readonly clusterDirectory: string;
  readonly pnn: number;
  readonly addresses: readonly string[];
  /** Path of the shared lock file, or a command that begins with "!"; undefined: no cluster lock. */
  readonly clusterLock: string | undefined;
  readonly tunables: Readonly<Record<string, number>>;
  readonly logLevel: string;
  /** Further lines of ctdb.conf by section, without the brackets: { legacy: ["lmaster capability = false"] }. */
  readonly configLines: Readonly<Record<string, readonly string[]>>;
}

/** Creates the tree and returns its root, which is the node's CTDB_BASE. */
export function writeNodeDirectory(options: NodeDirectoryOptions): string {
  const { clusterDirectory, pnn, addresses } = options;
  const base = join(clusterDirectory, `node.${pnn}`);
  const folders = ["run", "var", "db/volatile", "db/persistent", "db/state", "events/legacy", "share/events/legacy"];
  for (const folder of folders) mkdirSync(join(base, folder), { recursive: true });

  const sections: Record<string, string[]> = {
    logging: [`location = file:${base}/log.ctdb`, `log level = ${options.logLevel}`],
    cluster: [
      `node address = ${addresses[pnn]}`,
      ...(options.clusterLock === undefined ? [] : [`cluster lock = ${options.clusterLock}`]),
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
  const config = Object.entries(sections)
    .map(([section, lines]) => `[${section}]\n${lines.map((line) => `\t${line}\n`).join("")}`)
    .join("");
  writeFileSync(join(base, "ctdb.conf"), config);
  writeFileSync(join(base, "nodes"), addresses.map((address) => `${address}\n`).join(""));
  const tunables = Object.entries(options.tunables);
  if (tunables.length > 0) {
    writeFileSync(join(base, "ctdb.tunables"), tunables.map(([name, value]) => `${name}=${value}\n`).join(""));
  }
  return base;
}
