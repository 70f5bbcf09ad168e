// Every control: what it asks, what it answers, where it may be sent. Obsolete numbers are kept, they are never used again.
import type { ControlDefinition, Payload } from "./language.js";

type Details = Omit<ControlDefinition, "opcode" | "name" | "status" | "scope" | "users">;

/** A control that any node answers. */
const any = (opcode: number, name: string, users: string, details: Details = {}): ControlDefinition => ({
  opcode,
  name,
  status: "live",
  scope: "any",
  users,
  ...details,
});
/** A control that must go to the daemon that owns the client connection. */
const connection = (opcode: number, name: string, users: string, details: Details = {}): ControlDefinition => ({
  opcode,
  name,
  status: "live",
  scope: "connection",
  users,
  ...details,
});
/** A control from daemon to daemon. */
const daemon = (opcode: number, name: string, users: string, details: Details = {}): ControlDefinition => ({
  opcode,
  name,
  status: "live",
  scope: "daemon",
  users,
  ...details,
});
const obsolete = (opcode: number, name: string, doc?: string): ControlDefinition => ({
  opcode,
  name,
  status: "obsolete",
  ...(doc === undefined ? {} : { doc }),
});

const of = (struct: string, label?: string): Payload => (label === undefined ? { struct } : { struct, label });
const dbId = { request: of("U32", "db_id"), exact: 4 } as const;
const none = { exact: 0 } as const;

/** The first number of the controls that only ctdb-ts has; C daemons answer them with status -1. */
export const FIRST_OWN_OPCODE = 1000;

const ownControls: readonly ControlDefinition[] = [
  any(1000, "LOOP_TIMES", "T", {
    ...none,
    reply: of("LoopTimes"),
    doc: "Only ctdb-ts: what the event loop ran, and its long turns.",
  }),
  any(1001, "LOOP_RESET", "T", { ...none, doc: "Only ctdb-ts: sets the counters of LOOP_TIMES to zero." }),
  any(1002, "LOCK_WAITS", "T", {
    request: of("U32", "db_id, 0: all databases"),
    exact: 4,
    reply: of("LockWaits"),
    async: true,
    doc: "Only ctdb-ts: the locks that the daemon waits for, and which processes hold them.",
  }),
];

