// Generated from src/protocol/schema by `npm run generate`. Do not edit.
// Named numbers of the protocol.

/** Bytes of the header that every packet begins with. */
export const PACKET_HEADER_SIZE = 32;
/** Second word of every packet. */
export const PACKET_MAGIC = 0x43544442;
/** Third word of every packet. */
export const PROTOCOL_VERSION = 1;

/** Packet types. */
export const Operation = {
  REQ_CALL: 0,
  REPLY_CALL: 1,
  REQ_DMASTER: 2,
  REPLY_DMASTER: 3,
  REPLY_ERROR: 4,
  REQ_MESSAGE: 5,
  REQ_CONTROL: 7,
  REPLY_CONTROL: 8,
  REQ_KEEPALIVE: 9,
  REQ_TUNNEL: 10,
} as const;
export type Operation = (typeof Operation)[keyof typeof Operation];

/** Opcodes of the controls that are in use. */
export const Control = {
  PROCESS_EXISTS: 0,
  STATISTICS: 1,
  PING: 3,
  GETDBPATH: 4,
  GETVNNMAP: 5,
  SETVNNMAP: 6,
  GET_DEBUG: 7,
  SET_DEBUG: 8,
  GET_DBMAP: 9,
  GET_RECMODE: 15,
  SET_RECMODE: 16,
  STATISTICS_RESET: 17,
  DB_ATTACH: 18,
  TRAVERSE_START: 20,
  TRAVERSE_ALL: 21,
  TRAVERSE_DATA: 22,
  REGISTER_SRVID: 23,
  DEREGISTER_SRVID: 24,
  GET_DBNAME: 25,
  ENABLE_SEQNUM: 26,
  UPDATE_SEQNUM: 27,
  DUMP_MEMORY: 29,
  GET_PID: 30,
  FREEZE: 33,
  GET_PNN: 35,
  SHUTDOWN: 36,
  TCP_CLIENT: 44,
  TCP_ADD: 45,
  TCP_REMOVE: 46,
  STARTUP: 47,
  SET_TUNABLE: 48,
  GET_TUNABLE: 49,
  LIST_TUNABLES: 50,
  MODIFY_FLAGS: 52,
  GET_ALL_TUNABLES: 53,
  GET_TCP_TICKLE_LIST: 55,
  SET_TCP_TICKLE_LIST: 56,
  DB_ATTACH_PERSISTENT: 61,
  UPDATE_RECORD: 63,
  SEND_GRATUITOUS_ARP: 64,
  WIPE_DATABASE: 67,
  UPTIME: 69,
  START_RECOVERY: 70,
  END_RECOVERY: 71,
  RELOAD_NODES_FILE: 72,
  TRY_DELETE_RECORDS: 74,
  ADD_PUBLIC_IP: 77,
  DEL_PUBLIC_IP: 78,
  GET_CAPABILITIES: 80,
  START_PERSISTENT_UPDATE: 81,
  CANCEL_PERSISTENT_UPDATE: 82,
  RECD_PING: 87,
  RELEASE_IP: 88,
  TAKEOVER_IP: 89,
  GET_PUBLIC_IPS: 90,
  GET_NODEMAP: 91,
  TRAVERSE_KILL: 97,
  RECD_RECLOCK_LATENCY: 98,
  GET_RECLOCK_FILE: 99,
  STOP_NODE: 101,
  CONTINUE_NODE: 102,
  SET_LMASTERROLE: 104,
  SET_RECMASTERROLE: 105,
  SET_BAN_STATE: 109,
  GET_BAN_STATE: 110,
  REGISTER_NOTIFY: 114,
  DEREGISTER_NOTIFY: 115,
  TRANS3_COMMIT: 119,
  GET_DB_SEQNUM: 120,
  DB_SET_HEALTHY: 121,
  DB_GET_HEALTH: 122,
  GET_PUBLIC_IP_INFO: 123,
  GET_IFACES: 124,
  SET_IFACE_LINK_STATE: 125,
  TCP_ADD_DELAYED_UPDATE: 126,
  GET_STAT_HISTORY: 127,
  SCHEDULE_FOR_DELETION: 128,
  SET_DB_READONLY: 129,
  TRAVERSE_START_EXT: 131,
  GET_DB_STATISTICS: 132,
  SET_DB_STICKY: 133,
  RELOAD_PUBLIC_IPS: 134,
  TRAVERSE_ALL_EXT: 135,
  IPREALLOCATED: 137,
  GET_RUNSTATE: 138,
  DB_DETACH: 139,
  GET_NODES_FILE: 140,
  DB_FREEZE: 141,
  DB_THAW: 142,
  DB_TRANSACTION_START: 143,
  DB_TRANSACTION_COMMIT: 144,
  DB_TRANSACTION_CANCEL: 145,
  DB_PULL: 146,
  DB_PUSH_START: 147,
  DB_PUSH_CONFIRM: 148,
  DB_OPEN_FLAGS: 149,
  DB_ATTACH_REPLICATED: 150,
  CHECK_PID_SRVID: 151,
  TUNNEL_REGISTER: 152,
  TUNNEL_DEREGISTER: 153,
  VACUUM_FETCH: 154,
  DB_VACUUM: 155,
  ECHO_DATA: 156,
  DISABLE_NODE: 157,
  ENABLE_NODE: 158,
  /** Since 4.20. */
  TCP_CLIENT_DISCONNECTED: 159,
  /** Since 4.20. */
  TCP_CLIENT_PASSED: 160,
  /** Since 4.21. */
  START_IPREALLOCATE: 161,
  LOOP_TIMES: 1000,
  LOOP_RESET: 1001,
  LOCK_WAITS: 1002,
} as const;
export type Control = (typeof Control)[keyof typeof Control];

