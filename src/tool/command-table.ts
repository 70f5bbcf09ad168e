// All commands in the order in which the usage text lists them, with what must be known before one is loaded. The code
// of a command is loaded when it is run. Used by run.ts and usage.ts.
import type { ClusterCommand, LocalCommand } from "./command.js";

interface CommandFacts {
  readonly name: string;
  /** The command whose usage is shown for wrong arguments, where it is another one. */
  readonly usageOf?: string;
  /** Arguments and description as the usage text shows them. */
  readonly synopsis: string;
  readonly description: string;
  /** Least and greatest number of arguments; undefined: not checked. */
  readonly argumentCount?: readonly [least: number, greatest: number];
  /** It runs until it is ended: only an explicit `-T` limits it. */
  readonly endless?: boolean;
}

/** A command that runs without a daemon; `-n` is refused. */
export interface LocalEntry extends CommandFacts {
  readonly needsDaemon: false;
  readonly load: () => Promise<{ default: LocalCommand }>;
}

/** A command that talks to the daemon. */
export interface ClusterEntry extends CommandFacts {
  readonly needsDaemon: true;
  /** It may be sent to another node with `-n`. */
  readonly remote: boolean;
  readonly load: () => Promise<{ default: ClusterCommand }>;
}

export type CommandEntry = LocalEntry | ClusterEntry;

const DATABASE = "<dbname|dbid>";
const ANY = Number.POSITIVE_INFINITY;

type Counts = readonly [number, number] | undefined;

type ClusterEntryMaker = (
  name: string,
  synopsis: string,
  description: string,
  argumentCount: Counts,
  load: () => Promise<{ default: ClusterCommand }>,
) => ClusterEntry;

const inCluster =
  (isRemote: boolean): ClusterEntryMaker =>
  (name, synopsis, description, argumentCount, load) => ({
    name,
    synopsis,
    description,
    ...(argumentCount && { argumentCount }),
    needsDaemon: true,
    remote: isRemote,
    load,
  });
const remote = inCluster(true);
const here = inCluster(false);

function alone(
  name: string,
  synopsis: string,
  description: string,
  argumentCount: Counts,
  load: () => Promise<{ default: LocalCommand }>,
): LocalEntry {
  return { name, synopsis, description, ...(argumentCount && { argumentCount }), needsDaemon: false, load };
}

