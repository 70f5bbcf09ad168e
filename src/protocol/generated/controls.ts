// Generated from src/protocol/schema by `npm run generate`. Do not edit.
// The table of controls.
import type { ControlEntry, ObsoleteControlEntry } from "../control-table.js";
import { StatusReply } from "../status-reply.js";
import {
  AddrInfo,
  BanState,
  Connection,
  DbMap,
  DbStatistics,
  DbVacuum,
  Echo,
  Empty,
  F64,
  I32,
  Iface,
  IfaceList,
  LockWaits,
  LoopTimes,
  NodeFlagChange,
  NodeMap,
  Notify,
  OptionalStringToEnd,
  PaddedDbId,
  PidSrvid,
  PublicIp,
  PublicIpInfo,
  PublicIpList,
  PullDb,
  RecBuffer,
  RecData,
  ScheduleForDeletion,
  Seqnum,
  SockAddr,
  Statistics,
  StatisticsList,
  StringToEnd,
  Stringn,
  TextToEnd,
  TickleList,
  TransDb,
  TraverseAll,
  TraverseAllExt,
  TraverseStart,
  TraverseStartExt,
  TunableList,
  TunableNames,
  TunableSetting,
  U32,
  U64,
  Uptime,
  VnnMap,
} from "../structures.js";

