// `ctdb-local`: clusters of several daemons on one machine, for developers: the same sub-commands and directory tree as Samba's own
// local_daemons.sh, for our daemon, the C daemon or a mix of both. Bundled to dist/ctdb-local.cjs.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { processTerminal as terminal } from "../terminal.js";
import { type DeveloperSetup, setUpForDeveloper, socketWrapperEnvironment } from "./local-cluster/developer-setup.js";
import { LocalNode } from "./local-cluster/local-node.js";
import { parseNodesFile } from "./node-spec.js";

const BIN = join(__dirname, "../bin");

const NODES_USAGE = "NODES is as for onnode: all, any, ok, con, a number, a range, or a comma list.";

const USAGE = `usage: ctdb-local DIRECTORY COMMAND [ARGS]

commands:
  setup [OPTIONS]       write the tree of a cluster
  start NODES           start daemons
  stop NODES            stop daemons
  onnode NODES CMD...   run a command in the environment of nodes
  print-socket NODES    print the paths of the daemons' sockets
  print-log NODES       print the logs of nodes, merged by time
  tail-log NODES        follow the logs of nodes
${NODES_USAGE} COMMAND -h says more of a command.`;

const SETUP_USAGE = `usage: ctdb-local DIRECTORY setup [OPTIONS]

options:
  -n NUM      number of nodes (default: 3)
  -N FILE     nodes file (default: written for 127.0.0.1, 127.0.0.2 ...)
  -P FILE     public addresses file for all nodes (default: two addresses for most nodes)
  -6          IPv6 addresses
  -F          disable failover
  -C ITEM     leave ITEM of ctdb.conf commented out; may be repeated
  -R          use a command for the cluster lock (default: a file)
  -r SECONDS  as -R, and look every SECONDS whether the lock is still there
  -S LIBRARY  socket wrapper library that is loaded into the daemons
  -d DAEMONS  comma list of "ts", "c" or paths, one a node; the last one is used for all further nodes (default: ts)`;

function usageOf(command: string): string {
  if (command === "setup") return SETUP_USAGE;
  return `usage: ctdb-local DIRECTORY ${command} NODES${command === "onnode" ? " CMD..." : ""}\n\n${NODES_USAGE}`;
}

/** Wrong words: the usage of one command on stderr, or that of all on standard output. */
class UsageError extends Error {
  constructor(readonly command?: string) {
    super();
  }
}

/** Runs our onnode over the nodes of the cluster; the "ssh" it uses is this program. */
function onnode(directory: string, args: readonly string[], stdout: "inherit" | "pipe" = "inherit") {
  const running = nodesOf(directory).find((node) => existsSync(node.pidFile));
  return spawnSync(join(BIN, "onnode"), args, {
    encoding: "utf8",
    maxBuffer: Number.POSITIVE_INFINITY,
    stdio: ["inherit", stdout, "inherit"],
    env: {
      ...environment(),
      CTDB_TEST_MODE: "yes",
      CTDB_BASE: directory,
      // For "ok" and "con" it asks a daemon itself.
      ...(running === undefined ? {} : { CTDB_SOCKET: running.socketPath }),
      ONNODE_SSH: `${join(BIN, "ctdb-local")} ${directory} ssh`,
    },
  });
}

