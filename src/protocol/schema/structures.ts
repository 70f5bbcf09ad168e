// Every structure of control and message payloads, in wire order. Padding is explicit. Read by the generator.
import type { Field, Structure } from "./language.js";

const u32 = (name: string, doc?: string): Field => ({ name, type: "u32", ...(doc === undefined ? {} : { doc }) });
const pad = (size: number): Field => ({ name: "padding", type: { pad: size } });
const struct = (name: string, of: string, doc?: string): Field => ({
  name,
  type: { struct: of },
  ...(doc === undefined ? {} : { doc }),
});
const wrapped = (name: string, doc: string, field: Field, exact = false): Structure => ({
  name,
  doc,
  fields: [field],
  unwrap: field.name,
  ...(exact ? { exact } : {}),
});

/** Single values and strings. */
const values: readonly Structure[] = [
  { name: "Empty", doc: "No payload.", fields: [], handWritten: "empty", fixedSize: 0 },
  wrapped("U32", "One unsigned number.", u32("value")),
  wrapped("I32", "One signed number.", { name: "value", type: "i32" }),
  wrapped("U64", "One 64-bit number, like a srvid.", { name: "value", type: "u64" }),
  wrapped("Seqnum", "Sequence number of a database.", { name: "seqnum", type: "safe64" }),
  wrapped("F64", "One IEEE double.", { name: "value", type: "f64" }),
  wrapped("StringToEnd", "A NUL terminated string that fills the payload; a missing NUL is accepted.", {
    name: "text",
    type: { string: "required" },
  }),
  wrapped("OptionalStringToEnd", "Like StringToEnd; no bytes at all mean that there is none (null).", {
    name: "text",
    type: { string: "nullable", lossy: true },
  }),
  {
    name: "TextToEnd",
    doc: "Text that fills the payload, without NUL.",
    fields: [{ name: "text", type: "rest" }],
    handWritten: "text-to-end",
    sizeMin: 0,
  },
  wrapped("Stringn", "A string with its length in front.", { name: "text", type: { stringn: "required" } }),
  wrapped("Bytes", "Opaque bytes.", { name: "bytes", type: "rest" }),
  {
    name: "PaddedDbId",
    doc: "A db_id followed by four bytes of padding (GET_DB_SEQNUM wants exactly 8 bytes).",
    fields: [u32("dbId"), pad(4)],
    unwrap: "dbId",
  },
  {
    name: "Timeval",
    doc: "A point in time, or a duration.",
    fields: [
      { name: "sec", type: "i64", doc: "seconds since the epoch" },
      { name: "usec", type: "i64", doc: "microseconds" },
    ],
  },
  {
    name: "Latency",
    doc: "A latency counter, in seconds. The first sample sets min.",
    fields: [
      { name: "num", type: "i32", doc: "number of samples" },
      pad(4),
      { name: "min", type: "f64" },
      { name: "max", type: "f64" },
      { name: "total", type: "f64" },
    ],
  },
];

/** Records. */
const records: readonly Structure[] = [
  {
    name: "RecordHeader",
    doc: "In front of the data of every record, in TDB files and on the wire.",
    fields: [
      { name: "rsn", type: "safe64", doc: "record sequence number" },
      u32("dmaster", "pnn of the owner; in persistent databases the last writer"),
      pad(4),
      u32("flags", "record flags"),
      pad(4),
    ],
    handWritten: "record-header",
    fixedSize: 24,
  },
  {
    name: "RecData",
    doc: "One record; records follow each other without alignment. The end marker of a traverse has neither key nor data.",
    fields: [
      u32("length", "16 + keylen + datalen"),
      u32("reqid", "id of the traverse, unused elsewhere"),
      { name: "keylen", type: { lengthOf: "key" } },
      { name: "datalen", type: { lengthOf: "data" }, doc: "with the record header, where there is one" },
      { name: "key", type: "bytes" },
      { name: "data", type: "bytes", doc: "record header (24 bytes) and data; VACUUM_FETCH sends keys only" },
    ],
    handWritten: "rec-buffer",
    sizeMin: 16,
  },
  {
    name: "RecBuffer",
    doc: "Marshall buffer: many records of one database. RecBufferReader and RecBufferWriter stream it.",
    fields: [
      u32("dbId"),
      { name: "count", type: { countOf: "records" } },
      { name: "records", type: { list: { struct: "RecData" } } },
    ],
    handWritten: "rec-buffer",
    sizeMin: 8,
  },
  {
    name: "ScheduleForDeletion",
    doc: "A record that may be vacuumed.",
    exact: true,
    fields: [
      u32("dbId"),
      pad(4),
      struct("header", "RecordHeader"),
      { name: "keylen", type: { lengthOf: "key" } },
      { name: "key", type: "bytes" },
    ],
  },
];