/** Request and reply value of each control; undefined where there is none. */
export interface ControlPayloads {
  /** Request: pid. */
  PROCESS_EXISTS: { request: I32; reply: undefined };
  STATISTICS: { request: undefined; reply: Statistics };
  /** Reply, in the status: number of connected clients. */
  PING: { request: undefined; reply: number };
  /** Request: db_id. Reply: path of the tdb file, with the pnn at its end. */
  GETDBPATH: { request: U32; reply: StringToEnd };
  GETVNNMAP: { request: undefined; reply: VnnMap };
  SETVNNMAP: { request: VnnMap; reply: undefined };
  /** Reply: debug level. */
  GET_DEBUG: { request: undefined; reply: I32 };
  /** Request: debug level. */
  SET_DEBUG: { request: I32; reply: undefined };
  GET_DBMAP: { request: undefined; reply: DbMap };
  /** Reply, in the status: recovery mode: 0 normal, 1 active. */
  GET_RECMODE: { request: undefined; reply: number };
  /** Request: recovery mode. */
  SET_RECMODE: { request: U32; reply: undefined };
  STATISTICS_RESET: { request: undefined; reply: undefined };
  /** Request: database name. Reply: db_id. */
  DB_ATTACH: { request: StringToEnd; reply: U32 };
  TRAVERSE_START: { request: TraverseStart; reply: undefined };
  TRAVERSE_ALL: { request: TraverseAll; reply: undefined };
  TRAVERSE_DATA: { request: RecData; reply: undefined };
  /** The srvid of the packet: the srvid to register. */
  REGISTER_SRVID: { request: undefined; reply: undefined };
  /** The srvid of the packet: the srvid to deregister. */
  DEREGISTER_SRVID: { request: undefined; reply: undefined };
  /** Request: db_id. Reply: database name. */
  GET_DBNAME: { request: U32; reply: StringToEnd };
  /** Request: db_id. */
  ENABLE_SEQNUM: { request: U32; reply: undefined };
  /** Request: db_id. */
  UPDATE_SEQNUM: { request: U32; reply: undefined };
  /** Reply: memory report. */
  DUMP_MEMORY: { request: undefined; reply: TextToEnd };
  /** Reply, in the status: pid of the daemon. */
  GET_PID: { request: undefined; reply: number };
  FREEZE: { request: undefined; reply: undefined };
  /** Reply, in the status: pnn. */
  GET_PNN: { request: undefined; reply: number };
  SHUTDOWN: { request: undefined; reply: undefined };
  TCP_CLIENT: { request: Connection; reply: undefined };
  TCP_ADD: { request: Connection; reply: undefined };
  TCP_REMOVE: { request: Connection; reply: undefined };
  STARTUP: { request: undefined; reply: undefined };
  SET_TUNABLE: { request: TunableSetting; reply: undefined };
  /** Request: name, case does not matter. Reply: value. */
  GET_TUNABLE: { request: Stringn; reply: U32 };
  /** Reply: names that are not obsolete. */
  LIST_TUNABLES: { request: undefined; reply: TunableNames };
  MODIFY_FLAGS: { request: NodeFlagChange; reply: undefined };
  GET_ALL_TUNABLES: { request: undefined; reply: TunableList };
  /** Request: public address; a port filters. */
  GET_TCP_TICKLE_LIST: { request: SockAddr; reply: TickleList };
  SET_TCP_TICKLE_LIST: { request: TickleList; reply: undefined };
  /** Request: database name. Reply: db_id. */
  DB_ATTACH_PERSISTENT: { request: StringToEnd; reply: U32 };
  UPDATE_RECORD: { request: RecBuffer; reply: undefined };
  SEND_GRATUITOUS_ARP: { request: AddrInfo; reply: undefined };
  WIPE_DATABASE: { request: TransDb; reply: undefined };
  UPTIME: { request: undefined; reply: Uptime };
  START_RECOVERY: { request: undefined; reply: undefined };
  END_RECOVERY: { request: undefined; reply: undefined };
  RELOAD_NODES_FILE: { request: undefined; reply: undefined };
  /** Request: records whose data is the record header only. Reply: records that were not deleted. */
  TRY_DELETE_RECORDS: { request: RecBuffer; reply: RecBuffer };
  ADD_PUBLIC_IP: { request: AddrInfo; reply: undefined };
  DEL_PUBLIC_IP: { request: AddrInfo; reply: undefined };
  /** Reply: capabilities. */
  GET_CAPABILITIES: { request: undefined; reply: U32 };
  START_PERSISTENT_UPDATE: { request: undefined; reply: undefined };
  CANCEL_PERSISTENT_UPDATE: { request: undefined; reply: undefined };
  RECD_PING: { request: undefined; reply: undefined };
  /** Request: pnn: node that shall host the address. */
  RELEASE_IP: { request: PublicIp; reply: undefined };
  /** Request: pnn: the receiver. */
  TAKEOVER_IP: { request: PublicIp; reply: undefined };
  GET_PUBLIC_IPS: { request: undefined; reply: PublicIpList };
  GET_NODEMAP: { request: undefined; reply: NodeMap };
  TRAVERSE_KILL: { request: TraverseStart; reply: undefined };
  /** Request: seconds. */
  RECD_RECLOCK_LATENCY: { request: F64; reply: undefined };
  /** Reply: the cluster lock setting, null: none. */
  GET_RECLOCK_FILE: { request: undefined; reply: OptionalStringToEnd };
  STOP_NODE: { request: undefined; reply: undefined };
  CONTINUE_NODE: { request: undefined; reply: undefined };
  /** Request: 0: without the capability. */
  SET_LMASTERROLE: { request: U32; reply: undefined };
  /** Request: 0: without the capability. */
  SET_RECMASTERROLE: { request: U32; reply: undefined };
  SET_BAN_STATE: { request: BanState; reply: undefined };
  GET_BAN_STATE: { request: undefined; reply: BanState };
  REGISTER_NOTIFY: { request: Notify; reply: undefined };
  /** Request: srvid. */
  DEREGISTER_NOTIFY: { request: U64; reply: undefined };
  TRANS3_COMMIT: { request: RecBuffer; reply: undefined };
  /** Request: db_id. Reply: sequence number. */
  GET_DB_SEQNUM: { request: PaddedDbId; reply: Seqnum };
  /** Request: db_id. */
  DB_SET_HEALTHY: { request: U32; reply: undefined };
  /** Request: db_id. Reply: why it is unhealthy, null: healthy. */
  DB_GET_HEALTH: { request: U32; reply: OptionalStringToEnd };
  GET_PUBLIC_IP_INFO: { request: SockAddr; reply: PublicIpInfo };
  GET_IFACES: { request: undefined; reply: IfaceList };
  SET_IFACE_LINK_STATE: { request: Iface; reply: undefined };
  TCP_ADD_DELAYED_UPDATE: { request: Connection; reply: undefined };
  GET_STAT_HISTORY: { request: undefined; reply: StatisticsList };
  /** The srvid of the packet: db_id (smbd). */
  SCHEDULE_FOR_DELETION: { request: ScheduleForDeletion; reply: undefined };
  /** Request: db_id. */
  SET_DB_READONLY: { request: U32; reply: undefined };
  TRAVERSE_START_EXT: { request: TraverseStartExt; reply: undefined };
  /** Request: db_id. */
  GET_DB_STATISTICS: { request: U32; reply: DbStatistics };
  /** Request: db_id. */
  SET_DB_STICKY: { request: U32; reply: undefined };
  RELOAD_PUBLIC_IPS: { request: undefined; reply: undefined };
  TRAVERSE_ALL_EXT: { request: TraverseAllExt; reply: undefined };
  IPREALLOCATED: { request: undefined; reply: undefined };
  /** Reply: run state. */
  GET_RUNSTATE: { request: undefined; reply: U32 };
  /** Request: db_id. */
  DB_DETACH: { request: U32; reply: undefined };
  /** Reply: as parsed from the file now; flags are 0 or DELETED. */
  GET_NODES_FILE: { request: undefined; reply: NodeMap };
  /** Request: db_id. */
  DB_FREEZE: { request: U32; reply: undefined };
  /** Request: db_id. */
  DB_THAW: { request: U32; reply: undefined };
  DB_TRANSACTION_START: { request: TransDb; reply: undefined };
  DB_TRANSACTION_COMMIT: { request: TransDb; reply: undefined };
  /** Request: db_id. */
  DB_TRANSACTION_CANCEL: { request: U32; reply: undefined };
  /** Reply: number of records. */
  DB_PULL: { request: PullDb; reply: U32 };
  DB_PUSH_START: { request: PullDb; reply: undefined };
  /** Request: db_id. Reply: number of records received. */
  DB_PUSH_CONFIRM: { request: U32; reply: U32 };
  /** Request: db_id. Reply: tdb open flags; clients must open with these. */
  DB_OPEN_FLAGS: { request: U32; reply: I32 };
  /** Request: database name. Reply: db_id. */
  DB_ATTACH_REPLICATED: { request: StringToEnd; reply: U32 };
  CHECK_PID_SRVID: { request: PidSrvid; reply: undefined };
  /** The srvid of the packet: the tunnel id. */
  TUNNEL_REGISTER: { request: undefined; reply: undefined };
  /** The srvid of the packet: the tunnel id. */
  TUNNEL_DEREGISTER: { request: undefined; reply: undefined };
  /** Request: keys only. */
  VACUUM_FETCH: { request: RecBuffer; reply: undefined };
  DB_VACUUM: { request: DbVacuum; reply: undefined };
  ECHO_DATA: { request: Echo; reply: Echo };
  DISABLE_NODE: { request: undefined; reply: undefined };
  ENABLE_NODE: { request: undefined; reply: undefined };
  TCP_CLIENT_DISCONNECTED: { request: Connection; reply: undefined };
  TCP_CLIENT_PASSED: { request: Connection; reply: undefined };
  START_IPREALLOCATE: { request: undefined; reply: undefined };
  LOOP_TIMES: { request: undefined; reply: LoopTimes };
  LOOP_RESET: { request: undefined; reply: undefined };
  /** Request: db_id, 0: all databases. */
  LOCK_WAITS: { request: U32; reply: LockWaits };
}