export const COMMANDS: readonly CommandEntry[] = [
  alone("version", "", "show version of ctdb", undefined, () => import("./commands/version.js")),
  remote("status", "", "show node status", [0, 0], () => import("./commands/status.js")),
  remote("uptime", "", "show node uptime", undefined, () => import("./commands/uptime.js")),
  remote("ping", "", "ping a node", undefined, () => import("./commands/ping.js")),
  remote(
    "runstate",
    "[setup|first_recovery|startup|running]",
    "get/check runstate of a node",
    undefined,
    () => import("./commands/runstate.js"),
  ),
  remote("getvar", "<name>", "get a tunable variable", [1, 1], () => import("./commands/getvar.js")),
  remote("setvar", "<name> <value>", "set a tunable variable", [2, 2], () => import("./commands/setvar.js")),
  remote("listvars", "", "list tunable variables", [0, 0], () => import("./commands/listvars.js")),
  remote("statistics", "", "show ctdb statistics", [0, 0], () => import("./commands/statistics.js")),
  remote("statisticsreset", "", "reset ctdb statistics", [0, 0], () => import("./commands/statisticsreset.js")),
  remote("stats", "[count]", "show rolling statistics", [0, 1], () => import("./commands/stats.js")),
  remote("ip", "[all]", "show public ips", [0, 1], () => import("./commands/ip.js")),
  remote("ipinfo", "<ip>", "show public ip details", [1, 1], () => import("./commands/ipinfo.js")),
  remote("ifaces", "", "show interfaces", [0, 0], () => import("./commands/ifaces.js")),
  remote(
    "setifacelink",
    "<iface> up|down",
    "set interface link status",
    [2, 2],
    () => import("./commands/setifacelink.js"),
  ),
  remote(
    "process-exists",
    "<pid> [<srvid>]",
    "check if a process exists on a node",
    [1, 2],
    () => import("./commands/process-exists.js"),
  ),
  remote("getdbmap", "", "show attached databases", [0, 0], () => import("./commands/getdbmap.js")),
  remote("getdbstatus", DATABASE, "show database status", [1, 1], () => import("./commands/getdbstatus.js")),
  here("catdb", DATABASE, "dump cluster-wide ctdb database", [1, 1], () => import("./commands/catdb.js")),
  here("cattdb", DATABASE, "dump local ctdb database", [1, 1], () => import("./commands/cattdb.js")),
  remote("getcapabilities", "", "show node capabilities", [0, 0], () => import("./commands/getcapabilities.js")),
  here("pnn", "", "show the pnn of the currnet node", undefined, () => import("./commands/pnn.js")),
  here("lvs", "leader|list|status", "show lvs configuration", [1, 1], () => import("./commands/lvs.js")),
  remote(
    "setdebug",
    "ERROR|WARNING|NOTICE|INFO|DEBUG",
    "set debug level",
    [1, 1],
    () => import("./commands/setdebug.js"),
  ),
  remote("getdebug", "", "get debug level", [0, 0], () => import("./commands/getdebug.js")),
  here("attach", "<dbname> [persistent|replicated]", "attach a database", [1, 2], () => import("./commands/attach.js")),
  here("detach", `${DATABASE} ...`, "detach database(s)", [1, ANY], () => import("./commands/detach.js")),
  remote("dumpmemory", "", "dump ctdbd memory map", undefined, () => import("./commands/dumpmemory.js")),
  remote("rddumpmemory", "", "dump recoverd memory map", undefined, () => import("./commands/rddumpmemory.js")),
  remote("getpid", "", "get ctdbd process ID", undefined, () => import("./commands/getpid.js")),
  remote("disable", "", "disable a node", [0, 0], () => import("./commands/disable.js")),
  remote("enable", "", "enable a node", [0, 0], () => import("./commands/enable.js")),
  remote("stop", "", "stop a node", [0, 0], () => import("./commands/stop.js")),
  remote("continue", "", "continue a stopped node", [0, 0], () => import("./commands/continue.js")),
  remote("ban", "<bantime>", "ban a node", [1, 1], () => import("./commands/ban.js")),
  remote("unban", "", "unban a node", [0, 0], () => import("./commands/unban.js")),
  remote("shutdown", "", "shutdown ctdb daemon", [0, 0], () => import("./commands/shutdown.js")),
  remote("recover", "", "force recovery", [0, 0], () => import("./commands/recover.js")),
  {
    ...remote("sync", "", "run ip reallocation (deprecated)", [0, 0], () => import("./commands/sync.js")),
    usageOf: "ipreallocate",
  },
  remote("ipreallocate", "", "run ip reallocation", [0, 0], () => import("./commands/ipreallocate.js")),
  remote("gratarp", "<ip> <interface>", "send a gratuitous arp", [2, 2], () => import("./commands/gratarp.js")),
  alone("tickle", "<srcip:port> <dstip:port>", "send a tcp tickle ack", [0, 2], () => import("./commands/tickle.js")),
  remote("gettickles", "<ip> [<port>]", "get the list of tickles", [1, 2], () => import("./commands/gettickles.js")),
  remote("addtickle", "<ip>:<port> <ip>:<port>", "add a tickle", [0, 2], () => import("./commands/addtickle.js")),
  remote("deltickle", "<ip>:<port> <ip>:<port>", "delete a tickle", [0, 2], () => import("./commands/deltickle.js")),
  alone("listnodes", "", "list nodes in the cluster", [0, 0], () => import("./commands/listnodes.js")),
  here("reloadnodes", "", "reload the nodes file all nodes", undefined, () => import("./commands/reloadnodes.js")),
  here("moveip", "<ip> <node>", "move an ip address to another node", [2, 2], () => import("./commands/moveip.js")),
  remote("addip", "<ip/mask> <iface>", "add an ip address to a node", [2, 2], () => import("./commands/addip.js")),
  remote("delip", "<ip>", "delete an ip address from a node", [1, 1], () => import("./commands/delip.js")),
  here(
    "backupdb",
    `${DATABASE} <file>`,
    "backup a database into a file",
    [2, 2],
    () => import("./commands/backupdb.js"),
  ),
  here(
    "restoredb",
    "<file> [dbname]",
    "restore a database from a file",
    [1, 2],
    () => import("./commands/restoredb.js"),
  ),
  alone(
    "dumpdbbackup",
    "<file>",
    "dump database from a backup file",
    undefined,
    () => import("./commands/dumpdbbackup.js"),
  ),
  here("wipedb", DATABASE, "wipe the contents of a database.", [1, 1], () => import("./commands/wipedb.js")),
  remote("leader", "", "show the pnn of the leader", undefined, () => import("./commands/leader.js")),
  alone("event", "", "event and event script commands", undefined, () => import("./commands/event.js")),
  alone(
    "scriptstatus",
    "[init|setup|startup|monitor|takeip|releaseip|ipreallocated]",
    "show event script status",
    [0, 1],
    () => import("./commands/scriptstatus.js"),
  ),
  here("natgw", "leader|list|status", "show natgw configuration", [1, 1], () => import("./commands/natgw.js")),
  remote("getreclock", "", "get recovery lock file", [0, 0], () => import("./commands/getreclock.js")),
  remote("setlmasterrole", "on|off", "set LMASTER role", [1, 1], () => import("./commands/setlmasterrole.js")),
  remote("setleaderrole", "on|off", "set LEADER role", [1, 1], () => import("./commands/setleaderrole.js")),
  remote("setdbreadonly", DATABASE, "enable readonly records", [1, 1], () => import("./commands/setdbreadonly.js")),
  remote("setdbsticky", DATABASE, "enable sticky records", [1, 1], () => import("./commands/setdbsticky.js")),
  here(
    "pfetch",
    `${DATABASE} <key>`,
    "fetch record from persistent database",
    [2, 2],
    () => import("./commands/pfetch.js"),
  ),
  here(
    "pstore",
    `${DATABASE} <key> <value>`,
    "write record to persistent database",
    [3, 3],
    () => import("./commands/pstore.js"),
  ),
  here(
    "pdelete",
    `${DATABASE} <key>`,
    "delete record from persistent database",
    [2, 2],
    () => import("./commands/pdelete.js"),
  ),
  here(
    "ptrans",
    `${DATABASE} [<file>]`,
    "update a persistent database (from file or stdin)",
    [1, 2],
    () => import("./commands/ptrans.js"),
  ),
  remote("tfetch", "<tdb-file> <key> [<file>]", "fetch a record", [2, 3], () => import("./commands/tfetch.js")),
  remote(
    "tstore",
    "<tdb-file> <key> <data> [<rsn> <dmaster> <flags>]",
    "store a record",
    [3, 5],
    () => import("./commands/tstore.js"),
  ),
  here(
    "readkey",
    `${DATABASE} <key> [readonly]`,
    "read value of a database key",
    [2, 3],
    () => import("./commands/readkey.js"),
  ),
  here(
    "writekey",
    `${DATABASE} <key> <value>`,
    "write value for a database key",
    [3, 3],
    () => import("./commands/writekey.js"),
  ),
  here("deletekey", `${DATABASE} <key>`, "delete a database key", [2, 2], () => import("./commands/deletekey.js")),
  alone(
    "checktcpport",
    "<port>",
    "check if a service is bound to a specific tcp port or not",
    undefined,
    () => import("./commands/checktcpport.js"),
  ),
  here("getdbseqnum", DATABASE, "get database sequence number", [1, 1], () => import("./commands/getdbseqnum.js")),
  remote(
    "nodestatus",
    "[all|<pnn-list>]",
    "show and return node status",
    [0, 1],
    () => import("./commands/nodestatus.js"),
  ),
  remote("dbstatistics", DATABASE, "show database statistics", [1, 1], () => import("./commands/dbstatistics.js")),
  here(
    "reloadips",
    "[all|<pnn-list>]",
    "reload the public addresses file",
    [0, 1],
    () => import("./commands/reloadips.js"),
  ),
];

/** Commands that the C tool does not have. */
export const ADDED_COMMANDS: readonly CommandEntry[] = [
  {
    ...here("top", "[seconds]", "watch nodes, databases and recoveries", [0, 1], () => import("./commands/top.js")),
    endless: true,
  },
  remote("loop", "[reset]", "show what the event loop of a node runs", [0, 1], () => import("./commands/loop.js")),
  remote(
    "lockholders",
    `[${DATABASE}]`,
    "show who holds locks that a node waits for",
    [0, 1],
    () => import("./commands/lockholders.js"),
  ),
  alone(
    "completion",
    "bash|zsh|fish",
    "print a script for the shell's completion",
    [1, 1],
    () => import("./commands/completion.js"),
  ),
];

export function findCommand(name: string): CommandEntry | undefined {
  return COMMANDS.find((entry) => entry.name === name) ?? ADDED_COMMANDS.find((entry) => entry.name === name);
}