export const controls: readonly ControlDefinition[] = [
  any(0, "PROCESS_EXISTS", "S T", {
    request: of("I32", "pid"),
    exact: 4,
    doc: "0 if a client connection of the node has this peer pid and the process is alive, else -1. An inactive node disconnects that client and answers -1.",
  }),
  any(1, "STATISTICS", "T", { ...none, reply: of("Statistics") }),
  any(3, "PING", "T", { ...none, replyInStatus: "number of connected clients" }),
  any(4, "GETDBPATH", "S T", { ...dbId, reply: of("StringToEnd", "path of the tdb file, with the pnn at its end") }),
  any(5, "GETVNNMAP", "R T", { ...none, reply: of("VnnMap") }),
  any(6, "SETVNNMAP", "R", {
    request: of("VnnMap"),
    doc: "Only while recovery is active, else -1; -1 on an inactive node.",
  }),
  any(7, "GET_DEBUG", "T", { ...none, reply: of("I32", "debug level") }),
  any(8, "SET_DEBUG", "T", { request: of("I32", "debug level"), exact: 4, doc: "Any value is accepted." }),
  any(9, "GET_DBMAP", "R T", { ...none, reply: of("DbMap") }),
  obsolete(10, "GET_NODEMAPv4"),
  obsolete(11, "SET_DMASTER"),
  obsolete(13, "PULL_DB"),
  obsolete(14, "PUSH_DB"),
  any(15, "GET_RECMODE", "R T", { replyInStatus: "recovery mode: 0 normal, 1 active" }),
  any(16, "SET_RECMODE", "R", {
    request: of("U32", "recovery mode"),
    exact: 4,
    async: true,
    doc:
      "Active: starts the timer that drops all public addresses. Normal: fails unless all databases have the generation of the VNN map; thaws " +
      "them; with a cluster lock, fails if this node can take it.",
  }),
  any(17, "STATISTICS_RESET", "T", { ...none, doc: "Counters of the daemon and of its databases become zero." }),
  any(18, "DB_ATTACH", "S T D R", {
    request: of("StringToEnd", "database name"),
    reply: of("U32", "db_id"),
    doc: "Volatile database. Deferred (no reply yet) for a client while recovery is active or the daemon starts.",
  }),
  obsolete(19, "SET_CALL"),
  connection(20, "TRAVERSE_START", "S", {
    request: of("TraverseStart"),
    exact: 16,
    doc: "Records come as messages to the srvid; the last one is an end marker.",
  }),
  daemon(21, "TRAVERSE_ALL", "D", { request: of("TraverseAll"), exact: 24, noReply: true }),
  daemon(22, "TRAVERSE_DATA", "D C", {
    request: of("RecData"),
    noReply: true,
    doc: "One record for the node that started the traverse; sent by a child of the daemon as a client.",
  }),
  connection(23, "REGISTER_SRVID", "S T R", {
    srvid: "the srvid to register",
    doc: "Registering twice gives every message twice.",
  }),
  connection(24, "DEREGISTER_SRVID", "S T R", {
    srvid: "the srvid to deregister",
    doc: "Removes one registration; status 2 (ENOENT) if there is none.",
  }),
  any(25, "GET_DBNAME", "T R", { ...dbId, reply: of("StringToEnd", "database name") }),
  any(26, "ENABLE_SEQNUM", "S", { ...dbId, doc: "Sets the SEQNUM flag of the tdb and begins to spread its changes." }),
  daemon(27, "UPDATE_SEQNUM", "D", { ...dbId, noReply: true, doc: "The receivers raise their sequence number." }),
  any(29, "DUMP_MEMORY", "T", { ...none, reply: of("TextToEnd", "memory report") }),
  any(30, "GET_PID", "T", { replyInStatus: "pid of the daemon" }),
  obsolete(31, "GET_RECMASTER", "Since 4.16."),
  obsolete(32, "SET_RECMASTER"),
  daemon(33, "FREEZE", "D", {
    ...none,
    async: true,
    doc: "Sent by a daemon to itself when it becomes inactive: freezes all databases and marks their records invalid.",
  }),
  obsolete(34, "THAW"),
  any(35, "GET_PNN", "S T", { replyInStatus: "pnn", doc: "The first control of every client." }),
  any(36, "SHUTDOWN", "T", { doc: "The connection closes, normally without a reply." }),
  obsolete(37, "GET_MONMODE"),
  obsolete(42, "TAKEOVER_IPv4"),
  obsolete(43, "RELEASE_IPv4"),
  connection(44, "TCP_CLIENT", "S", {
    request: of("Connection"),
    exact: 56,
    doc: "A client has connected to a public address of this node; -1 if the node does not host the address.",
  }),
  daemon(45, "TCP_ADD", "D", {
    request: of("Connection"),
    exact: 56,
    noReply: true,
    doc: "Adds to the tickle list of dst.",
  }),
  any(46, "TCP_REMOVE", "D T", { request: of("Connection"), exact: 56, doc: "Removes from the tickle list of dst." }),
  daemon(47, "STARTUP", "D", {
    ...none,
    noReply: true,
    doc: "A node is RUNNING; receivers push tickle lists of addresses they host.",
  }),
  any(48, "SET_TUNABLE", "T", {
    request: of("TunableSetting"),
    atLeast: 12,
    doc: "Status 1 if the tunable is obsolete, -1 if it is unknown. Not kept over a restart.",
  }),
  any(49, "GET_TUNABLE", "T R", {
    request: of("Stringn", "name, case does not matter"),
    reply: of("U32", "value"),
    atLeast: 8,
    doc: "Status -22 if the name is unknown.",
  }),
  any(50, "LIST_TUNABLES", "T", { reply: of("TunableNames", "names that are not obsolete") }),
  obsolete(51, "GET_PUBLIC_IPSv4"),
  any(52, "MODIFY_FLAGS", "R", {
    request: of("NodeFlagChange"),
    exact: 12,
    doc: "Changes the recorded flags of another node; ignored for the node itself and for disconnected ones.",
  }),
  any(53, "GET_ALL_TUNABLES", "R T", { ...none, reply: of("TunableList") }),
  obsolete(54, "KILL_TCP"),
  any(55, "GET_TCP_TICKLE_LIST", "T", {
    request: of("SockAddr", "public address; a port filters"),
    exact: 28,
    reply: of("TickleList"),
    doc: "Status 1 if it is no public address.",
  }),
  daemon(56, "SET_TCP_TICKLE_LIST", "D", {
    request: of("TickleList"),
    noReply: true,
    doc: "Replaces the list; ignored by the node that hosts the address. Status 1 if it is no public address.",
  }),
  obsolete(57, "REGISTER_SERVER_ID"),
  obsolete(58, "UNREGISTER_SERVER_ID"),
  obsolete(59, "CHECK_SERVER_ID"),
  obsolete(60, "GET_SERVER_ID_LIST"),
  any(61, "DB_ATTACH_PERSISTENT", "S T D R", {
    request: of("StringToEnd", "database name"),
    reply: of("U32", "db_id"),
    doc: "Like DB_ATTACH, persistent.",
  }),
  obsolete(62, "PERSISTENT_STORE"),
  daemon(63, "UPDATE_RECORD", "D C", {
    request: of("RecBuffer"),
    async: true,
    doc: "Stores records in one tdb transaction; fails if a local rsn is as high and the data differs. Refused during recovery.",
  }),
  any(64, "SEND_GRATUITOUS_ARP", "T", { request: of("AddrInfo") }),
  obsolete(65, "TRANSACTION_START"),
  obsolete(66, "TRANSACTION_COMMIT"),
  any(67, "WIPE_DATABASE", "R T", {
    request: of("TransDb"),
    exact: 8,
    doc: "The database must be frozen, with a started transaction of this tid.",
  }),
  any(69, "UPTIME", "T", { reply: of("Uptime") }),
  any(70, "START_RECOVERY", "R", { async: true, doc: "Event `startrecovery`; the status is that of the event." }),
  any(71, "END_RECOVERY", "R", {
    async: true,
    doc: "Event `recovered`; the status is that of the event. Ends pending TRANS3 commits.",
  }),
  any(72, "RELOAD_NODES_FILE", "T", { ...none }),
  any(74, "TRY_DELETE_RECORDS", "D", {
    request: of("RecBuffer", "records whose data is the record header only"),
    reply: of("RecBuffer", "records that were not deleted"),
  }),
  obsolete(75, "ENABLE_MONITOR"),
  obsolete(76, "DISABLE_MONITOR"),
  any(77, "ADD_PUBLIC_IP", "T C", { request: of("AddrInfo"), doc: "-1 if the address is known already." }),
  any(78, "DEL_PUBLIC_IP", "T C", {
    request: of("AddrInfo"),
    doc: "-1 if it is unknown. A hosted address goes away when it is released.",
  }),
  obsolete(79, "RUN_EVENTSCRIPTS"),
  any(80, "GET_CAPABILITIES", "R T", { reply: of("U32", "capabilities") }),
  connection(81, "START_PERSISTENT_UPDATE", "S", {
    doc: "Kept for old clients: counts; a client that goes away with a count forces a recovery.",
  }),
  connection(82, "CANCEL_PERSISTENT_UPDATE", "S", { doc: "Counts down." }),
  obsolete(83, "TRANS2_COMMIT"),
  obsolete(84, "TRANS2_FINISHED"),
  obsolete(85, "TRANS2_ERROR"),
  obsolete(86, "TRANS2_COMMIT_RETRY"),
  any(87, "RECD_PING", "R", { ...none, doc: "The recovery daemon is alive; only to its own daemon." }),
  any(88, "RELEASE_IP", "R", {
    request: of("PublicIp", "pnn: node that shall host the address"),
    exact: 32,
    async: true,
    doc: "Event `releaseip`, then message RELEASE_IP to local clients.",
  }),
  any(89, "TAKEOVER_IP", "R", {
    request: of("PublicIp", "pnn: the receiver"),
    exact: 32,
    async: true,
    doc: "Event `takeip` or `updateip`, then message TAKE_IP to local clients.",
  }),
  any(90, "GET_PUBLIC_IPS", "R T S", {
    ...none,
    reply: of("PublicIpList"),
    doc: "Control flag PUBLIC_IPS_ONLY_AVAILABLE: only addresses that this node can host now.",
  }),
  any(91, "GET_NODEMAP", "S T R", { ...none, reply: of("NodeMap") }),
  obsolete(96, "GET_EVENT_SCRIPT_STATUS"),
  daemon(97, "TRAVERSE_KILL", "D", { request: of("TraverseStart"), exact: 16, noReply: true }),
  any(98, "RECD_RECLOCK_LATENCY", "R", { request: of("F64", "seconds"), exact: 8, doc: "Only to its own daemon." }),
  any(99, "GET_RECLOCK_FILE", "R T D", {
    ...none,
    reply: of("OptionalStringToEnd", "the cluster lock setting, null: none"),
  }),
  obsolete(100, "SET_RECLOCK_FILE"),
  any(101, "STOP_NODE", "T", { ...none }),
  any(102, "CONTINUE_NODE", "T", { ...none }),
  obsolete(103, "SET_NATGWSTATE"),
  any(104, "SET_LMASTERROLE", "T", { request: of("U32", "0: without the capability"), exact: 4 }),
  any(105, "SET_RECMASTERROLE", "T", { request: of("U32", "0: without the capability"), exact: 4 }),
  obsolete(107, "ENABLE_SCRIPT"),
  obsolete(108, "DISABLE_SCRIPT"),
  any(109, "SET_BAN_STATE", "T R", {
    request: of("BanState"),
    exact: 8,
    doc: "-1 if pnn is not the receiver. Time 0 ends the ban. Ignored where EnableBans is 0.",
  }),
  any(110, "GET_BAN_STATE", "T", { ...none, reply: of("BanState") }),
  obsolete(111, "SET_DB_PRIORITY"),
  obsolete(112, "GET_DB_PRIORITY"),
  obsolete(113, "TRANSACTION_CANCEL"),
  connection(114, "REGISTER_NOTIFY", "S", {
    request: of("Notify"),
    doc: "The message is broadcast when the client goes away. -1 if the client has this srvid already.",
  }),
  connection(115, "DEREGISTER_NOTIFY", "S", {
    request: of("U64", "srvid"),
    exact: 8,
    doc: "-1 if it is not registered.",
  }),
  obsolete(116, "TRANS2_ACTIVE"),
  obsolete(117, "GET_LOG"),
  obsolete(118, "CLEAR_LOG"),
  connection(119, "TRANS3_COMMIT", "S T", {
    request: of("RecBuffer"),
    async: true,
    doc: "Commits records of a persistent or replicated database on all active nodes. Status 1: timeout, 2: ended by recovery.",
  }),
  any(120, "GET_DB_SEQNUM", "T R", {
    request: of("PaddedDbId", "db_id"),
    exact: 8,
    reply: of("Seqnum", "sequence number"),
  }),
  any(121, "DB_SET_HEALTHY", "T R", { ...dbId }),
  any(122, "DB_GET_HEALTH", "T R", { ...dbId, reply: of("OptionalStringToEnd", "why it is unhealthy, null: healthy") }),
  any(123, "GET_PUBLIC_IP_INFO", "T", { request: of("SockAddr"), exact: 28, reply: of("PublicIpInfo") }),
  any(124, "GET_IFACES", "R T", { ...none, reply: of("IfaceList") }),
  any(125, "SET_IFACE_LINK_STATE", "T C", { request: of("Iface"), exact: 24, doc: "link state 0 or 1, references 0." }),
  any(126, "TCP_ADD_DELAYED_UPDATE", "T", {
    request: of("Connection"),
    exact: 56,
    doc: "Like TCP_ADD, but the list is pushed at the next tickle interval.",
  }),
  any(127, "GET_STAT_HISTORY", "T", { ...none, reply: of("StatisticsList") }),
  any(128, "SCHEDULE_FOR_DELETION", "S C", {
    request: of("ScheduleForDeletion"),
    srvid: "db_id (smbd)",
    doc: "The record may be vacuumed. smbd wants no reply.",
  }),
  any(129, "SET_DB_READONLY", "S T", { ...dbId, doc: "Volatile databases only; acts on the addressed node only." }),
  obsolete(130, "CHECK_SRVIDS"),
  connection(131, "TRAVERSE_START_EXT", "T", { request: of("TraverseStartExt"), exact: 24 }),
  any(132, "GET_DB_STATISTICS", "T", { ...dbId, reply: of("DbStatistics") }),
  any(133, "SET_DB_STICKY", "T", { ...dbId, doc: "Volatile databases only; acts on the addressed node only." }),
  any(134, "RELOAD_PUBLIC_IPS", "T", { ...none, async: true }),
  daemon(135, "TRAVERSE_ALL_EXT", "D", { request: of("TraverseAllExt"), exact: 32, noReply: true }),
  obsolete(136, "RECEIVE_RECORDS"),
  any(137, "IPREALLOCATED", "R", {
    ...none,
    async: true,
    doc: "Event `ipreallocated`; the status is that of the event.",
  }),
  any(138, "GET_RUNSTATE", "R T", { ...none, reply: of("U32", "run state") }),
  any(139, "DB_DETACH", "T D", {
    request: of("U32", "db_id"),
    doc: "Volatile databases only; refused where AllowClientDBAttach is 1.",
  }),
  any(140, "GET_NODES_FILE", "T", {
    ...none,
    reply: of("NodeMap", "as parsed from the file now; flags are 0 or DELETED"),
  }),
  any(141, "DB_FREEZE", "R", { ...dbId, async: true }),
  any(142, "DB_THAW", "R", { ...dbId, doc: "Pending calls are sent again." }),
  any(143, "DB_TRANSACTION_START", "R", { request: of("TransDb"), exact: 8 }),
  any(144, "DB_TRANSACTION_COMMIT", "R", {
    request: of("TransDb"),
    exact: 8,
    doc: "The database's generation becomes tid.",
  }),
  any(145, "DB_TRANSACTION_CANCEL", "R", { ...dbId }),
  any(146, "DB_PULL", "R", {
    request: of("PullDb"),
    exact: 16,
    reply: of("U32", "number of records"),
    async: true,
    doc: "Records come as messages to srvid first.",
  }),
  any(147, "DB_PUSH_START", "R T", {
    request: of("PullDb"),
    exact: 16,
    doc: "The records follow as messages to srvid.",
  }),
  any(148, "DB_PUSH_CONFIRM", "R T", { ...dbId, reply: of("U32", "number of records received") }),
  any(149, "DB_OPEN_FLAGS", "S T", { ...dbId, reply: of("I32", "tdb open flags; clients must open with these") }),
  any(150, "DB_ATTACH_REPLICATED", "T D R", {
    request: of("StringToEnd", "database name"),
    reply: of("U32", "db_id"),
    doc: "Like DB_ATTACH, replicated.",
  }),
  any(151, "CHECK_PID_SRVID", "S T", {
    request: of("PidSrvid"),
    exact: 12,
    doc: "0 if a client with this pid registered this srvid, else -1.",
  }),
  connection(152, "TUNNEL_REGISTER", "T", {
    srvid: "the tunnel id",
    doc: "-1 if it is registered on this node already.",
  }),
  connection(153, "TUNNEL_DEREGISTER", "T", { srvid: "the tunnel id", doc: "-1 if it is not registered." }),
  any(154, "VACUUM_FETCH", "D", {
    request: of("RecBuffer", "keys only"),
    doc: "To the lmaster: migrate these records to yourself, to be vacuumed.",
  }),
  any(155, "DB_VACUUM", "T", { request: of("DbVacuum"), exact: 5, async: true, doc: "-1 if a run is in progress." }),
  any(156, "ECHO_DATA", "T", { request: of("Echo"), reply: of("Echo"), async: true }),
  any(157, "DISABLE_NODE", "T", { ...none }),
  any(158, "ENABLE_NODE", "T", { ...none }),
  connection(159, "TCP_CLIENT_DISCONNECTED", "S", {
    request: of("Connection"),
    exact: 56,
    since: "4.20",
    doc: "The connection of TCP_CLIENT is closed. Unknown to older daemons: -1.",
  }),
  connection(160, "TCP_CLIENT_PASSED", "S", {
    request: of("Connection"),
    exact: 56,
    since: "4.20",
    doc: "The connection of TCP_CLIENT went to another process; like DISCONNECTED, but it stays in the tickle list.",
  }),
  any(161, "START_IPREALLOCATE", "R", {
    ...none,
    async: true,
    since: "4.21",
    doc: "Event `startipreallocate`, then the message; 0 at once before the daemon is RUNNING.",
  }),
  ...ownControls,
];

/** Numbers that had a control once, or never; answered with status -1. */
export const removedOpcodes: readonly number[] = [2, 12, 28, 38, 39, 40, 41, 68, 73, 92, 93, 94, 95, 106];