/** Our programs are found first, for which nothing need be installed; then those of the system, C's ctdbd among them. */
function environment(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${BIN}:${process.env["PATH"]}:/usr/sbin` };
}

function nodesOf(directory: string): LocalNode[] {
  const nodes = parseNodesFile(readFileSync(join(directory, "nodes"), "utf8"));
  return nodes.map((_, pnn) => LocalNode.of(directory, pnn));
}

interface Selection {
  readonly nodes: readonly LocalNode[];
  /** Of onnode: not 0 if NODES names none of the cluster. */
  readonly status: number;
}

function select(directory: string, nodes: string): Selection {
  const { stdout, status } = onnode(directory, ["-q", nodes, "echo $CTDB_BASE"], "pipe");
  const bases = stdout.split("\n").filter((line) => line !== "");
  return {
    nodes: bases.map((base) => new LocalNode(Number(base.slice(base.lastIndexOf(".") + 1)), base)),
    status: status ?? 1,
  };
}

function parseSetup(args: readonly string[]): DeveloperSetup {
  const values = new Map<string, string>();
  const omitted: string[] = [];
  const flags = new Set<string>();
  for (let at = 0; at < args.length; at += 1) {
    const option = args[at] ?? "";
    if (option === "-F" || option === "-R" || option === "-6") {
      flags.add(option);
      continue;
    }
    const value = args[++at];
    if (value === undefined || !["-n", "-N", "-P", "-C", "-r", "-S", "-d"].includes(option))
      throw new UsageError("setup");
    if (option === "-C") omitted.push(value);
    else values.set(option, value);
  }
  const count = Number(values.get("-n") ?? 3);
  if (!Number.isInteger(count) || count < 1) throw new UsageError("setup");
  return {
    count,
    ipv6: flags.has("-6"),
    nodesFile: values.get("-N"),
    publicAddressesFile: values.get("-P"),
    failoverDisabled: flags.has("-F"),
    omitted,
    lockAsCommand: flags.has("-R") || values.has("-r"),
    lockRecheckSeconds: values.get("-r"),
    socketWrapper: values.get("-S"),
    daemons: (values.get("-d") ?? "ts").split(","),
    ownBin: BIN,
  };
}

/** Runs CMD as the node with the address: what ssh would do. */
function ssh(directory: string, args: readonly string[]): number {
  const quiet = args[0] === "-n";
  const [address = "", ...words] = quiet ? args.slice(1) : args;
  const pnn = parseNodesFile(readFileSync(join(directory, "nodes"), "utf8")).indexOf(address);
  if (pnn < 0) {
    terminal.complain(`ctdb-local ssh: Unable to find base for node ${address}`);
    return 1;
  }
  const { CTDB_SOCKET: _, ...env } = process.env;
  const { status } = spawnSync("sh", ["-c", words.join(" ")], {
    stdio: [quiet ? "ignore" : "inherit", "inherit", "inherit"],
    env: { ...env, ...LocalNode.of(directory, pnn).identity },
  });
  return status ?? 1;
}

/** Exit status of a child that this program started. */
function statusOf(child: ChildProcess, what: string): Promise<number> {
  return new Promise((resolveStatus) => {
    child.once("error", (error) => {
      terminal.complain(`${what}: ${error.message}`);
      resolveStatus(1);
    });
    child.once("close", (status) => resolveStatus(status ?? 1));
  });
}

/** The last status that is not 0, as onnode has it. */
function together(statuses: readonly number[]): number {
  return statuses.findLast((status) => status !== 0) ?? 0;
}

async function start(directory: string, { nodes, status }: Selection): Promise<number> {
  const prefix = (process.env["VALGRIND"] ?? "").split(" ").filter((word) => word !== "");
  const daemonEnvironment = { ...environment(), ...socketWrapperEnvironment(directory) };
  const started = nodes.map((node) => {
    const child = node.launch({
      interactive: false,
      environment: daemonEnvironment,
      prefix,
      stdio: "inherit",
      cwd: process.cwd(),
    });
    return statusOf(child, `node ${node.pnn}: ${node.daemon}`);
  });
  return together([status, ...(await Promise.all(started))]);
}

async function stop({ nodes, status }: Selection): Promise<number> {
  const running = nodes.filter((node) => existsSync(node.pidFile));
  const stopped = running.map((node) => {
    // CTDB may hold a tool with options.
    const env = { CTDB: "ctdb", ...environment(), ...node.identity };
    return statusOf(spawn("sh", ["-c", "$CTDB shutdown"], { env, stdio: "inherit" }), `node ${node.pnn}`);
  });
  return together([status, ...(await Promise.all(stopped))]);
}

/** Stays until the daemons of NODES have no log any more, or rather until it is interrupted. */
function tailLog({ nodes }: Selection): Promise<number> {
  const files = nodes.map((node) => node.logPath).filter((path) => existsSync(path));
  return statusOf(spawn("tail", ["-f", ...files], { stdio: "inherit" }), "tail");
}

function printLog({ nodes, status }: Selection): number {
  const lines = nodes.flatMap((node) => node.log.split("\n")).filter((line) => line !== "");
  terminal.out(lines.sort().join("\n") + (lines.length === 0 ? "" : "\n"));
  return status;
}

type OnNodes = (directory: string, selection: Selection) => number | Promise<number>;

const ON_NODES: ReadonlyMap<string, OnNodes> = new Map<string, OnNodes>(
  Object.entries({
    start,
    stop: (_, selection) => stop(selection),
    "print-socket": (_, { nodes, status }) => {
      for (const node of nodes) terminal.out(`${node.socketPath}\n`);
      return status;
    },
    "print-log": (_, selection) => printLog(selection),
    "tail-log": (_, selection) => tailLog(selection),
  }),
);

async function run(argv: readonly string[]): Promise<number> {
  const [directoryText, command, ...args] = argv;
  if (directoryText === undefined || command === undefined) throw new UsageError();
  const directory = resolve(directoryText);
  if (command === "ssh") return ssh(directory, args);
  const onNodes = ON_NODES.get(command);
  if (onNodes === undefined && command !== "setup" && command !== "onnode") throw new UsageError();
  if (args[0] === "-h") throw new UsageError(command);
  if (command === "setup") {
    const without = setUpForDeveloper(directory, parseSetup(args));
    if (without !== undefined) terminal.out(`Node ${without} will have no public IPs.\n`);
    return 0;
  }
  const [nodes, ...words] = args;
  if (nodes === undefined || (onNodes === undefined) !== words.length > 0) throw new UsageError(command);
  return onNodes === undefined ? (onnode(directory, args).status ?? 1) : onNodes(directory, select(directory, nodes));
}

async function runOrShowUsage(argv: readonly string[]): Promise<number> {
  try {
    return await run(argv);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    if (error.command === undefined) terminal.out(`${USAGE}\n`);
    else terminal.complain(usageOf(error.command));
    return 1;
  }
}

runOrShowUsage(process.argv.slice(2)).then(
  (status) => process.exit(status),
  (error: unknown) => {
    terminal.complain(error instanceof Error ? error.message : String(error));
    process.exit(1);
  },
);