/** Nodes and addresses. */
const nodes: readonly Structure[] = [
  {
    name: "VnnMap",
    doc: "Which node is lmaster: slot hash(key) mod size holds its pnn.",
    fields: [u32("generation"), { name: "size", type: { countOf: "map" } }, { name: "map", type: { list: "u32" } }],
  },
  {
    name: "DbMapEntry",
    doc: "A database of a node.",
    fields: [u32("dbId"), { name: "flags", type: "u8", doc: "database flags" }, pad(3)],
  },
  {
    name: "DbMap",
    doc: "The databases of a node, the most recently attached first.",
    fields: [
      { name: "num", type: { countOf: "dbs" } },
      { name: "dbs", type: { list: { struct: "DbMapEntry" } } },
    ],
  },
  {
    name: "SockAddr",
    doc: "An address with a port. The family is Linux' number; port and address are in network byte order. Unused bytes are zero.",
    fields: [
      { name: "family", type: "u16", doc: "2 IPv4, 10 IPv6" },
      { name: "port", type: "u16", doc: "big endian" },
      { name: "address", type: { pad: 20 }, doc: "IPv4 at offset 4; IPv6: flowinfo at 4, address at 8" },
      u32("scopeId", "IPv6 only"),
    ],
    handWritten: "sock-addr",
    fixedSize: 28,
  },
  {
    name: "NodeEntry",
    doc: "A node of the cluster.",
    fields: [u32("pnn", "index in the nodes file"), u32("flags", "node flags"), struct("addr", "SockAddr")],
  },
  {
    name: "NodeMap",
    doc: "All nodes of the cluster. Deleted ones stay in the list, with address 0.0.0.0.",
    fields: [
      { name: "num", type: { countOf: "nodes" } },
      { name: "nodes", type: { list: { struct: "NodeEntry" } } },
    ],
  },
  {
    name: "Connection",
    doc: "A TCP connection of a client to a public address.",
    fields: [struct("src", "SockAddr", "the client"), struct("dst", "SockAddr", "the public address")],
  },
  {
    name: "PublicIp",
    doc: "A public address and the node that hosts it.",
    fields: [u32("pnn", "0xffffffff: nobody"), struct("addr", "SockAddr")],
  },
  {
    name: "PublicIpList",
    doc: "Public addresses.",
    fields: [
      { name: "num", type: { countOf: "ips" } },
      { name: "ips", type: { list: { struct: "PublicIp" } } },
    ],
  },
  {
    name: "Iface",
    doc: "A network interface that carries public addresses.",
    fields: [
      { name: "name", type: { fixedText: 18 } },
      { name: "linkState", type: "u16", doc: "1 up, 0 down" },
      u32("references", "public addresses on it"),
    ],
  },
  {
    name: "IfaceList",
    doc: "Network interfaces.",
    fields: [
      { name: "num", type: { countOf: "ifaces" } },
      { name: "ifaces", type: { list: { struct: "Iface" } } },
    ],
  },
  {
    name: "PublicIpInfo",
    doc: "A public address with the interfaces that can carry it.",
    fields: [
      struct("ip", "PublicIp"),
      u32("activeIdx", "index in the list of interfaces, 0xffffffff: none"),
      { name: "num", type: { countOf: "ifaces" } },
      { name: "ifaces", type: { list: { struct: "Iface" } } },
    ],
  },
  {
    name: "AddrInfo",
    doc: "A public address with mask and interfaces.",
    exact: true,
    fields: [
      struct("addr", "SockAddr"),
      u32("mask", "prefix length"),
      { name: "iface", type: { stringn: "nullable" }, doc: "interface name; several are separated by commas" },
    ],
  },
  {
    name: "TickleList",
    doc: "Connections to a public address that get a tickle ACK after the address has moved.",
    fields: [
      struct("addr", "SockAddr", "the public address"),
      { name: "num", type: { countOf: "connections" } },
      { name: "connections", type: { list: { struct: "Connection" } } },
    ],
  },
  {
    name: "NodeFlagChange",
    doc: "New flags of a node. New comes before old; old is ignored.",
    fields: [u32("pnn"), u32("newFlags"), u32("oldFlags")],
  },
  {
    name: "BanState",
    doc: "A ban.",
    fields: [u32("pnn"), u32("time", "seconds; 0: not banned, unban")],
  },
  {
    name: "Uptime",
    doc: "When daemon and last recovery began and ended.",
    fields: [
      struct("currentTime", "Timeval"),
      struct("ctdbdStartTime", "Timeval"),
      struct("lastRecoveryStarted", "Timeval"),
      struct("lastRecoveryFinished", "Timeval"),
    ],
  },
];