/** Every control in use, by name. */
export const controlsByName: { readonly [N in keyof ControlPayloads]: ControlEntry<N> } = {
  /** 0 if a client connection of the node has this peer pid and the process is alive, else -1. An inactive node disconnects that client and answers -1. */
  PROCESS_EXISTS: {
    name: "PROCESS_EXISTS",
    opcode: 0,
    obsolete: false,
    scope: "any",
    request: I32,
    reply: Empty,
    exact: 4,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  STATISTICS: {
    name: "STATISTICS",
    opcode: 1,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: Statistics,
    exact: 0,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  PING: {
    name: "PING",
    opcode: 3,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: StatusReply,
    exact: 0,
    replyInStatus: true,
    async: false,
    noReply: false,
  },
  GETDBPATH: {
    name: "GETDBPATH",
    opcode: 4,
    obsolete: false,
    scope: "any",
    request: U32,
    reply: StringToEnd,
    exact: 4,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  GETVNNMAP: {
    name: "GETVNNMAP",
    opcode: 5,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: VnnMap,
    exact: 0,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** Only while recovery is active, else -1; -1 on an inactive node. */
  SETVNNMAP: {
    name: "SETVNNMAP",
    opcode: 6,
    obsolete: false,
    scope: "any",
    request: VnnMap,
    reply: Empty,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  GET_DEBUG: {
    name: "GET_DEBUG",
    opcode: 7,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: I32,
    exact: 0,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** Any value is accepted. */
  SET_DEBUG: {
    name: "SET_DEBUG",
    opcode: 8,
    obsolete: false,
    scope: "any",
    request: I32,
    reply: Empty,
    exact: 4,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  GET_DBMAP: {
    name: "GET_DBMAP",
    opcode: 9,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: DbMap,
    exact: 0,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  GET_RECMODE: {
    name: "GET_RECMODE",
    opcode: 15,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: StatusReply,
    replyInStatus: true,
    async: false,
    noReply: false,
  },
  /** Active: starts the timer that drops all public addresses. Normal: fails unless all databases have the generation of the VNN map; thaws them; with a cluster lock, fails if this node can take it. */
  SET_RECMODE: {
    name: "SET_RECMODE",
    opcode: 16,
    obsolete: false,
    scope: "any",
    request: U32,
    reply: Empty,
    exact: 4,
    replyInStatus: false,
    async: true,
    noReply: false,
  },
  /** Counters of the daemon and of its databases become zero. */
  STATISTICS_RESET: {
    name: "STATISTICS_RESET",
    opcode: 17,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: Empty,
    exact: 0,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** Volatile database. Deferred (no reply yet) for a client while recovery is active or the daemon starts. */
  DB_ATTACH: {
    name: "DB_ATTACH",
    opcode: 18,
    obsolete: false,
    scope: "any",
    request: StringToEnd,
    reply: U32,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** Records come as messages to the srvid; the last one is an end marker. */
  TRAVERSE_START: {
    name: "TRAVERSE_START",
    opcode: 20,
    obsolete: false,
    scope: "connection",
    request: TraverseStart,
    reply: Empty,
    exact: 16,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  TRAVERSE_ALL: {
    name: "TRAVERSE_ALL",
    opcode: 21,
    obsolete: false,
    scope: "daemon",
    request: TraverseAll,
    reply: Empty,
    exact: 24,
    replyInStatus: false,
    async: false,
    noReply: true,
  },
  /** One record for the node that started the traverse; sent by a child of the daemon as a client. */
  TRAVERSE_DATA: {
    name: "TRAVERSE_DATA",
    opcode: 22,
    obsolete: false,
    scope: "daemon",
    request: RecData,
    reply: Empty,
    replyInStatus: false,
    async: false,
    noReply: true,
  },
  /** Registering twice gives every message twice. */
  REGISTER_SRVID: {
    name: "REGISTER_SRVID",
    opcode: 23,
    obsolete: false,
    scope: "connection",
    request: Empty,
    reply: Empty,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** Removes one registration; status 2 (ENOENT) if there is none. */
  DEREGISTER_SRVID: {
    name: "DEREGISTER_SRVID",
    opcode: 24,
    obsolete: false,
    scope: "connection",
    request: Empty,
    reply: Empty,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  GET_DBNAME: {
    name: "GET_DBNAME",
    opcode: 25,
    obsolete: false,
    scope: "any",
    request: U32,
    reply: StringToEnd,
    exact: 4,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** Sets the SEQNUM flag of the tdb and begins to spread its changes. */
  ENABLE_SEQNUM: {
    name: "ENABLE_SEQNUM",
    opcode: 26,
    obsolete: false,
    scope: "any",
    request: U32,
    reply: Empty,
    exact: 4,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** The receivers raise their sequence number. */
  UPDATE_SEQNUM: {
    name: "UPDATE_SEQNUM",
    opcode: 27,
    obsolete: false,
    scope: "daemon",
    request: U32,
    reply: Empty,
    exact: 4,
    replyInStatus: false,
    async: false,
    noReply: true,
  },
  DUMP_MEMORY: {
    name: "DUMP_MEMORY",
    opcode: 29,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: TextToEnd,
    exact: 0,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  GET_PID: {
    name: "GET_PID",
    opcode: 30,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: StatusReply,
    replyInStatus: true,
    async: false,
    noReply: false,
  },
  /** Sent by a daemon to itself when it becomes inactive: freezes all databases and marks their records invalid. */
  FREEZE: {
    name: "FREEZE",
    opcode: 33,
    obsolete: false,
    scope: "daemon",
    request: Empty,
    reply: Empty,
    exact: 0,
    replyInStatus: false,
    async: true,
    noReply: false,
  },
  /** The first control of every client. */
  GET_PNN: {
    name: "GET_PNN",
    opcode: 35,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: StatusReply,
    replyInStatus: true,
    async: false,
    noReply: false,
  },
  /** The connection closes, normally without a reply. */
  SHUTDOWN: {
    name: "SHUTDOWN",
    opcode: 36,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: Empty,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** A client has connected to a public address of this node; -1 if the node does not host the address. */
  TCP_CLIENT: {
    name: "TCP_CLIENT",
    opcode: 44,
    obsolete: false,
    scope: "connection",
    request: Connection,
    reply: Empty,
    exact: 56,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** Adds to the tickle list of dst. */
  TCP_ADD: {
    name: "TCP_ADD",
    opcode: 45,
    obsolete: false,
    scope: "daemon",
    request: Connection,
    reply: Empty,
    exact: 56,
    replyInStatus: false,
    async: false,
    noReply: true,
  },
  /** Removes from the tickle list of dst. */
  TCP_REMOVE: {
    name: "TCP_REMOVE",
    opcode: 46,
    obsolete: false,
    scope: "any",
    request: Connection,
    reply: Empty,
    exact: 56,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** A node is RUNNING; receivers push tickle lists of addresses they host. */
  STARTUP: {
    name: "STARTUP",
    opcode: 47,
    obsolete: false,
    scope: "daemon",
    request: Empty,
    reply: Empty,
    exact: 0,
    replyInStatus: false,
    async: false,
    noReply: true,
  },
  /** Status 1 if the tunable is obsolete, -1 if it is unknown. Not kept over a restart. */
  SET_TUNABLE: {
    name: "SET_TUNABLE",
    opcode: 48,
    obsolete: false,
    scope: "any",
    request: TunableSetting,
    reply: Empty,
    atLeast: 12,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** Status -22 if the name is unknown. */
  GET_TUNABLE: {
    name: "GET_TUNABLE",
    opcode: 49,
    obsolete: false,
    scope: "any",
    request: Stringn,
    reply: U32,
    atLeast: 8,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  LIST_TUNABLES: {
    name: "LIST_TUNABLES",
    opcode: 50,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: TunableNames,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** Changes the recorded flags of another node; ignored for the node itself and for disconnected ones. */
  MODIFY_FLAGS: {
    name: "MODIFY_FLAGS",
    opcode: 52,
    obsolete: false,
    scope: "any",
    request: NodeFlagChange,
    reply: Empty,
    exact: 12,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  GET_ALL_TUNABLES: {
    name: "GET_ALL_TUNABLES",
    opcode: 53,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: TunableList,
    exact: 0,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** Status 1 if it is no public address. */
  GET_TCP_TICKLE_LIST: {
    name: "GET_TCP_TICKLE_LIST",
    opcode: 55,
    obsolete: false,
    scope: "any",
    request: SockAddr,
    reply: TickleList,
    exact: 28,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** Replaces the list; ignored by the node that hosts the address. Status 1 if it is no public address. */
  SET_TCP_TICKLE_LIST: {
    name: "SET_TCP_TICKLE_LIST",
    opcode: 56,
    obsolete: false,
    scope: "daemon",
    request: TickleList,
    reply: Empty,
    replyInStatus: false,
    async: false,
    noReply: true,
  },
  /** Like DB_ATTACH, persistent. */
  DB_ATTACH_PERSISTENT: {
    name: "DB_ATTACH_PERSISTENT",
    opcode: 61,
    obsolete: false,
    scope: "any",
    request: StringToEnd,
    reply: U32,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** Stores records in one tdb transaction; fails if a local rsn is as high and the data differs. Refused during recovery. */
  UPDATE_RECORD: {
    name: "UPDATE_RECORD",
    opcode: 63,
    obsolete: false,
    scope: "daemon",
    request: RecBuffer,
    reply: Empty,
    replyInStatus: false,
    async: true,
    noReply: false,
  },
  SEND_GRATUITOUS_ARP: {
    name: "SEND_GRATUITOUS_ARP",
    opcode: 64,
    obsolete: false,
    scope: "any",
    request: AddrInfo,
    reply: Empty,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** The database must be frozen, with a started transaction of this tid. */
  WIPE_DATABASE: {
    name: "WIPE_DATABASE",
    opcode: 67,
    obsolete: false,
    scope: "any",
    request: TransDb,
    reply: Empty,
    exact: 8,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  UPTIME: {
    name: "UPTIME",
    opcode: 69,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: Uptime,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** Event `startrecovery`; the status is that of the event. */
  START_RECOVERY: {
    name: "START_RECOVERY",
    opcode: 70,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: Empty,
    replyInStatus: false,
    async: true,
    noReply: false,
  },
  /** Event `recovered`; the status is that of the event. Ends pending TRANS3 commits. */
  END_RECOVERY: {
    name: "END_RECOVERY",
    opcode: 71,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: Empty,
    replyInStatus: false,
    async: true,
    noReply: false,
  },
  RELOAD_NODES_FILE: {
    name: "RELOAD_NODES_FILE",
    opcode: 72,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: Empty,
    exact: 0,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  TRY_DELETE_RECORDS: {
    name: "TRY_DELETE_RECORDS",
    opcode: 74,
    obsolete: false,
    scope: "any",
    request: RecBuffer,
    reply: RecBuffer,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** -1 if the address is known already. */
  ADD_PUBLIC_IP: {
    name: "ADD_PUBLIC_IP",
    opcode: 77,
    obsolete: false,
    scope: "any",
    request: AddrInfo,
    reply: Empty,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** -1 if it is unknown. A hosted address goes away when it is released. */
  DEL_PUBLIC_IP: {
    name: "DEL_PUBLIC_IP",
    opcode: 78,
    obsolete: false,
    scope: "any",
    request: AddrInfo,
    reply: Empty,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  GET_CAPABILITIES: {
    name: "GET_CAPABILITIES",
    opcode: 80,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: U32,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** Kept for old clients: counts; a client that goes away with a count forces a recovery. */
  START_PERSISTENT_UPDATE: {
    name: "START_PERSISTENT_UPDATE",
    opcode: 81,
    obsolete: false,
    scope: "connection",
    request: Empty,
    reply: Empty,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** Counts down. */
  CANCEL_PERSISTENT_UPDATE: {
    name: "CANCEL_PERSISTENT_UPDATE",
    opcode: 82,
    obsolete: false,
    scope: "connection",
    request: Empty,
    reply: Empty,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** The recovery daemon is alive; only to its own daemon. */
  RECD_PING: {
    name: "RECD_PING",
    opcode: 87,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: Empty,
    exact: 0,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** Event `releaseip`, then message RELEASE_IP to local clients. */
  RELEASE_IP: {
    name: "RELEASE_IP",
    opcode: 88,
    obsolete: false,
    scope: "any",
    request: PublicIp,
    reply: Empty,
    exact: 32,
    replyInStatus: false,
    async: true,
    noReply: false,
  },
  /** Event `takeip` or `updateip`, then message TAKE_IP to local clients. */
  TAKEOVER_IP: {
    name: "TAKEOVER_IP",
    opcode: 89,
    obsolete: false,
    scope: "any",
    request: PublicIp,
    reply: Empty,
    exact: 32,
    replyInStatus: false,
    async: true,
    noReply: false,
  },
  /** Control flag PUBLIC_IPS_ONLY_AVAILABLE: only addresses that this node can host now. */
  GET_PUBLIC_IPS: {
    name: "GET_PUBLIC_IPS",
    opcode: 90,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: PublicIpList,
    exact: 0,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  GET_NODEMAP: {
    name: "GET_NODEMAP",
    opcode: 91,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: NodeMap,
    exact: 0,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  TRAVERSE_KILL: {
    name: "TRAVERSE_KILL",
    opcode: 97,
    obsolete: false,
    scope: "daemon",
    request: TraverseStart,
    reply: Empty,
    exact: 16,
    replyInStatus: false,
    async: false,
    noReply: true,
  },
  /** Only to its own daemon. */
  RECD_RECLOCK_LATENCY: {
    name: "RECD_RECLOCK_LATENCY",
    opcode: 98,
    obsolete: false,
    scope: "any",
    request: F64,
    reply: Empty,
    exact: 8,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  GET_RECLOCK_FILE: {
    name: "GET_RECLOCK_FILE",
    opcode: 99,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: OptionalStringToEnd,
    exact: 0,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  STOP_NODE: {
    name: "STOP_NODE",
    opcode: 101,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: Empty,
    exact: 0,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  CONTINUE_NODE: {
    name: "CONTINUE_NODE",
    opcode: 102,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: Empty,
    exact: 0,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  SET_LMASTERROLE: {
    name: "SET_LMASTERROLE",
    opcode: 104,
    obsolete: false,
    scope: "any",
    request: U32,
    reply: Empty,
    exact: 4,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  SET_RECMASTERROLE: {
    name: "SET_RECMASTERROLE",
    opcode: 105,
    obsolete: false,
    scope: "any",
    request: U32,
    reply: Empty,
    exact: 4,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** -1 if pnn is not the receiver. Time 0 ends the ban. Ignored where EnableBans is 0. */
  SET_BAN_STATE: {
    name: "SET_BAN_STATE",
    opcode: 109,
    obsolete: false,
    scope: "any",
    request: BanState,
    reply: Empty,
    exact: 8,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  GET_BAN_STATE: {
    name: "GET_BAN_STATE",
    opcode: 110,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: BanState,
    exact: 0,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** The message is broadcast when the client goes away. -1 if the client has this srvid already. */
  REGISTER_NOTIFY: {
    name: "REGISTER_NOTIFY",
    opcode: 114,
    obsolete: false,
    scope: "connection",
    request: Notify,
    reply: Empty,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** -1 if it is not registered. */
  DEREGISTER_NOTIFY: {
    name: "DEREGISTER_NOTIFY",
    opcode: 115,
    obsolete: false,
    scope: "connection",
    request: U64,
    reply: Empty,
    exact: 8,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** Commits records of a persistent or replicated database on all active nodes. Status 1: timeout, 2: ended by recovery. */
  TRANS3_COMMIT: {
    name: "TRANS3_COMMIT",
    opcode: 119,
    obsolete: false,
    scope: "connection",
    request: RecBuffer,
    reply: Empty,
    replyInStatus: false,
    async: true,
    noReply: false,
  },
  GET_DB_SEQNUM: {
    name: "GET_DB_SEQNUM",
    opcode: 120,
    obsolete: false,
    scope: "any",
    request: PaddedDbId,
    reply: Seqnum,
    exact: 8,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  DB_SET_HEALTHY: {
    name: "DB_SET_HEALTHY",
    opcode: 121,
    obsolete: false,
    scope: "any",
    request: U32,
    reply: Empty,
    exact: 4,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  DB_GET_HEALTH: {
    name: "DB_GET_HEALTH",
    opcode: 122,
    obsolete: false,
    scope: "any",
    request: U32,
    reply: OptionalStringToEnd,
    exact: 4,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  GET_PUBLIC_IP_INFO: {
    name: "GET_PUBLIC_IP_INFO",
    opcode: 123,
    obsolete: false,
    scope: "any",
    request: SockAddr,
    reply: PublicIpInfo,
    exact: 28,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  GET_IFACES: {
    name: "GET_IFACES",
    opcode: 124,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: IfaceList,
    exact: 0,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** link state 0 or 1, references 0. */
  SET_IFACE_LINK_STATE: {
    name: "SET_IFACE_LINK_STATE",
    opcode: 125,
    obsolete: false,
    scope: "any",
    request: Iface,
    reply: Empty,
    exact: 24,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** Like TCP_ADD, but the list is pushed at the next tickle interval. */
  TCP_ADD_DELAYED_UPDATE: {
    name: "TCP_ADD_DELAYED_UPDATE",
    opcode: 126,
    obsolete: false,
    scope: "any",
    request: Connection,
    reply: Empty,
    exact: 56,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  GET_STAT_HISTORY: {
    name: "GET_STAT_HISTORY",
    opcode: 127,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: StatisticsList,
    exact: 0,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** The record may be vacuumed. smbd wants no reply. */
  SCHEDULE_FOR_DELETION: {
    name: "SCHEDULE_FOR_DELETION",
    opcode: 128,
    obsolete: false,
    scope: "any",
    request: ScheduleForDeletion,
    reply: Empty,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** Volatile databases only; acts on the addressed node only. */
  SET_DB_READONLY: {
    name: "SET_DB_READONLY",
    opcode: 129,
    obsolete: false,
    scope: "any",
    request: U32,
    reply: Empty,
    exact: 4,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  TRAVERSE_START_EXT: {
    name: "TRAVERSE_START_EXT",
    opcode: 131,
    obsolete: false,
    scope: "connection",
    request: TraverseStartExt,
    reply: Empty,
    exact: 24,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  GET_DB_STATISTICS: {
    name: "GET_DB_STATISTICS",
    opcode: 132,
    obsolete: false,
    scope: "any",
    request: U32,
    reply: DbStatistics,
    exact: 4,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** Volatile databases only; acts on the addressed node only. */
  SET_DB_STICKY: {
    name: "SET_DB_STICKY",
    opcode: 133,
    obsolete: false,
    scope: "any",
    request: U32,
    reply: Empty,
    exact: 4,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  RELOAD_PUBLIC_IPS: {
    name: "RELOAD_PUBLIC_IPS",
    opcode: 134,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: Empty,
    exact: 0,
    replyInStatus: false,
    async: true,
    noReply: false,
  },
  TRAVERSE_ALL_EXT: {
    name: "TRAVERSE_ALL_EXT",
    opcode: 135,
    obsolete: false,
    scope: "daemon",
    request: TraverseAllExt,
    reply: Empty,
    exact: 32,
    replyInStatus: false,
    async: false,
    noReply: true,
  },
  /** Event `ipreallocated`; the status is that of the event. */
  IPREALLOCATED: {
    name: "IPREALLOCATED",
    opcode: 137,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: Empty,
    exact: 0,
    replyInStatus: false,
    async: true,
    noReply: false,
  },
  GET_RUNSTATE: {
    name: "GET_RUNSTATE",
    opcode: 138,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: U32,
    exact: 0,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** Volatile databases only; refused where AllowClientDBAttach is 1. */
  DB_DETACH: {
    name: "DB_DETACH",
    opcode: 139,
    obsolete: false,
    scope: "any",
    request: U32,
    reply: Empty,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  GET_NODES_FILE: {
    name: "GET_NODES_FILE",
    opcode: 140,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: NodeMap,
    exact: 0,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  DB_FREEZE: {
    name: "DB_FREEZE",
    opcode: 141,
    obsolete: false,
    scope: "any",
    request: U32,
    reply: Empty,
    exact: 4,
    replyInStatus: false,
    async: true,
    noReply: false,
  },
  /** Pending calls are sent again. */
  DB_THAW: {
    name: "DB_THAW",
    opcode: 142,
    obsolete: false,
    scope: "any",
    request: U32,
    reply: Empty,
    exact: 4,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  DB_TRANSACTION_START: {
    name: "DB_TRANSACTION_START",
    opcode: 143,
    obsolete: false,
    scope: "any",
    request: TransDb,
    reply: Empty,
    exact: 8,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** The database's generation becomes tid. */
  DB_TRANSACTION_COMMIT: {
    name: "DB_TRANSACTION_COMMIT",
    opcode: 144,
    obsolete: false,
    scope: "any",
    request: TransDb,
    reply: Empty,
    exact: 8,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  DB_TRANSACTION_CANCEL: {
    name: "DB_TRANSACTION_CANCEL",
    opcode: 145,
    obsolete: false,
    scope: "any",
    request: U32,
    reply: Empty,
    exact: 4,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** Records come as messages to srvid first. */
  DB_PULL: {
    name: "DB_PULL",
    opcode: 146,
    obsolete: false,
    scope: "any",
    request: PullDb,
    reply: U32,
    exact: 16,
    replyInStatus: false,
    async: true,
    noReply: false,
  },
  /** The records follow as messages to srvid. */
  DB_PUSH_START: {
    name: "DB_PUSH_START",
    opcode: 147,
    obsolete: false,
    scope: "any",
    request: PullDb,
    reply: Empty,
    exact: 16,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  DB_PUSH_CONFIRM: {
    name: "DB_PUSH_CONFIRM",
    opcode: 148,
    obsolete: false,
    scope: "any",
    request: U32,
    reply: U32,
    exact: 4,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  DB_OPEN_FLAGS: {
    name: "DB_OPEN_FLAGS",
    opcode: 149,
    obsolete: false,
    scope: "any",
    request: U32,
    reply: I32,
    exact: 4,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** Like DB_ATTACH, replicated. */
  DB_ATTACH_REPLICATED: {
    name: "DB_ATTACH_REPLICATED",
    opcode: 150,
    obsolete: false,
    scope: "any",
    request: StringToEnd,
    reply: U32,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** 0 if a client with this pid registered this srvid, else -1. */
  CHECK_PID_SRVID: {
    name: "CHECK_PID_SRVID",
    opcode: 151,
    obsolete: false,
    scope: "any",
    request: PidSrvid,
    reply: Empty,
    exact: 12,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** -1 if it is registered on this node already. */
  TUNNEL_REGISTER: {
    name: "TUNNEL_REGISTER",
    opcode: 152,
    obsolete: false,
    scope: "connection",
    request: Empty,
    reply: Empty,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** -1 if it is not registered. */
  TUNNEL_DEREGISTER: {
    name: "TUNNEL_DEREGISTER",
    opcode: 153,
    obsolete: false,
    scope: "connection",
    request: Empty,
    reply: Empty,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** To the lmaster: migrate these records to yourself, to be vacuumed. */
  VACUUM_FETCH: {
    name: "VACUUM_FETCH",
    opcode: 154,
    obsolete: false,
    scope: "any",
    request: RecBuffer,
    reply: Empty,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** -1 if a run is in progress. */
  DB_VACUUM: {
    name: "DB_VACUUM",
    opcode: 155,
    obsolete: false,
    scope: "any",
    request: DbVacuum,
    reply: Empty,
    exact: 5,
    replyInStatus: false,
    async: true,
    noReply: false,
  },
  ECHO_DATA: {
    name: "ECHO_DATA",
    opcode: 156,
    obsolete: false,
    scope: "any",
    request: Echo,
    reply: Echo,
    replyInStatus: false,
    async: true,
    noReply: false,
  },
  DISABLE_NODE: {
    name: "DISABLE_NODE",
    opcode: 157,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: Empty,
    exact: 0,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  ENABLE_NODE: {
    name: "ENABLE_NODE",
    opcode: 158,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: Empty,
    exact: 0,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** The connection of TCP_CLIENT is closed. Unknown to older daemons: -1. */
  TCP_CLIENT_DISCONNECTED: {
    name: "TCP_CLIENT_DISCONNECTED",
    opcode: 159,
    obsolete: false,
    scope: "connection",
    request: Connection,
    reply: Empty,
    exact: 56,
    replyInStatus: false,
    async: false,
    noReply: false,
    sinceRelease: 0x00040014,
  },
  /** The connection of TCP_CLIENT went to another process; like DISCONNECTED, but it stays in the tickle list. */
  TCP_CLIENT_PASSED: {
    name: "TCP_CLIENT_PASSED",
    opcode: 160,
    obsolete: false,
    scope: "connection",
    request: Connection,
    reply: Empty,
    exact: 56,
    replyInStatus: false,
    async: false,
    noReply: false,
    sinceRelease: 0x00040014,
  },
  /** Event `startipreallocate`, then the message; 0 at once before the daemon is RUNNING. */
  START_IPREALLOCATE: {
    name: "START_IPREALLOCATE",
    opcode: 161,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: Empty,
    exact: 0,
    replyInStatus: false,
    async: true,
    noReply: false,
    sinceRelease: 0x00040015,
  },
  /** Only ctdb-ts: what the event loop ran, and its long turns. */
  LOOP_TIMES: {
    name: "LOOP_TIMES",
    opcode: 1000,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: LoopTimes,
    exact: 0,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** Only ctdb-ts: sets the counters of LOOP_TIMES to zero. */
  LOOP_RESET: {
    name: "LOOP_RESET",
    opcode: 1001,
    obsolete: false,
    scope: "any",
    request: Empty,
    reply: Empty,
    exact: 0,
    replyInStatus: false,
    async: false,
    noReply: false,
  },
  /** Only ctdb-ts: the locks that the daemon waits for, and which processes hold them. */
  LOCK_WAITS: {
    name: "LOCK_WAITS",
    opcode: 1002,
    obsolete: false,
    scope: "any",
    request: U32,
    reply: LockWaits,
    exact: 4,
    replyInStatus: false,
    async: true,
    noReply: false,
  },
};

/** The controls that are not in use any more; their numbers are never used again. */
export const obsoleteControls: readonly ObsoleteControlEntry[] = [
  { name: "GET_NODEMAPv4", opcode: 10, obsolete: true },
  { name: "SET_DMASTER", opcode: 11, obsolete: true },
  { name: "PULL_DB", opcode: 13, obsolete: true },
  { name: "PUSH_DB", opcode: 14, obsolete: true },
  { name: "SET_CALL", opcode: 19, obsolete: true },
  { name: "GET_RECMASTER", opcode: 31, obsolete: true },
  { name: "SET_RECMASTER", opcode: 32, obsolete: true },
  { name: "THAW", opcode: 34, obsolete: true },
  { name: "GET_MONMODE", opcode: 37, obsolete: true },
  { name: "TAKEOVER_IPv4", opcode: 42, obsolete: true },
  { name: "RELEASE_IPv4", opcode: 43, obsolete: true },
  { name: "GET_PUBLIC_IPSv4", opcode: 51, obsolete: true },
  { name: "KILL_TCP", opcode: 54, obsolete: true },
  { name: "REGISTER_SERVER_ID", opcode: 57, obsolete: true },
  { name: "UNREGISTER_SERVER_ID", opcode: 58, obsolete: true },
  { name: "CHECK_SERVER_ID", opcode: 59, obsolete: true },
  { name: "GET_SERVER_ID_LIST", opcode: 60, obsolete: true },
  { name: "PERSISTENT_STORE", opcode: 62, obsolete: true },
  { name: "TRANSACTION_START", opcode: 65, obsolete: true },
  { name: "TRANSACTION_COMMIT", opcode: 66, obsolete: true },
  { name: "ENABLE_MONITOR", opcode: 75, obsolete: true },
  { name: "DISABLE_MONITOR", opcode: 76, obsolete: true },
  { name: "RUN_EVENTSCRIPTS", opcode: 79, obsolete: true },
  { name: "TRANS2_COMMIT", opcode: 83, obsolete: true },
  { name: "TRANS2_FINISHED", opcode: 84, obsolete: true },
  { name: "TRANS2_ERROR", opcode: 85, obsolete: true },
  { name: "TRANS2_COMMIT_RETRY", opcode: 86, obsolete: true },
  { name: "GET_EVENT_SCRIPT_STATUS", opcode: 96, obsolete: true },
  { name: "SET_RECLOCK_FILE", opcode: 100, obsolete: true },
  { name: "SET_NATGWSTATE", opcode: 103, obsolete: true },
  { name: "ENABLE_SCRIPT", opcode: 107, obsolete: true },
  { name: "DISABLE_SCRIPT", opcode: 108, obsolete: true },
  { name: "SET_DB_PRIORITY", opcode: 111, obsolete: true },
  { name: "GET_DB_PRIORITY", opcode: 112, obsolete: true },
  { name: "TRANSACTION_CANCEL", opcode: 113, obsolete: true },
  { name: "TRANS2_ACTIVE", opcode: 116, obsolete: true },
  { name: "GET_LOG", opcode: 117, obsolete: true },
  { name: "CLEAR_LOG", opcode: 118, obsolete: true },
  { name: "CHECK_SRVIDS", opcode: 130, obsolete: true },
  { name: "RECEIVE_RECORDS", opcode: 136, obsolete: true },
];
