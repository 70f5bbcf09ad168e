// The table of command lines that both tools must answer alike: what is run, in which state of the cluster. tool.test.ts runs it.

/** What varies from one run to the next and is masked before the comparison. */
export type Mask =
  /** Dates and spans. */
  | "dates"
  /** All numbers: counters. */
  | "numbers"
  /** Seconds with a fraction, and the number of clients. */
  | "ping"
  /** The latency of vacuuming, which goes on by itself. */
  | "vacuum"
  /** All but the first line, and the numbers in that: what memory is in use for changes all the time. */
  | "memory"
  /** The same lines again and again, until a time limit. */
  | "repeats";

export interface ToolCase {
  /** Arguments, the options among them. */
  readonly args: readonly string[];
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly mask?: Mask;
  /** Command lines that Debian's tool runs before each of the two runs, so that both find the same state. */
  readonly before?: readonly (readonly string[])[];
  /** Command lines of Debian's tool whose output after each run belongs to the comparison. */
  readonly after?: readonly (readonly string[])[];
  /** What the same tool runs next: undoes what takes long, so that it need not be done and undone once more for the next run. */
  readonly next?: Pick<ToolCase, "args" | "after">;
  /** Takes long, as the takeover runs of C daemons do: on such only with CTDB_TEST_LONG, on our daemons always. */
  readonly slow?: boolean;
  /** Takes very long everywhere (and is tested with a scripted daemon too): only with CTDB_TEST_LONG. */
  readonly verySlow?: boolean;
  /** Its preparations need a node that serves public addresses. */
  readonly needsAddresses?: boolean;
}

/** `@FILE@` in an argument is a file of the test's directory, `@DB0@` the database directory of node 0. */
const FORMS: readonly (readonly string[])[] = [
  [],
  ["-X"],
  ["-Y"],
  ["-x", ":", "-Y"],
  ["-X", "-x", ""],
  ["-x#", "-v", "-X"],
  ["-x:"],
];
const NODES: readonly (readonly string[])[] = [
  [],
  ["-n1"],
  ["--node=9"],
  ["-n", "0"],
  ["-n=2"],
  ["-n", "-5"],
  ["-n", "-1"],
];

function product(left: readonly (readonly string[])[], right: readonly (readonly string[])[]): string[][] {
  return left.flatMap((a) => right.map((b) => [...a, ...b]));
}

function cases(lines: readonly (readonly string[])[], rest: Omit<ToolCase, "args"> = {}): ToolCase[] {
  return lines.map((args) => ({ args, ...rest }));
}

/** Splits at blanks; for command lines without blanks in their words. */
function words(...lines: readonly string[]): string[][] {
  return lines.map((line) => line.split(" ").filter((word) => word !== ""));
}

/** Wrong command lines, and what needs no daemon. */
export const commandLineCases: readonly ToolCase[] = [
  ...cases(
    words(
      "",
      "--help",
      "-?",
      "--usage",
      "-Z pnn",
      "--bogus pnn",
      "--node pnn",
      "-n",
      "-n abc pnn",
      "-n 99999999999 pnn",
      "-vn",
      "-n=q pnn",
      "--verbose=3 pnn",
      "-vZ pnn",
      "-t abc pnn",
      "-T x pnn",
      "zzzzzzzz",
      "Status",
      "-- pnn",
      "-n1 version",
      "-n 0 listnodes",
      "listnodes x",
      "tickle x y",
      "tickle 1.1.1.1:1",
      "checktcpport",
      "checktcpport 4379 1",
      "checktcpport 4379",
      "checktcpport abc",
      "checktcpport 0",
      "dumpdbbackup",
      "dumpdbbackup a b",
      "dumpdbbackup /nonexistent",
      "-n 0 dumpdbbackup x",
      "scriptstatus a b",
    ),
  ),
  ...cases(product(FORMS, words("listnodes"))),
  ...cases(words("version", "-X version", "version x")),
  { args: ["pnn"], env: { CTDB_TIMEOUT: "abc" } },
  { args: ["pnn"], env: { CTDB_TIMEOUT: "" } },
  { args: ["pnn"], env: { CTDB_TIMEOUT: "15abc" } },
  { args: ["pnn"], env: { CTDB_TIMEOUT: "0" } },
  { args: ["-T", "5", "pnn"], env: { CTDB_TIMEOUT: "x" } },
  { args: ["tickle"], stdin: "x y\n" },
  { args: ["tickle"], stdin: "" },
];