/** Opcodes of controls that are not in use any more; daemons answer them with status -1. */
export const ObsoleteControl = {
  GET_NODEMAPv4: 10,
  SET_DMASTER: 11,
  PULL_DB: 13,
  PUSH_DB: 14,
  SET_CALL: 19,
  GET_RECMASTER: 31,
  SET_RECMASTER: 32,
  THAW: 34,
  GET_MONMODE: 37,
  TAKEOVER_IPv4: 42,
  RELEASE_IPv4: 43,
  GET_PUBLIC_IPSv4: 51,
  KILL_TCP: 54,
  REGISTER_SERVER_ID: 57,
  UNREGISTER_SERVER_ID: 58,
  CHECK_SERVER_ID: 59,
  GET_SERVER_ID_LIST: 60,
  PERSISTENT_STORE: 62,
  TRANSACTION_START: 65,
  TRANSACTION_COMMIT: 66,
  ENABLE_MONITOR: 75,
  DISABLE_MONITOR: 76,
  RUN_EVENTSCRIPTS: 79,
  TRANS2_COMMIT: 83,
  TRANS2_FINISHED: 84,
  TRANS2_ERROR: 85,
  TRANS2_COMMIT_RETRY: 86,
  GET_EVENT_SCRIPT_STATUS: 96,
  SET_RECLOCK_FILE: 100,
  SET_NATGWSTATE: 103,
  ENABLE_SCRIPT: 107,
  DISABLE_SCRIPT: 108,
  SET_DB_PRIORITY: 111,
  GET_DB_PRIORITY: 112,
  TRANSACTION_CANCEL: 113,
  TRANS2_ACTIVE: 116,
  GET_LOG: 117,
  CLEAR_LOG: 118,
  CHECK_SRVIDS: 130,
  RECEIVE_RECORDS: 136,
} as const;
export type ObsoleteControl = (typeof ObsoleteControl)[keyof typeof ObsoleteControl];

