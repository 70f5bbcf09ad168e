// `ctdb-local`: clusters of several daemons on one machine, for developers: the same sub-commands and directory tree as Samba's own
// local_daemons.sh, for our daemon, the C daemon or a mix of both. Bundled to dist/ctdb-local.cjs.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { processTerminal as terminal } from "../terminal.js";
import { type SetupOptions, setUpCluster } from "./local-tree.js";

const BIN = join(__dirname, "../bin");

const USAGE = `usage: ctdb-local DIRECTORY COMMAND [ARGS]

commands:
  setup [-n NUM] [-N FILE] [-P FILE] [-6] [-F] [-C ITEM] [-R] [-r SECONDS] [-d DAEMONS]
                        write the tree of a cluster; DAEMONS is a comma list of "ts", "c" or paths, one a node
                        (the last one is used for all further nodes)
  start NODES           start daemons
  stop NODES            stop daemons
  onnode NODES CMD...   run a command in the environment of nodes
  print-socket NODES    print the paths of the daemons' sockets
  print-log NODES       print the logs of nodes, merged by time
  tail-log NODES        follow the logs of nodes
NODES is as for onnode: all, any, ok, con, a number, a range, or a comma list.`;

class UsageError extends Error {}

/** Runs our onnode over the nodes of the cluster; the "ssh" it uses is this program. */
function onnode(directory: string, args: readonly string[], stdout: "inherit" | "pipe" = "inherit") {
  return spawnSync(join(BIN, "onnode"), args, {
    encoding: "utf8",
    maxBuffer: Number.POSITIVE_INFINITY,
    stdio: ["inherit", stdout, "inherit"],
    env: {
      ...process.env,
      CTDB_TEST_MODE: "yes",
      CTDB_BASE: directory,
      ONNODE_SSH: `${join(BIN, "ctdb-local")} ${directory} ssh`,
      PATH: `${BIN}:${process.env["PATH"]}:/usr/sbin`,
    },
  });
}

function required(args: readonly string[], count: number): readonly string[] {
  if (args.length < count) throw new UsageError();
  return args;
}

function parseSetup(args: readonly string[]): SetupOptions {
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
    if (value === undefined || !["-n", "-N", "-P", "-C", "-r", "-d"].includes(option)) throw new UsageError();
    if (option === "-C") omitted.push(value);
    else values.set(option, value);
  }
  const count = Number(values.get("-n") ?? 3);
  if (!Number.isInteger(count) || count < 1) throw new UsageError();
  return {
    count,
    ipv6: flags.has("-6"),
    nodesFile: values.get("-N"),
    publicAddressesFile: values.get("-P"),
    failoverDisabled: flags.has("-F"),
    omitted,
    lockAsCommand: flags.has("-R") || values.has("-r"),
    lockRecheckSeconds: values.get("-r"),
    daemons: (values.get("-d") ?? "ts").split(","),
    ownBin: BIN,
  };
}

/** Runs CMD as the node with the address: what ssh would do. */
function ssh(directory: string, args: readonly string[]): number {
  const quiet = args[0] === "-n";
  const [address = "", ...words] = quiet ? args.slice(1) : args;
  const nodes = readFileSync(join(directory, "nodes"), "utf8").split("\n");
  const pnn = nodes.indexOf(address);
  if (pnn < 0) {
    terminal.complain(`ctdb-local ssh: Unable to find base for node ${address}`);
    return 1;
  }
  const { status } = spawnSync("sh", ["-c", words.join(" ")], {
    stdio: [quiet ? "ignore" : "inherit", "inherit", "inherit"],
    env: { ...process.env, CTDB_TEST_MODE: "yes", CTDB_BASE: join(directory, `node.${pnn}`) },
  });
  return status ?? 1;
}

async function run(argv: readonly string[]): Promise<number> {
  const [directoryText, command, ...args] = required(argv, 2);
  const directory = resolve(directoryText ?? "");
  switch (command) {
    case "setup":
      setUpCluster(directory, parseSetup(args));
      return 0;
    case "start":
      // The daemon of a node is named in its directory: one cluster may hold daemons of both kinds.
      return onnode(directory, ["-i", ...required(args, 1), "$(cat $CTDB_BASE/daemon)"]).status ?? 1;
    case "stop":
      return (
        onnode(directory, [
          "-p",
          ...required(args, 1),
          '[ -e $CTDB_BASE/run/ctdbd.pid ] || exit 0; [ -n "$CTDB" ] || CTDB=ctdb; $CTDB shutdown',
        ]).status ?? 1
      );
    case "onnode":
      return onnode(directory, required(args, 2)).status ?? 1;
    case "print-socket":
      return (
        onnode(directory, ["-q", ...required(args, 1), join(BIN, "../libexec/ctdb-path"), "socket", "ctdbd"]).status ??
        1
      );
    case "print-log": {
      const { stdout, status } = onnode(directory, ["-q", ...required(args, 1), "cat $CTDB_BASE/log.ctdb"], "pipe");
      const lines = stdout.split("\n").filter((line) => line !== "");
      terminal.out(
        lines
          .sort()
          .map((line) => `${line}\n`)
          .join(""),
      );
      return status ?? 1;
    }
    case "tail-log": {
      const { stdout } = onnode(directory, ["-q", ...required(args, 1), "echo $CTDB_BASE/log.ctdb"], "pipe");
      const files = stdout.split("\n").filter((line) => line !== "" && existsSync(line));
      const tail = spawn("tail", ["-f", ...files], { stdio: "inherit" });
      return new Promise((resolveStatus) => tail.once("close", (status) => resolveStatus(status ?? 1)));
    }
    case "ssh":
      return ssh(directory, args);
    default:
      throw new UsageError();
  }
}

run(process.argv.slice(2)).then(
  (status) => process.exit(status),
  (error: unknown) => {
    if (error instanceof UsageError) terminal.out(`${USAGE}\n`);
    else terminal.complain(error instanceof Error ? error.message : String(error));
    process.exit(1);
  },
);