const IN_FORMS = words("nodestatus", "ip all", "nodestatus all", "getcapabilities", "ifaces", "ip", "getdbmap");
const OF_NODES = words(
  "pnn",
  "-X status",
  "nodestatus",
  "ifaces",
  "ip",
  "getcapabilities",
  "runstate",
  "getdebug",
  "getreclock",
  "listvars",
  "catdb p.tdb",
  "getpid",
);

/** Commands that only look, on a healthy cluster. */
export const readingCases: readonly ToolCase[] = [
  ...cases(product(FORMS, IN_FORMS)),
  ...cases(product(FORMS.slice(1, 5), words("status"))),
  ...cases(product(NODES, OF_NODES)),
  ...cases(product(NODES, words("ping")), { mask: "ping" }),
  ...cases(product([["-X"], ["-Y"]], words("ping", "ping x")), { mask: "ping" }),
  ...cases(product(FORMS.slice(0, 2), words("uptime", "uptime x")), { mask: "dates" }),
  ...cases(product([["-n1"], ["--node=9"]], words("uptime")), { mask: "dates" }),
  ...cases(product(FORMS.slice(0, 2), words("statistics")), { mask: "numbers" }),
  ...cases(product([["-x#", "-v", "-X"]], words("statistics")), { mask: "numbers" }),
  ...cases(product([["-n1"], ["-n=2"]], words("statistics", "-X statistics")), { mask: "numbers" }),
  ...cases(product(FORMS.slice(0, 3), words("stats 1", "stats 2")), { mask: "numbers" }),
  ...cases(words("statistics x", "stats 1 2")),
  ...cases(words("dumpmemory", "-n1 dumpmemory x", "rddumpmemory", "-n2 rddumpmemory x"), { mask: "memory" }),
  ...cases(words("status", "status -n 1", "-n2 -v status", "-x: status", "leader", "leader -n 1", "-X leader x")),
  ...cases(words("-t 0 pnn", "-t 0 ping", "-t0 getdbmap", "-t -3 runstate", "-t 0 status", "-t 0 listvars")),
  ...cases(
    words(
      "status x",
      "nodestatus a",
      "nodestatus 0,2",
      "nodestatus 1,,2",
      "nodestatus ,",
      "nodestatus 1,1",
      "nodestatus 9",
      "nodestatus 1x",
      "nodestatus ALL",
      "nodestatus 0 1",
      "nodestatus -- -1",
      "-X nodestatus 2,0",
      "-n 1 nodestatus all",
    ),
  ),
  ...cases(
    words(
      "runstate running",
      "runstate RUNNING foo",
      "runstate foo running",
      "runstate setup",
      "runstate setup running",
      "-X runstate",
      "runstate startup first_recovery",
    ),
  ),
  ...cases(
    words(
      "getvar MonitorInterval",
      "getvar monitorinterval",
      "-X getvar RERECOVERYTIMEOUT",
      "-n 1 getvar MonitorInterval",
      "getvar",
      "getvar a b",
      "getvar foo",
      "getvar MaxRedirectCount",
      "listvars x",
      "-X listvars",
    ),
  ),
  ...cases(words("setvar foo 1", "setvar MonitorInterval zz", "setvar MonitorInterval", "setvar MonitorInterval -1")),
  ...cases(words("-X getdebug", "getdebug x", "setdebug foo", "setdebug", "setdebug 11", "setdebug -- -1")),
  ...cases(
    words(
      "process-exists 1",
      "process-exists abc",
      "process-exists 1 zz",
      "process-exists 1 0x12zz",
      "process-exists 1 0",
      "process-exists 99999999999",
      "process-exists",
      "process-exists -- -7",
      "-n 1 process-exists 1",
    ),
  ),
  ...cases(words("setlmasterrole x", "setlmasterrole ON", "setlmasterrole", "setleaderrole x", "setleaderrole ON")),
  ...cases(
    words(
      "ip ALL",
      "ip all x",
      "ip -v",
      "ip all -v",
      "-X ip -v",
      "-X ip all -v",
      "-Y -x: -v ip all",
      "-n2 ip",
      "-n1 -v ip",
    ),
  ),
  ...cases(
    words(
      "ipinfo",
      "ipinfo 1.2.3.4",
      "ipinfo 10.47.0.1",
      "ipinfo 10.47.0.2",
      "-n1 ipinfo 10.47.0.1",
      "-n2 ipinfo 10.47.0.1",
      "ipinfo abc",
      "ipinfo [::1]",
      "ipinfo ::ffff:1.2.3.4",
      "ipinfo 1.2.3",
      "-X ipinfo 10.47.0.1",
    ),
  ),
  ...cases(
    words(
      "setifacelink foo up",
      "setifacelink foo x",
      "setifacelink lo x",
      "setifacelink foo1234567890123456789 up",
      "setifacelink lo",
      "-n2 setifacelink lo up",
    ),
  ),
  ...cases(
    words(
      "gettickles",
      "gettickles 1.2.3.4",
      "gettickles x",
      "gettickles x zz",
      "gettickles 10.47.0.1 zz",
      "gettickles 10.47.0.1 0x10",
      "gettickles 10.47.0.1 1 2",
    ),
  ),
  ...cases(
    words(
      "addtickle 1.1.1.1 2.2.2.2:1",
      "addtickle a",
      "addtickle a b",
      "addtickle 1.1.1.1:1 2.2.2.2",
      "addtickle 1.1.1.1:1 2.2.2.2:1",
      "deltickle 1.1.1.1:1 2.2.2.2:1",
      "deltickle 1.1.1.1 2.2.2.2:1",
    ),
  ),
  { args: ["addtickle"], stdin: "1.2.3.4:5 6.7.8.9:10\n" },
  { args: ["addtickle"], stdin: "x\n" },
  { args: ["addtickle"], stdin: "" },
  { args: ["addtickle"], stdin: "1.1.1.1:2 10.47.0.1:3 zz\n" },
  { args: ["deltickle"], stdin: "# none\n\n" },
  { args: ["addip", "10.47.0.1/24", "lo"], needsAddresses: true },
  ...cases(
    words(
      "addip x lo",
      "addip 10.47.9.9 lo",
      "addip",
      "delip 1.2.3.4",
      "delip 10.47.0.1/24",
      "delip",
      "moveip 10.47.0.1 x",
      "moveip x 1",
      "moveip 10.47.0.1",
      "gratarp x lo",
      "gratarp 10.47.0.1",
      "reloadips 9",
      "reloadips x",
      "reloadips 1 2",
      "ipreallocate x",
      "sync x",
    ),
  ),
  ...cases(
    product(
      [[], ["-X"], ["-n1"]],
      words(
        "getdbstatus p.tdb",
        "getdbstatus v.tdb",
        "getdbstatus r.tdb",
        "getdbstatus nosuch.tdb",
        "getdbstatus 0xzz",
        "getdbstatus 0x1234",
        "dbstatistics nosuch.tdb",
        "getdbstatus",
      ),
    ),
  ),
  ...cases(words("dbstatistics v.tdb", "-X dbstatistics v.tdb", "-n1 dbstatistics v.tdb"), { mask: "vacuum" }),
  ...cases(
    words(
      "getdbseqnum p.tdb",
      "getdbseqnum v.tdb",
      "-X getdbseqnum r.tdb",
      "getdbseqnum nosuch",
      "-n1 getdbseqnum p.tdb",
      "-n0 getdbseqnum p.tdb",
      "getdbseqnum",
    ),
  ),
  ...cases(words("getdbmap x", "-n1 getdbmap", "-n2 -X getdbmap", "-n9 getdbmap")),
  ...cases(
    words(
      "attach",
      "attach v.tdb persistent",
      "attach v.tdb foo",
      "attach v.tdb",
      "attach p.tdb",
      "attach p.tdb persistent x",
      "-n1 attach x.tdb",
      "-n0 attach v.tdb",
    ),
  ),
  ...cases(
    words(
      "detach",
      "detach v.tdb",
      "detach nosuch",
      "setdbreadonly p.tdb",
      "setdbsticky r.tdb",
      "setdbreadonly nosuch",
      "setdbsticky",
      "-n1 setdbreadonly p.tdb",
    ),
  ),
  ...cases(
    words(
      "catdb p.tdb",
      "cattdb p.tdb",
      "catdb r.tdb",
      "cattdb r.tdb",
      "catdb nosuch",
      "cattdb nosuch",
      "catdb",
      "cattdb a b",
      "-n1 catdb p.tdb",
      "-n0 cattdb p.tdb",
      "-X catdb p.tdb",
      "cattdb 0x47023bf1",
      "catdb v.tdb",
    ),
  ),
  ...cases(
    words(
      "pfetch p.tdb k1",
      "pfetch p.tdb nokey",
      "pfetch p.tdb bin",
      "pfetch v.tdb k",
      "pfetch nosuch k",
      "pfetch p.tdb",
      "pfetch p.tdb 0xabc",
      "pfetch p.tdb 0x6b31",
      "-n1 pfetch p.tdb k1",
      "pfetch r.tdb k1",
      "pstore v.tdb a b",
      "pstore p.tdb a",
      "pstore p.tdb 0xz b",
      "pstore p.tdb a 0xzz",
      "pdelete v.tdb a",
      "pdelete p.tdb",
      "pdelete nosuch a",
      "ptrans v.tdb",
      "ptrans nosuch",
      "ptrans p.tdb /nonexistent",
      "ptrans",
    ),
  ),
  ...cases(
    words(
      "readkey v.tdb",
      "readkey p.tdb a",
      "readkey nosuch a",
      "readkey nosuch a b",
      "readkey v.tdb a b",
      "readkey v.tdb 0xabc",
      "writekey p.tdb a b",
      "writekey v.tdb a",
      "writekey v.tdb 0xq a",
      "writekey v.tdb a 0x1",
      "deletekey p.tdb a",
      "deletekey v.tdb",
      "deletekey nosuch a",
      "readkey v.tdb k1",
      "readkey v.tdb k1 readonly",
      "readkey v.tdb bin",
      "-n1 readkey v.tdb k1",
      "readkey v.tdb 0x",
      "readkey v.tdb 0x readonly",
      "writekey v.tdb 0x 1",
      "deletekey v.tdb 0x",
      "pfetch p.tdb 0x",
    ),
  ),
  ...cases(
    words(
      "tfetch /nonexistent k",
      "tfetch",
      "tfetch @DB0@/persistent/p.tdb.0 k1",
      "tfetch @DB0@/persistent/p.tdb.0 nokey",
      "tfetch @DB0@/persistent/p.tdb.0 0xz",
      "-n1 tfetch @DB0@/persistent/p.tdb.0 k1",
      "tstore /nonexistent k v",
      "tstore /nonexistent k",
      "tstore /nonexistent k v 1 2 3",
    ),
  ),
  ...cases(
    words(
      "backupdb",
      "backupdb nosuch @FILE@",
      "backupdb p.tdb /nonexistent/x",
      "restoredb /nonexistent",
      "restoredb",
      "wipedb nosuch",
      "wipedb",
      "dumpdbbackup @BACKUP@",
      "restoredb @BAD@",
      "dumpdbbackup @BAD@",
      "dumpdbbackup @SHORT@",
      "dumpdbbackup @GARBAGE@",
      "dumpdbbackup @EMPTY@",
      "backupdb p.tdb /dev/full",
      "restoredb /dev/zero",
      "restoredb /tmp",
      "dumpdbbackup /tmp",
    ),
  ),
  ...cases(words("reloadnodes", "-n0 reloadnodes", "-n1 reloadnodes")),
  ...cases(
    words(
      "ban",
      "ban 0",
      "ban x",
      "unban",
      "enable",
      "continue",
      "stop x",
      "-n1 unban",
      "-n1 enable",
      "-n1 continue",
      "-n9 ban 0",
      "-n2 enable",
    ),
  ),
  ...cases(words("lvs", "natgw", "lvs status x", "-n1 lvs status")),
  ...cases(
    words(
      "event",
      "event status",
      "event script list legacy",
      "scriptstatus",
      "scriptstatus foo",
      "event status legacy startup",
      "event bogus",
    ),
    { mask: "dates" },
  ),
  { args: ["lvs", "status"], env: { CTDB_LVS_HELPER: "/bin/echo" } },
  { args: ["lvs", "status"], env: { CTDB_LVS_HELPER: "/nonexistent" } },
  { args: ["lvs", "status"], env: { CTDB_LVS_HELPER: "/bin/false" } },
  { args: ["lvs", "status"], env: { CTDB_LVS_HELPER: "" } },
  // No PATH is searched.
  { args: ["lvs", "status"], env: { CTDB_LVS_HELPER: "echo" } },
  { args: ["natgw", "list"], env: { CTDB_NATGW_HELPER: "/bin/echo" } },
  { args: ["event", "a", "b"], env: { CTDB_EVENT_HELPER: "/bin/echo" } },
  { args: ["scriptstatus"], env: { CTDB_EVENT_HELPER: "/bin/echo" } },
  { args: ["natgw", "list"], env: { CTDB_NATGW_HELPER: "@EXIT70@" } },
  { args: ["natgw", "list"], env: { CTDB_NATGW_HELPER: "@EXIT255@" } },
  { args: ["natgw", "list"], env: { CTDB_NATGW_HELPER: "@KILLED@" } },
];