/** Message ids. Ranges are named by their base. */
export const Srvid = {
  /** wild card: a registration of it gets every message of the node, with its original srvid. */
  ALL: 0xffffffffffffffffn,
  /** records of DB_PULL and DB_PUSH; the lower bits count from 1 in each helper process. */
  RECOVERY: 0xf001000000000000n,
  /** gives pnn enough ban credits to be banned; ignored by nodes that are not leader. */
  BANNING: 0xf002000000000000n,
  /** only without a cluster lock. */
  ELECTION: 0xf100000000000000n,
  /** a node that misses it for the leader timeout calls an election. */
  LEADER: 0xf101000000000000n,
  /** a recovery has ended. */
  RECONFIGURE: 0xf200000000000000n,
  /** the address left this node; smbd ends its connections on it. */
  RELEASE_IP: 0xf300000000000000n,
  /** the address is here now. */
  TAKE_IP: 0xf301000000000000n,
  /** after the event ipreallocated. Since 4.21. */
  IPREALLOCATED: 0xf302000000000000n,
  /** after the event startipreallocate. Since 4.21. */
  START_IPREALLOCATE: 0xf303000000000000n,
  /** recovery daemons log that it is obsolete. Obsolete. */
  SET_NODE_FLAGS: 0xf400000000000000n,
  /** no handler. Obsolete. */
  RECD_UPDATE_IP: 0xf500000000000000n,
  /** replaced by control VACUUM_FETCH. Obsolete. */
  VACUUM_FETCH: 0xf700000000000000n,
  /** no handler. Obsolete. */
  DETACH_DATABASE: 0xf701000000000000n,
  /** the recovery daemon answers with a report about its memory. */
  MEM_DUMP: 0xf800000000000000n,
  /** Obsolete. */
  GETLOG: 0xf801000000000000n,
  /** Obsolete. */
  CLEARLOG: 0xf802000000000000n,
  /** the recovery daemon sends MODIFY_FLAGS to all connected nodes. */
  PUSH_NODE_FLAGS: 0xf900000000000000n,
  /** the nodes file has been read again. */
  RELOAD_NODES: 0xfa00000000000000n,
  /** the leader moves addresses and answers; others drop it. Sent again until it is answered. */
  TAKEOVER_RUN: 0xfb00000000000000n,
  /** the leader gives the node addresses in its next run. */
  REBALANCE_NODE: 0xfb01000000000000n,
  /** no takeover runs for the time given; 0 allows them again. */
  DISABLE_TAKEOVER_RUNS: 0xfb03000000000000n,
  /** no recoveries for the time given; 0 allows them again. */
  DISABLE_RECOVERIES: 0xfb04000000000000n,
  /** like DISABLE_TAKEOVER_RUNS, without an answer. */
  DISABLE_IP_CHECK: 0xfc00000000000000n,
  /** also the start of Samba's range; sent by REGISTER_NOTIFY when a watched process is gone (1 byte, 0). */
  SAMBA_NOTIFY: 0xfe00000000000000n,
  /** notifyd of each node. */
  SAMBA_NOTIFY_PROXY: 0xfe00000000000001n,
  /** registered by every Samba process: messages to all. */
  SAMBA_PROCESS: 0xfe00000000000002n,
  /** Samba. */
  SAMBA_RANGE: 0xfe00000000000000n,
  /** NFS servers. */
  NFSD_RANGE: 0xee00000000000000n,
  /** iSCSI targets. */
  ISCSID_RANGE: 0xde00000000000000n,
  /** reply addresses of the ctdb tool: 0xce01000000000000 + ((pid & 0xffff) << 16) + n; restore: 0xce02000000000000; lock sessions of our client library: 0xce03000000000000 + n. */
  TOOL_RANGE: 0xce00000000000000n,
  /** client library; traverse of the tool: 0xbe00000000000000 | pid. */
  CLIENT_RANGE: 0xbe00000000000000n,
  /** test programs. */
  TEST_RANGE: 0xae00000000000000n,
  /** reply address of a daemon that shuts down: | (pnn & 0xffffff) << 32. Since 4.23. */
  SERVER_RANGE: 0x9e00000000000000n,
  /** mailbox of the process whose pid is the srvid. */
  PID_RANGE: 0x0000000000000000n,
  /** base of the tunnel ids of test programs. */
  TUNNEL_TEST_RANGE: 0xffffffff00000000n,
} as const;