/** Databases: recovery and traverse. */
const databases: readonly Structure[] = [
  {
    name: "PullDb",
    doc: "Which database to pull or push, and the srvid of the records.",
    fields: [u32("dbId"), u32("lmaster", "0xffffffff; ignored by the daemon"), { name: "srvid", type: "u64" }],
  },
  {
    name: "TransDb",
    doc: "A recovery transaction of a database.",
    fields: [u32("dbId"), u32("tid", "transaction id: the new generation")],
  },
  {
    name: "TraverseStart",
    doc: "A traverse as the client asks for it, or its end.",
    fields: [
      u32("dbId"),
      u32("reqid", "chosen by the client, comes back in each record"),
      { name: "srvid", type: "u64", doc: "chosen by the client: where the records go" },
    ],
  },
  {
    name: "TraverseStartExt",
    doc: "Like TraverseStart, with the choice to get empty records too.",
    fields: [
      u32("dbId"),
      u32("reqid"),
      { name: "srvid", type: "u64" },
      { name: "withEmptyRecords", type: "bool" },
      pad(7),
    ],
  },
  {
    name: "TraverseAll",
    doc: "A traverse as the daemon of the client asks the nodes for it.",
    fields: [
      u32("dbId"),
      u32("reqid", "of the daemon that started it; used in TRAVERSE_DATA"),
      u32("pnn", "node that started it"),
      u32("clientReqid"),
      { name: "srvid", type: "u64", doc: "of the client" },
    ],
  },
  {
    name: "TraverseAllExt",
    doc: "Like TraverseAll, with the choice to get empty records too.",
    fields: [
      u32("dbId"),
      u32("reqid"),
      u32("pnn"),
      u32("clientReqid"),
      { name: "srvid", type: "u64" },
      { name: "withEmptyRecords", type: "bool" },
      pad(7),
    ],
  },
  {
    name: "DbVacuum",
    doc: "Asks for one vacuuming run. Five bytes, packed.",
    fields: [u32("dbId"), { name: "fullVacuumRun", type: "bool" }],
  },
  {
    name: "PidSrvid",
    doc: "A process and a srvid that it registered. Twelve bytes, packed.",
    fields: [
      { name: "pid", type: "i32" },
      { name: "srvid", type: "u64" },
    ],
  },
  {
    name: "Notify",
    doc: "A message that the daemon broadcasts when the client is gone.",
    exact: true,
    fields: [
      { name: "srvid", type: "u64" },
      { name: "len", type: { lengthOf: "data" } },
      { name: "data", type: "bytes" },
    ],
  },
  {
    name: "Echo",
    doc: "Bytes to be echoed.",
    fields: [
      u32("timeout", "delay in ms"),
      { name: "len", type: { lengthOf: "data" } },
      { name: "data", type: "bytes" },
    ],
  },
  {
    name: "TunableSetting",
    doc: "A tunable and its new value.",
    fields: [u32("value"), { name: "name", type: { stringn: "required" } }],
  },
  {
    name: "TunableNames",
    doc: "Names of tunables as one stringn with a colon in front of each.",
    fields: [{ name: "text", type: { stringn: "required" } }],
    handWritten: "tunable-names",
    sizeMin: 4,
  },
];