/** Commands that change something and leave it as it was for the next run, one after the other. */
export const changingCases: readonly ToolCase[] = [
  {
    args: ["setvar", "monitorinterval", "15x"],
    before: [["setvar", "MonitorInterval", "7"]],
    after: [["getvar", "MonitorInterval"]],
  },
  { args: ["-n1", "setvar", "MonitorInterval", "0x10"], after: [["-n1", "getvar", "MonitorInterval"]] },
  { args: ["setdebug", "w"], before: [["setdebug", "NOTICE"]], after: [["getdebug"]] },
  { args: ["setdebug", "7"], after: [["getdebug"]] },
  { args: ["setdebug", ""], after: [["getdebug"]] },
  {
    args: ["setlmasterrole", "off"],
    before: [["setlmasterrole", "on"]],
    after: [["getcapabilities"], ["setlmasterrole", "on"]],
  },
  {
    args: ["-n1", "setleaderrole", "off"],
    after: [
      ["-n1", "-X", "getcapabilities"],
      ["-n1", "setleaderrole", "on"],
    ],
  },
  {
    args: ["setifacelink", "lo", "down"],
    before: [["setifacelink", "lo", "up"]],
    after: [["ifaces"], ["nodestatus"], ["setifacelink", "lo", "up"]],
    needsAddresses: true,
  },
  {
    args: ["addtickle", "10.9.9.9:45678", "10.47.0.1:445"],
    after: [
      ["gettickles", "10.47.0.1"],
      ["deltickle", "10.9.9.9:45678", "10.47.0.1:445"],
    ],
  },
  { args: ["addtickle", "[fd00::1]:45678", "10.47.0.1:445"], after: [["-X", "gettickles", "10.47.0.1"]] },
  { args: ["gettickles", "10.47.0.1", "445"] },
  { args: ["gettickles", "10.47.0.1", "444"] },
  { args: ["-X", "gettickles", "10.47.0.1"] },
  {
    args: ["deltickle", "fd00::1:45678", "10.47.0.1:445"],
    before: [["addtickle", "fd00::1:45678", "10.47.0.1:445"]],
    after: [["gettickles", "10.47.0.1"]],
    needsAddresses: true,
  },
  {
    args: ["addtickle"],
    stdin: "1.1.1.1:2 10.47.0.1:3\n#\n1.1.1.1:2 10.47.1.1:4\n",
    after: [
      ["gettickles", "10.47.0.1"],
      ["gettickles", "10.47.1.1"],
    ],
  },
  { args: ["deltickle"], stdin: "1.1.1.1:2 10.47.0.1:3\n", after: [["gettickles", "10.47.0.1"]] },
  { args: ["statisticsreset"] },
  { args: ["-n1", "statisticsreset"] },
  { args: ["gratarp", "10.47.0.1", "lo"] },
  { args: ["attach", "a.tdb"], after: [["getdbstatus", "a.tdb"]] },
  { args: ["attach", "b.tdb", "replicated"], after: [["getdbstatus", "b.tdb"]] },
  { args: ["attach", "c.tdb", "persistent"], after: [["getdbstatus", "c.tdb"]] },
  {
    args: ["attach", "d.tdb", "readonly"],
    after: [
      ["getdbstatus", "d.tdb"],
      ["-n1", "getdbstatus", "d.tdb"],
    ],
  },
  {
    args: ["attach", "e.tdb", "sticky"],
    after: [
      ["getdbstatus", "e.tdb"],
      ["-n1", "getdbstatus", "e.tdb"],
    ],
  },
  { args: ["setdbreadonly", "a.tdb"], after: [["getdbstatus", "a.tdb"]] },
  { args: ["-n1", "setdbsticky", "a.tdb"], after: [["-n1", "getdbstatus", "a.tdb"]] },
  {
    args: ["writekey", "v.tdb", "w", "value"],
    before: [["writekey", "v.tdb", "w", "old"]],
    after: [["readkey", "v.tdb", "w"]],
  },
  { args: ["writekey", "v.tdb", "0x7700", "0x610062"], after: [["readkey", "v.tdb", "0x7700"]] },
  { args: ["readkey", "v.tdb", "w"] },
  {
    args: ["deletekey", "v.tdb", "w"],
    before: [["writekey", "v.tdb", "w", "old"]],
    after: [["readkey", "v.tdb", "w"]],
  },
  { args: ["deletekey", "v.tdb", "none"], after: [["readkey", "v.tdb", "none"]] },
  { args: ["pstore", "p.tdb", "x", "value"], before: [["pdelete", "p.tdb", "x"]], after: [["pfetch", "p.tdb", "x"]] },
  { args: ["pstore", "p.tdb", "x", "value"], after: [["pfetch", "p.tdb", "x"]] },
  { args: ["pstore", "r.tdb", "0x6b00", "0x7600"], after: [["catdb", "r.tdb"]], before: [["wipedb", "r.tdb"]] },
  { args: ["pdelete", "p.tdb", "x"], before: [["pstore", "p.tdb", "x", "old"]], after: [["pfetch", "p.tdb", "x"]] },
  { args: ["pdelete", "p.tdb", "never"] },
  {
    args: ["pstore", "r.tdb", "", "keyless"],
    before: [["wipedb", "r.tdb"]],
    after: [
      ["pfetch", "r.tdb", ""],
      ["catdb", "r.tdb"],
      ["-n1", "getdbseqnum", "r.tdb"],
    ],
  },
  {
    args: ["pdelete", "r.tdb", ""],
    after: [
      ["pfetch", "r.tdb", ""],
      ["cattdb", "r.tdb"],
    ],
  },
  {
    args: ["ptrans", "r.tdb"],
    stdin:
      '"a" "1"\nfoo\n"b" "2"\n"x "y"\n\n"c" "0x41"  rest\n"" "x"\n\t"d"\t"4"\n"a" ""\n  x\n"f"  "z\n"q""0x1"\n"0xzz" "v"\n"e" "',
    before: [["wipedb", "r.tdb"]],
    after: [["catdb", "r.tdb"]],
  },
  { args: ["ptrans", "r.tdb", "@TRANS@"], before: [["wipedb", "r.tdb"]], after: [["catdb", "r.tdb"]] },
  { args: ["backupdb", "p.tdb", "@FILE@"], after: [["dumpdbbackup", "@FILE@"]], mask: "dates" },
  { args: ["restoredb", "@BACKUP@", "q.tdb"], after: [["catdb", "q.tdb"]] },
  {
    args: ["wipedb", "q.tdb"],
    before: [["restoredb", "@BACKUP@", "q.tdb"]],
    after: [
      ["catdb", "q.tdb"],
      ["getdbseqnum", "q.tdb"],
    ],
  },
  { args: ["ipreallocate"], slow: true },
  { args: ["sync"], slow: true },
  { args: ["-n1", "sync"], slow: true },
  { args: ["reloadips"], slow: true },
  { args: ["reloadips", "1"], slow: true },
  { args: ["disable"], after: [["nodestatus"]], next: { args: ["enable"], after: [["nodestatus"]] }, slow: true },
  {
    args: ["-n1", "disable"],
    after: [["-X", "nodestatus", "all"]],
    next: { args: ["-n1", "enable"], after: [["-X", "nodestatus", "all"]] },
    slow: true,
  },
  ...[
    ["hello", "a", "b"],
    ["bad"],
    // Its name is no event; the script runs all the same.
    ["--", "-x"],
  ].map(
    ([event = "", ...rest]): ToolCase => ({
      args: ["event", "run", "10", "legacy", event, ...rest],
      after: [["event", "status", "legacy", event]],
      mask: "dates",
    }),
  ),
  ...cases(words("event run 1 legacy slow", "event status legacy slow", "event run 5 nosuch hello"), { mask: "dates" }),
  ...[
    { args: ["event", "script", "disable", "legacy", "00.test"], undo: "enable" },
    { args: ["event", "script", "enable", "legacy", "00.test"], undo: "disable" },
  ].map(
    ({ args, undo }): ToolCase => ({
      args,
      before: [["event", "script", undo, "legacy", "00.test"]],
      after: [
        ["event", "script", "list", "legacy"],
        ["event", "run", "10", "legacy", "hello"],
        ["event", "status", "legacy", "hello"],
      ],
      mask: "dates",
    }),
  ),
  ...[
    { does: ["stop"], undoes: ["continue"] },
    { does: ["ban", "0x100"], undoes: ["unban"] },
  ].flatMap(({ does, undoes }): ToolCase[] => [
    {
      args: ["-n2", ...does],
      after: [["-X", "nodestatus", "all"]],
      next: { args: ["-n2", ...undoes], after: [["-X", "nodestatus", "all"]] },
      slow: true,
    },
    {
      args: does,
      after: [["-n1", "-X", "nodestatus", "0"]],
      next: { args: undoes, after: [["-X", "nodestatus", "all"]] },
      slow: true,
    },
  ]),
  { args: ["recover"], after: [["runstate"]], slow: true },
  { args: ["-n1", "recover"], after: [["runstate"]], slow: true },
  { args: ["moveip", "10.47.0.1", "2"], verySlow: true },
  { args: ["addip", "10.47.6.1/24", "nosuch0"], needsAddresses: true, verySlow: true },
  {
    args: ["moveip", "10.47.0.1", "1"],
    needsAddresses: true,
    before: [
      ["setvar", "NoIPFailback", "1"],
      ["moveip", "10.47.0.1", "0"],
    ],
    after: [["ip", "all"]],
  },
];

/** What is seen while a node is stopped, disabled or gone. `NODE` of the state is 2. */
export const lookingCases: readonly ToolCase[] = [
  ...cases(
    words(
      "-X status",
      "nodestatus",
      "nodestatus all",
      "-X nodestatus all",
      "-n 2 nodestatus",
      "-n 2 -X status",
      "-n2 pnn",
      "-n2 getcapabilities",
      "-n2 runstate",
      "-n2 ip",
      "ip all",
      "-n2 listvars",
      "-n2 ban 0",
      "-n2 disable x",
      "nodestatus 2",
      "nodestatus 0,2",
      "-n2 attach x",
      "-n2 getdbmap",
      "reloadnodes",
    ),
  ),
  ...cases(words("-n2 ping"), { mask: "ping" }),
];

/** No daemon answers on the node's socket. */
export const noDaemonCases: readonly ToolCase[] = cases(
  words(
    "pnn",
    "status",
    "-X status",
    "-n 1 ping",
    "ping",
    "catdb x",
    "listnodes",
    "-X listnodes",
    "shutdown",
    "getvar",
    "lvs",
    "tfetch a b",
    "reloadnodes",
    "dumpdbbackup /nonexistent",
  ),
);