/** Special values of a node address. 0 .. n-1 is the index of the node's line in the nodes file. */
export const Pnn = {
  /** the local node; only on the unix socket. */
  CURRENT_NODE: 0xf0000001,
  /** all nodes that are not deleted, the sender too. */
  BROADCAST_ALL: 0xf0000002,
  /** all nodes without an INACTIVE flag, the sender too if it is active. */
  BROADCAST_ACTIVE: 0xf0000003,
  /** all connected nodes, the sender too. */
  BROADCAST_CONNECTED: 0xf0000004,
  /** used inside client libraries; an invalid node on the wire. */
  MULTICAST: 0xf0000005,
  /** no node. */
  UNKNOWN: 0xffffffff,
} as const;
export type Pnn = (typeof Pnn)[keyof typeof Pnn];

/** Special values of a generation. Others are random 31-bit numbers. */
export const Generation = {
  /** before the first recovery, and while the node is inactive. */
  INVALID: 1,
} as const;
export type Generation = (typeof Generation)[keyof typeof Generation];

/** Flags of a node. */
export const NodeFlag = {
  /** as seen from the reporting node. */
  DISCONNECTED: 0x00000001,
  /** monitoring failed or has not begun. */
  UNHEALTHY: 0x00000002,
  /** by the administrator. */
  PERMANENTLY_DISABLED: 0x00000004,
  BANNED: 0x00000008,
  /** its line in the nodes file is commented out. */
  DELETED: 0x00000010,
  STOPPED: 0x00000020,
  /** mask: UNHEALTHY or PERMANENTLY_DISABLED. */
  DISABLED: 0x00000006,
  /** mask: DELETED, DISCONNECTED, BANNED or STOPPED. */
  INACTIVE: 0x00000039,
} as const;
export type NodeFlag = (typeof NodeFlag)[keyof typeof NodeFlag];

/** Capabilities of a node (GET_CAPABILITIES). */
export const Capability = {
  /** may become leader. */
  RECMASTER: 0x00000001,
  /** may be in the VNN map. */
  LMASTER: 0x00000002,
  /** Obsolete. */
  LVS: 0x00000004,
  /** Obsolete. */
  NATGW: 0x00000008,
  /** always set. */
  PARALLEL_RECOVERY: 0x00010000,
  /** always set. */
  FRAGMENTED_CONTROLS: 0x00020000,
  /** what a node has unless configured otherwise. */
  DEFAULT: 0x00030003,
} as const;
export type Capability = (typeof Capability)[keyof typeof Capability];

/** Phases of a daemon's life (GET_RUNSTATE). */
export const RunState = {
  UNKNOWN: 0,
  INIT: 1,
  SETUP: 2,
  FIRST_RECOVERY: 3,
  STARTUP: 4,
  RUNNING: 5,
  SHUTDOWN: 6,
} as const;
export type RunState = (typeof RunState)[keyof typeof RunState];

/** Recovery mode (GET_RECMODE, SET_RECMODE). */
export const RecoveryMode = {
  NORMAL: 0,
  /** recovery is running or needed. */
  ACTIVE: 1,
} as const;
export type RecoveryMode = (typeof RecoveryMode)[keyof typeof RecoveryMode];

/** Flags in the header of a record. */
export const RecordFlag = {
  /** has been migrated with data at least once. */
  MIGRATED_WITH_DATA: 0x00010000,
  /** transient, while a record that was fetched for vacuuming is stored. */
  VACUUM_MIGRATED: 0x00020000,
  /** the header was invented by the daemon for a missing record. */
  AUTOMATIC: 0x00040000,
  /** this dmaster has given out read-only copies. */
  RO_HAVE_DELEGATIONS: 0x01000000,
  /** this is a read-only copy. */
  RO_HAVE_READONLY: 0x02000000,
  /** a revoke runs; calls wait. */
  RO_REVOKING_READONLY: 0x04000000,
  /** a revoke is done; cleared by the next call. */
  RO_REVOKE_COMPLETE: 0x08000000,
  /** mask of the read-only flags; recovery strips them. */
  RO_FLAGS: 0x0f000000,
} as const;
export type RecordFlag = (typeof RecordFlag)[keyof typeof RecordFlag];