/** Statistics. */
const statistics: readonly Structure[] = [
  {
    name: "StatisticsNodePackets",
    doc: "Packets from nodes, by type.",
    fields: [
      u32("reqCall"),
      u32("replyCall"),
      u32("reqDmaster"),
      u32("replyDmaster"),
      u32("replyError"),
      u32("reqMessage"),
      u32("reqControl"),
      u32("replyControl"),
      u32("reqTunnel"),
    ],
  },
  {
    name: "StatisticsClientPackets",
    doc: "Packets from clients, by type.",
    fields: [u32("reqCall"), u32("reqMessage"), u32("reqControl"), u32("reqTunnel")],
  },
  {
    name: "StatisticsTimeouts",
    doc: "Requests that timed out.",
    fields: [u32("call"), u32("control"), u32("traverse")],
  },
  {
    name: "StatisticsReclock",
    doc: "Latency of the cluster lock.",
    fields: [struct("ctdbd", "Latency"), struct("recd", "Latency")],
  },
  {
    name: "StatisticsLocks",
    doc: "Record and database locks.",
    fields: [
      u32("numCalls"),
      u32("numCurrent"),
      u32("numPending"),
      u32("numFailed"),
      struct("latency", "Latency"),
      {
        name: "buckets",
        type: { array: "u32", length: 16 },
        doc: "by latency: < 1 ms, 10 ms, 100 ms, 1 s, 2 s, 4 s, 8 s, 16 s, 32 s, 64 s, longer",
      },
    ],
  },
  {
    name: "Statistics",
    doc: "Counters of a daemon.",
    fields: [
      u32("numClients"),
      u32("frozen", "1 if all databases are frozen"),
      u32("recovering", "1 if recovery is active"),
      u32("clientPacketsSent"),
      u32("clientPacketsRecv"),
      u32("nodePacketsSent"),
      u32("nodePacketsRecv"),
      u32("keepalivePacketsSent"),
      u32("keepalivePacketsRecv"),
      struct("node", "StatisticsNodePackets"),
      struct("client", "StatisticsClientPackets"),
      struct("timeouts", "StatisticsTimeouts"),
      pad(4),
      struct("reclock", "StatisticsReclock"),
      struct("locks", "StatisticsLocks"),
      u32("totalCalls"),
      u32("pendingCalls"),
      u32("childwriteCalls"),
      u32("pendingChildwriteCalls"),
      u32("memoryUsed"),
      { name: "lastCounter", type: { pad: 4 }, doc: "end marker of the plain counters" },
      u32("maxHopCount"),
      {
        name: "hopCountBucket",
        type: { array: "u32", length: 16 },
        doc: "by the number of significant bits of the hop count",
      },
      pad(4),
      struct("callLatency", "Latency"),
      struct("childwriteLatency", "Latency"),
      u32("numRecoveries"),
      pad(4),
      struct("statisticsStartTime", "Timeval"),
      struct("statisticsCurrentTime", "Timeval"),
      u32("totalRoDelegations"),
      u32("totalRoRevokes"),
    ],
  },
  {
    name: "StatisticsList",
    doc: "Statistics of past intervals, newest first.",
    fields: [
      { name: "num", type: { countOf: "stats" } },
      pad(4),
      { name: "stats", type: { list: { struct: "Statistics" } } },
    ],
  },
  {
    name: "VacuumStatistics",
    doc: "Latency of vacuuming runs.",
    fields: [struct("latency", "Latency")],
  },
  {
    name: "HotKey",
    doc: "A key that was redirected often; a slot that is not in use has count 0 and no key.",
    fields: [
      u32("count", "hop count that made it hot"),
      pad(4),
      { name: "pointer", type: { pad: 8 }, doc: "address in the sender's memory: 0 here, ignored" },
      { name: "keylen", type: { lengthOf: "key" }, doc: "u64" },
      { name: "key", type: "bytes", doc: "behind all slots" },
    ],
    handWritten: "hot-keys",
    sizeMin: 24,
  },
  {
    name: "HotKeys",
    doc: "All slots for hot keys, then their keys without padding.",
    fields: [{ name: "slots", type: { array: { struct: "HotKey" }, length: 10 } }],
    handWritten: "hot-keys",
    sizeMin: 240,
  },
  {
    name: "DbStatistics",
    doc: "Counters of a database.",
    fields: [
      struct("locks", "StatisticsLocks"),
      struct("vacuum", "VacuumStatistics"),
      u32("dbRoDelegations"),
      u32("dbRoRevokes"),
      { name: "hopCountBucket", type: { array: "u32", length: 16 } },
      u32("numHotKeys", "10 on the wire"),
      pad(4),
      struct("hotKeys", "HotKeys"),
    ],
  },
];