/** Flags of REQ_CALL. */
export const CallFlag = {
  /** set by smbd; every remote call migrates anyway. */
  IMMEDIATE_MIGRATION: 0x00000001,
  /** the lmaster fetches the record for vacuuming. */
  VACUUM_MIGRATION: 0x00000002,
  /** a read-only copy is enough. */
  WANT_READONLY: 0x00000004,
} as const;
export type CallFlag = (typeof CallFlag)[keyof typeof CallFlag];

/** Which call a REQ_CALL is. */
export const CallId = {
  /** empty reply; used to migrate a record. */
  NULL: 0xff000001,
  /** replies the data. */
  FETCH: 0xff000002,
  /** replies record header and data. */
  FETCH_WITH_HEADER: 0xff000003,
} as const;
export type CallId = (typeof CallId)[keyof typeof CallId];

/** Type and properties of a database (GET_DBMAP). Volatile: neither PERSISTENT nor REPLICATED. */
export const DbFlag = {
  PERSISTENT: 0x00000001,
  /** read-only delegations are enabled. */
  READONLY: 0x00000002,
  STICKY: 0x00000004,
  REPLICATED: 0x00000008,
} as const;
export type DbFlag = (typeof DbFlag)[keyof typeof DbFlag];

/** tdb open flags (DB_OPEN_FLAGS). */
export const TdbFlag = {
  CLEAR_IF_FIRST: 0x00000001,
  INTERNAL: 0x00000002,
  NOLOCK: 0x00000004,
  NOMMAP: 0x00000008,
  CONVERT: 0x00000010,
  BIGENDIAN: 0x00000020,
  NOSYNC: 0x00000040,
  SEQNUM: 0x00000080,
  VOLATILE: 0x00000100,
  ALLOW_NESTING: 0x00000200,
  DISALLOW_NESTING: 0x00000400,
  /** jenkins hash. */
  INCOMPATIBLE_HASH: 0x00000800,
  /** robust mutexes instead of fcntl locks. */
  MUTEX_LOCKING: 0x00001000,
} as const;
export type TdbFlag = (typeof TdbFlag)[keyof typeof TdbFlag];

/** Flags of REQ_CONTROL. The upper half means something else for each opcode. */
export const ControlFlag = {
  /** no reply packet is sent. */
  NOREPLY: 0x00000001,
  /** mask. */
  OPCODE_SPECIFIC: 0xffff0000,
  /** GET_PUBLIC_IPS: only addresses that this node can host now. */
  PUBLIC_IPS_ONLY_AVAILABLE: 0x00010000,
  /** DB_ATTACH*: sent by the recovery helper, not deferred during recovery. */
  ATTACH_RECOVERY: 0x00020000,
} as const;
export type ControlFlag = (typeof ControlFlag)[keyof typeof ControlFlag];

/** Flags of REQ_TUNNEL. */
export const TunnelFlag = {
  REQUEST: 0x00000001,
  REPLY: 0x00000002,
  /** together with REQUEST. */
  NOREPLY: 0x00000010,
} as const;
export type TunnelFlag = (typeof TunnelFlag)[keyof typeof TunnelFlag];

/** Debug levels (GET_DEBUG, SET_DEBUG). 2 counts as WARNING, 4 as NOTICE, 5 to 9 as INFO. */
export const DebugLevel = {
  ERROR: 0,
  WARNING: 1,
  NOTICE: 3,
  INFO: 5,
  DEBUG: 10,
} as const;
export type DebugLevel = (typeof DebugLevel)[keyof typeof DebugLevel];

/** Status values of REPLY_CONTROL with a meaning. */
export const ControlStatus = {
  OK: 0,
  /** also for unknown and obsolete opcodes. */
  FAILED: -1,
  /** SET_TUNABLE: set, but the tunable has no effect. */
  OBSOLETE_TUNABLE: 1,
  /** GET_ and SET_TCP_TICKLE_LIST: the address is no public address. */
  NOT_PUBLIC_ADDRESS: 1,
  /** TRANS3_COMMIT: the nodes did not answer in time. */
  COMMIT_TIMEOUT: 1,
  /** TRANS3_COMMIT: a recovery decides about the commit. */
  COMMIT_ENDED_BY_RECOVERY: 2,
  /** DEREGISTER_SRVID (ENOENT). */
  NOT_REGISTERED: 2,
  /** GET_TUNABLE (-EINVAL). */
  UNKNOWN_TUNABLE: -22,
} as const;
export type ControlStatus = (typeof ControlStatus)[keyof typeof ControlStatus];

/** Internal numbers of the events; their names go to the event daemon. */
export const Event = {
  INIT: 0,
  SETUP: 1,
  STARTUP: 2,
  START_RECOVERY: 3,
  RECOVERED: 4,
  TAKE_IP: 5,
  RELEASE_IP: 6,
  /** Obsolete. */
  STOPPED: 7,
  MONITOR: 8,
  /** Obsolete. */
  STATUS: 9,
  SHUTDOWN: 10,
  /** Obsolete. */
  RELOAD: 11,
  UPDATE_IP: 12,
  IPREALLOCATED: 13,
  /** Since 4.21. */
  START_IPREALLOCATE: 14,
} as const;
export type Event = (typeof Event)[keyof typeof Event];

/** Commands of the event daemon's socket. */
export const EventdCommand = {
  RUN: 1,
  STATUS: 2,
  SCRIPT: 3,
} as const;
export type EventdCommand = (typeof EventdCommand)[keyof typeof EventdCommand];

/** Flags of the event daemon's RUN request. */
export const EventdRunFlag = {
  /** go on after a script that failed. */
  RUN_ALL: 0x00000001,
} as const;
export type EventdRunFlag = (typeof EventdRunFlag)[keyof typeof EventdRunFlag];

/** Actions of the event daemon's SCRIPT request. */
export const EventdScriptAction = {
  DISABLE: 0,
  ENABLE: 1,
} as const;
export type EventdScriptAction = (typeof EventdScriptAction)[keyof typeof EventdScriptAction];

/** Results of events and scripts: positive errno of a RUN, negative errno of a single script. */
export const EventResult = {
  /** ENOEXEC: a script failed. */
  SCRIPT_FAILED: 8,
  EIO: 5,
  /** ENOTDIR. */
  NO_SUCH_COMPONENT: 20,
  /** EINVAL: STATUS of an event that never ran. */
  NEVER_RUN: 22,
  /** ETIMEDOUT. */
  TIMED_OUT: 110,
  /** ECANCELED: a monitor event made way for another event. */
  CANCELED: 125,
  /** -ENOEXEC. */
  SCRIPT_DISABLED: -8,
  /** -ENODATA. */
  SCRIPT_NOT_RUN: -61,
  /** -ETIMEDOUT. */
  SCRIPT_TIMED_OUT: -110,
} as const;
export type EventResult = (typeof EventResult)[keyof typeof EventResult];

/** Lock types in the g_lock records of the ctdb tool. */
export const GLockType = {
  READ: 0,
  WRITE: 1,
} as const;
export type GLockType = (typeof GLockType)[keyof typeof GLockType];

/** Sizes that are fixed by the protocol. */
export const Limit = {
  STATISTICS_HISTORY_SLOTS: 100,
  /** slots in GET_DB_STATISTICS, always all on the wire. */
  HOT_KEYS: 10,
  /** of hop counts and lock latencies. */
  BUCKETS: 16,
  /** bytes, with the NUL. */
  INTERFACE_NAME: 18,
  /** TCP, unless the services database says otherwise. */
  CTDB_PORT: 4379,
} as const;
export type Limit = (typeof Limit)[keyof typeof Limit];