/** Payloads of messages. */
const messagePayloads: readonly Structure[] = [
  {
    name: "SrvidMessage",
    doc: "Where to send the answer; srvid 0: no answer is wanted.",
    fields: [u32("pnn"), pad(4), { name: "srvid", type: "u64" }],
  },
  {
    name: "DisableMessage",
    doc: "Forbids takeover runs or recoveries for a while. Exactly 24 bytes, or it is ignored.",
    fields: [
      u32("pnn", "where the answer goes"),
      pad(4),
      { name: "srvid", type: "u64", doc: "0: no answer is wanted" },
      u32("timeout", "seconds; 0: allow again"),
      pad(4),
    ],
    exact: true,
  },
  {
    name: "ElectionMessage",
    doc: "Data on which nodes decide who becomes leader.",
    exact: true,
    fields: [u32("numConnected"), pad(4), struct("priorityTime", "Timeval"), u32("pnn"), u32("nodeFlags")],
  },
  {
    name: "ServerId",
    doc: "Samba's address of a process.",
    fields: [
      { name: "pid", type: "u64" },
      u32("taskId"),
      u32("vnn", "pnn of the node; 0xffffffff: not clustered"),
      { name: "uniqueId", type: "u64", doc: "0xffffffffffffffff: not to be verified" },
    ],
  },
  {
    name: "SambaMessage",
    doc: "Message between Samba processes; the daemon does not look inside.",
    fields: [struct("dst", "ServerId"), struct("src", "ServerId"), u32("messageType"), { name: "body", type: "rest" }],
  },
];

/** Contents of g_lock.tdb. */
const gLock: readonly Structure[] = [
  {
    name: "GLockWatcher",
    doc: "A process that waits for a change of a g_lock record.",
    fields: [struct("server", "ServerId"), { name: "instance", type: "u64" }],
  },
  {
    name: "GLockState",
    doc: "Who holds a lock.",
    fields: [
      struct("exclusive", "ServerId", "pid 0: none"),
      { name: "uniqueLockEpoch", type: "u64" },
      { name: "uniqueDataEpoch", type: "u64" },
      { name: "numShared", type: { countOf: "shared" } },
      { name: "shared", type: { list: { struct: "ServerId" } } },
      { name: "userData", type: "rest" },
    ],
  },
  {
    name: "SambaGLock",
    doc: "Data of a g_lock record as Samba writes it. No data at all: not locked, nobody waits.",
    fields: [
      { name: "numWatchers", type: { countOf: "watchers" } },
      { name: "watchers", type: { list: { struct: "GLockWatcher" } } },
      {
        name: "state",
        type: { struct: "GLockState" },
        doc: "missing (less than 44 bytes) where nobody holds the lock",
      },
    ],
    handWritten: "g-lock",
    sizeMin: 0,
  },
  {
    name: "ToolGLock",
    doc: "One holder in a g_lock record as the ctdb tool writes it: the record is an array of these. Samba's format is another one.",
    fields: [u32("type", "0 read, 1 write"), pad(4), struct("server", "ServerId")],
  },
];

/** The event daemon's protocol. Packets have no alignment and no padding. */
const eventd: readonly Structure[] = [
  {
    name: "EventdHeader",
    doc: "In front of every request and reply of the event daemon.",
    fields: [u32("length", "whole packet"), u32("version", "0, not checked"), u32("reqid"), u32("command")],
  },
  {
    name: "EventdRun",
    doc: "RUN: runs the scripts of a component for an event.",
    exact: true,
    fields: [
      { name: "component", type: { stringn: "required" }, doc: "`legacy` for all that ctdbd runs" },
      { name: "event", type: { stringn: "required" } },
      {
        name: "args",
        type: { stringn: "nullable" },
        doc: "words separated by blanks; null for the events init and shutdown",
      },
      u32("timeout", "seconds"),
      u32("flags"),
    ],
  },
  {
    name: "EventdStatus",
    doc: "STATUS: result of the last run of an event.",
    exact: true,
    fields: [
      { name: "component", type: { stringn: "required" } },
      { name: "event", type: { stringn: "required" } },
    ],
  },
  {
    name: "EventdScript",
    doc: "SCRIPT: enables or disables a script.",
    exact: true,
    fields: [
      { name: "component", type: { stringn: "required" } },
      { name: "script", type: { stringn: "required" } },
      u32("action", "0 disable, 1 enable"),
    ],
  },
  {
    name: "EventdScriptResult",
    doc: "How a script ended.",
    fields: [
      { name: "name", type: { stringn: "required" }, doc: "without .script" },
      struct("begin", "Timeval"),
      struct("end", "Timeval"),
      { name: "result", type: "i32", doc: "exit status, or a negative errno" },
      { name: "output", type: { stringn: "nullable", lossy: true }, doc: "stdout and stderr" },
    ],
  },
  {
    name: "EventdScriptList",
    doc: "Results of the scripts of an event.",
    fields: [
      { name: "summary", type: "i32", doc: "0, or the result of the script that failed" },
      { name: "numScripts", type: { countOf: "scripts", signed: true } },
      { name: "scripts", type: { list: { struct: "EventdScriptResult" } } },
    ],
  },
];

const stringn = (name: string, doc?: string): Field => ({
  name,
  type: { stringn: "required" },
  ...(doc === undefined ? {} : { doc }),
});
const seconds = (name: string, doc: string): Field => ({ name, type: "f64", doc });
const counter = (name: string, doc: string): Field => ({ name, type: "safe64", doc });
const listOf = (name: string, of: Field["type"], doc?: string): Field[] => [
  { name: `num${name[0]?.toUpperCase()}${name.slice(1)}`, type: { countOf: name } },
  { name, type: { list: of }, ...(doc === undefined ? {} : { doc }) },
];

/** Payloads of the controls from 1000 on, which only ctdb-ts has. */
const own: readonly Structure[] = [
  {
    name: "LoopKind",
    doc: "Handlers of one kind.",
    fields: [
      stringn("name", "like `control GETVNNMAP`"),
      counter("count", "how many ran"),
      seconds("total", "seconds, of all"),
      seconds("max", "seconds, of the longest run of them without another kind in between"),
    ],
  },
  {
    name: "LoopTurnPart",
    doc: "Handlers of one kind in one turn.",
    fields: [stringn("name"), u32("count"), seconds("total", "seconds")],
  },
  {
    name: "LoopTurn",
    doc: "A turn of the loop that was longer than the limit.",
    fields: [
      struct("end", "Timeval"),
      seconds("total", "seconds"),
      seconds("cpu", "seconds of CPU time that the process used meanwhile"),
      u32("inHandlers", "0: the time passed outside of handlers; the process was stopped, or its runtime was busy"),
      ...listOf("parts", { struct: "LoopTurnPart" }, "worst first"),
    ],
  },
  {
    name: "LoopTimes",
    doc: "What the daemon's event loop ran.",
    fields: [
      seconds("elapsed", "seconds since the counters were reset"),
      seconds("busy", "seconds of these in handlers"),
      u32("limitMs", "longer turns are logged; 0: none are"),
      counter("longTurns", "how many were"),
      ...listOf("kinds", { struct: "LoopKind" }),
      ...listOf("turns", { struct: "LoopTurn" }, "newest first"),
    ],
  },
  {
    name: "LockHolder",
    doc: "A process that holds a lock of a TDB file.",
    fields: [
      u32("pid", "0: unknown"),
      stringn("commandLine"),
      stringn("lock", "what it holds, for people: `mutex of chain 17`"),
      ...listOf("keys", { struct: "Stringn" }, "hexadecimal, of records in its chain"),
    ],
  },
  {
    name: "LockWait",
    doc: "A chain of a database, or a whole database, for which the daemon waits.",
    fields: [
      u32("dbId"),
      stringn("database", "name"),
      { name: "chain", type: "i32", doc: "-1: all records (a freeze)" },
      stringn("key", "of the first request, hexadecimal; empty for a freeze"),
      seconds("waited", "seconds"),
      u32("requests", "how many wait for it"),
      ...listOf("holders", { struct: "LockHolder" }),
    ],
  },
  {
    name: "LockWaits",
    doc: "What the daemon waits for, longest wait first.",
    fields: [
      u32("total", "chains and databases that are waited for; the list may be shorter"),
      ...listOf("waits", { struct: "LockWait" }),
    ],
  },
];

/** Kept in the libraries only; no live control uses them. */
const obsolete: readonly Structure[] = [
  {
    name: "LegacyScript",
    doc: "Script status of the removed control GET_EVENT_SCRIPT_STATUS.",
    fields: [
      { name: "name", type: { fixedText: 32 } },
      struct("start", "Timeval"),
      struct("finished", "Timeval"),
      { name: "status", type: "i32" },
      { name: "output", type: { fixedText: 512 } },
      pad(4),
    ],
  },
  {
    name: "LegacyScriptList",
    doc: "List of the removed control GET_EVENT_SCRIPT_STATUS.",
    fields: [
      { name: "num", type: { countOf: "scripts" } },
      pad(4),
      { name: "scripts", type: { list: { struct: "LegacyScript" } } },
    ],
  },
  {
    name: "LegacyPullDb",
    doc: "Request of the removed control PULL_DB.",
    fields: [u32("dbId"), u32("lmaster")],
  },
];

export interface StructureGroup {
  readonly title: string;
  readonly structures: readonly Structure[];
}

export const structureGroups: readonly StructureGroup[] = [
  { title: "Plain values", structures: values },
  { title: "Records", structures: records },
  { title: "Nodes and addresses", structures: nodes },
  { title: "Databases", structures: databases },
  { title: "Counters", structures: statistics },
  { title: "Message payloads", structures: messagePayloads },
  { title: "g_lock", structures: gLock },
  { title: "Event daemon", structures: eventd },
  { title: "Of ctdb-ts only", structures: own },
  { title: "Obsolete", structures: obsolete },
];
