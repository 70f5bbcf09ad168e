// Generated from src/protocol/schema by `npm run generate`. Do not edit.
// Structures of control and message payloads: types and codecs.
import { stringnSize, stringSize } from "../byte-writer.js";
import { defineCodec, type StructCodec } from "../codec.js";
import { HotKeys } from "../hot-keys.js";
import { RecordHeader } from "../record-header.js";
import { SockAddr } from "../sock-addr.js";

/** One unsigned number. */
export type U32 = number;

export const U32: StructCodec<U32> = defineCodec<U32>({
  name: "U32",
  exact: false,
  size: () => 4,
  read(r) {
    return r.u32("value");
  },
  write(w, value) {
    w.u32(value);
  },
});

/** One signed number. */
export type I32 = number;

export const I32: StructCodec<I32> = defineCodec<I32>({
  name: "I32",
  exact: false,
  size: () => 4,
  read(r) {
    return r.i32("value");
  },
  write(w, value) {
    w.i32(value);
  },
});

/** One 64-bit number, like a srvid. */
export type U64 = bigint;

export const U64: StructCodec<U64> = defineCodec<U64>({
  name: "U64",
  exact: false,
  size: () => 8,
  read(r) {
    return r.u64("value");
  },
  write(w, value) {
    w.u64(value);
  },
});

/** Sequence number of a database. */
export type Seqnum = number;

export const Seqnum: StructCodec<Seqnum> = defineCodec<Seqnum>({
  name: "Seqnum",
  exact: false,
  size: () => 8,
  read(r) {
    return r.safe64("seqnum");
  },
  write(w, value) {
    w.safe64(value);
  },
});

/** One IEEE double. */
export type F64 = number;

export const F64: StructCodec<F64> = defineCodec<F64>({
  name: "F64",
  exact: false,
  size: () => 8,
  read(r) {
    return r.f64("value");
  },
  write(w, value) {
    w.f64(value);
  },
});

/** A NUL terminated string that fills the payload; a missing NUL is accepted. */
export type StringToEnd = string;

export const StringToEnd: StructCodec<StringToEnd> = defineCodec<StringToEnd>({
  name: "StringToEnd",
  exact: false,
  size: (value) => stringSize(value),
  read(r) {
    return r.requiredStringToEnd("text", false);
  },
  write(w, value) {
    w.string(value);
  },
});

/** Like StringToEnd; no bytes at all mean that there is none (null). */
export type OptionalStringToEnd = string | null;

export const OptionalStringToEnd: StructCodec<OptionalStringToEnd> = defineCodec<OptionalStringToEnd>({
  name: "OptionalStringToEnd",
  exact: false,
  size: (value) => stringSize(value),
  read(r) {
    return r.stringToEnd("text", true);
  },
  write(w, value) {
    w.string(value);
  },
});

/** A string with its length in front. */
export type Stringn = string;

export const Stringn: StructCodec<Stringn> = defineCodec<Stringn>({
  name: "Stringn",
  exact: false,
  size: (value) => stringnSize(value),
  read(r) {
    return r.requiredStringn("text", false);
  },
  write(w, value) {
    w.stringn(value);
  },
});

/** Opaque bytes. */
export type Bytes = Uint8Array;

export const Bytes: StructCodec<Bytes> = defineCodec<Bytes>({
  name: "Bytes",
  exact: false,
  size: (value) => value.length,
  read(r) {
    return r.bytes(r.remaining, "bytes");
  },
  write(w, value) {
    w.bytes(value);
  },
});

/** A db_id followed by four bytes of padding (GET_DB_SEQNUM wants exactly 8 bytes). */
export type PaddedDbId = number;

export const PaddedDbId: StructCodec<PaddedDbId> = defineCodec<PaddedDbId>({
  name: "PaddedDbId",
  exact: false,
  size: () => 8,
  read(r) {
    const dbId = r.u32("dbId");
    r.padding(4);
    return dbId;
  },
  write(w, value) {
    w.u32(value);
    w.pad(4);
  },
});

/** A point in time, or a duration. */
export interface Timeval {
  /** seconds since the epoch */
  sec: number;
  /** microseconds */
  usec: number;
}

export const Timeval: StructCodec<Timeval> = defineCodec<Timeval>({
  name: "Timeval",
  exact: false,
  size: () => 16,
  read(r) {
    const sec = r.i64("sec");
    const usec = r.i64("usec");
    return { sec, usec };
  },
  write(w, value) {
    w.i64(value.sec);
    w.i64(value.usec);
  },
});

/** A latency counter, in seconds. The first sample sets min. */
export interface Latency {
  /** number of samples */
  num: number;
  min: number;
  max: number;
  total: number;
}

export const Latency: StructCodec<Latency> = defineCodec<Latency>({
  name: "Latency",
  exact: false,
  size: () => 32,
  read(r) {
    const num = r.i32("num");
    r.padding(4);
    const min = r.f64("min");
    const max = r.f64("max");
    const total = r.f64("total");
    return { num, min, max, total };
  },
  write(w, value) {
    w.i32(value.num);
    w.pad(4);
    w.f64(value.min);
    w.f64(value.max);
    w.f64(value.total);
  },
});

/** A record that may be vacuumed. */
export interface ScheduleForDeletion {
  dbId: number;
  header: RecordHeader;
  key: Uint8Array;
}

export const ScheduleForDeletion: StructCodec<ScheduleForDeletion> = defineCodec<ScheduleForDeletion>({
  name: "ScheduleForDeletion",
  exact: true,
  size: (value) => 36 + value.key.length,
  read(r) {
    const dbId = r.u32("dbId");
    r.padding(4);
    const header = RecordHeader.read(r);
    const keyCount = r.count(1, "keylen");
    const key = r.bytes(keyCount, "key");
    return { dbId, header, key };
  },
  write(w, value) {
    w.u32(value.dbId);
    w.pad(4);
    RecordHeader.write(w, value.header);
    w.u32(value.key.length);
    w.bytes(value.key);
  },
});

/** Which node is lmaster: slot hash(key) mod size holds its pnn. */
export interface VnnMap {
  generation: number;
  map: number[];
}

export const VnnMap: StructCodec<VnnMap> = defineCodec<VnnMap>({
  name: "VnnMap",
  exact: false,
  size: (value) => 8 + 4 * value.map.length,
  read(r) {
    const generation = r.u32("generation");
    const mapCount = r.count(4, "size");
    const map = Array.from({ length: mapCount }, () => r.u32("map"));
    return { generation, map };
  },
  write(w, value) {
    w.u32(value.generation);
    w.u32(value.map.length);
    for (const element of value.map) w.u32(element);
  },
});

/** A database of a node. */
export interface DbMapEntry {
  dbId: number;
  /** database flags */
  flags: number;
}

export const DbMapEntry: StructCodec<DbMapEntry> = defineCodec<DbMapEntry>({
  name: "DbMapEntry",
  exact: false,
  size: () => 8,
  read(r) {
    const dbId = r.u32("dbId");
    const flags = r.u8("flags");
    r.padding(3);
    return { dbId, flags };
  },
  write(w, value) {
    w.u32(value.dbId);
    w.u8(value.flags);
    w.pad(3);
  },
});

/** The databases of a node, the most recently attached first. */
export interface DbMap {
  dbs: DbMapEntry[];
}

export const DbMap: StructCodec<DbMap> = defineCodec<DbMap>({
  name: "DbMap",
  exact: false,
  size: (value) => 4 + 8 * value.dbs.length,
  read(r) {
    const dbsCount = r.count(8, "num");
    const dbs = Array.from({ length: dbsCount }, () => DbMapEntry.read(r));
    return { dbs };
  },
  write(w, value) {
    w.u32(value.dbs.length);
    for (const element of value.dbs) DbMapEntry.write(w, element);
  },
});

/** A node of the cluster. */
export interface NodeEntry {
  /** index in the nodes file */
  pnn: number;
  /** node flags */
  flags: number;
  addr: SockAddr;
}

export const NodeEntry: StructCodec<NodeEntry> = defineCodec<NodeEntry>({
  name: "NodeEntry",
  exact: false,
  size: () => 36,
  read(r) {
    const pnn = r.u32("pnn");
    const flags = r.u32("flags");
    const addr = SockAddr.read(r);
    return { pnn, flags, addr };
  },
  write(w, value) {
    w.u32(value.pnn);
    w.u32(value.flags);
    SockAddr.write(w, value.addr);
  },
});

/** All nodes of the cluster. Deleted ones stay in the list, with address 0.0.0.0. */
export interface NodeMap {
  nodes: NodeEntry[];
}

export const NodeMap: StructCodec<NodeMap> = defineCodec<NodeMap>({
  name: "NodeMap",
  exact: false,
  size: (value) => 4 + 36 * value.nodes.length,
  read(r) {
    const nodesCount = r.count(36, "num");
    const nodes = Array.from({ length: nodesCount }, () => NodeEntry.read(r));
    return { nodes };
  },
  write(w, value) {
    w.u32(value.nodes.length);
    for (const element of value.nodes) NodeEntry.write(w, element);
  },
});

/** A TCP connection of a client to a public address. */
export interface Connection {
  /** the client */
  src: SockAddr;
  /** the public address */
  dst: SockAddr;
}

export const Connection: StructCodec<Connection> = defineCodec<Connection>({
  name: "Connection",
  exact: false,
  size: () => 56,
  read(r) {
    const src = SockAddr.read(r);
    const dst = SockAddr.read(r);
    return { src, dst };
  },
  write(w, value) {
    SockAddr.write(w, value.src);
    SockAddr.write(w, value.dst);
  },
});

/** A public address and the node that hosts it. */
export interface PublicIp {
  /** 0xffffffff: nobody */
  pnn: number;
  addr: SockAddr;
}

export const PublicIp: StructCodec<PublicIp> = defineCodec<PublicIp>({
  name: "PublicIp",
  exact: false,
  size: () => 32,
  read(r) {
    const pnn = r.u32("pnn");
    const addr = SockAddr.read(r);
    return { pnn, addr };
  },
  write(w, value) {
    w.u32(value.pnn);
    SockAddr.write(w, value.addr);
  },
});

/** Public addresses. */
export interface PublicIpList {
  ips: PublicIp[];
}

export const PublicIpList: StructCodec<PublicIpList> = defineCodec<PublicIpList>({
  name: "PublicIpList",
  exact: false,
  size: (value) => 4 + 32 * value.ips.length,
  read(r) {
    const ipsCount = r.count(32, "num");
    const ips = Array.from({ length: ipsCount }, () => PublicIp.read(r));
    return { ips };
  },
  write(w, value) {
    w.u32(value.ips.length);
    for (const element of value.ips) PublicIp.write(w, element);
  },
});

/** A network interface that carries public addresses. */
export interface Iface {
  name: string;
  /** 1 up, 0 down */
  linkState: number;
  /** public addresses on it */
  references: number;
}

export const Iface: StructCodec<Iface> = defineCodec<Iface>({
  name: "Iface",
  exact: false,
  size: () => 24,
  read(r) {
    const name = r.fixedText(18, "name");
    const linkState = r.u16("linkState");
    const references = r.u32("references");
    return { name, linkState, references };
  },
  write(w, value) {
    w.fixedText(value.name, 18);
    w.u16(value.linkState);
    w.u32(value.references);
  },
});

/** Network interfaces. */
export interface IfaceList {
  ifaces: Iface[];
}

export const IfaceList: StructCodec<IfaceList> = defineCodec<IfaceList>({
  name: "IfaceList",
  exact: false,
  size: (value) => 4 + 24 * value.ifaces.length,
  read(r) {
    const ifacesCount = r.count(24, "num");
    const ifaces = Array.from({ length: ifacesCount }, () => Iface.read(r));
    return { ifaces };
  },
  write(w, value) {
    w.u32(value.ifaces.length);
    for (const element of value.ifaces) Iface.write(w, element);
  },
});

/** A public address with the interfaces that can carry it. */
export interface PublicIpInfo {
  ip: PublicIp;
  /** index in the list of interfaces, 0xffffffff: none */
  activeIdx: number;
  ifaces: Iface[];
}

export const PublicIpInfo: StructCodec<PublicIpInfo> = defineCodec<PublicIpInfo>({
  name: "PublicIpInfo",
  exact: false,
  size: (value) => 40 + 24 * value.ifaces.length,
  read(r) {
    const ip = PublicIp.read(r);
    const activeIdx = r.u32("activeIdx");
    const ifacesCount = r.count(24, "num");
    const ifaces = Array.from({ length: ifacesCount }, () => Iface.read(r));
    return { ip, activeIdx, ifaces };
  },
  write(w, value) {
    PublicIp.write(w, value.ip);
    w.u32(value.activeIdx);
    w.u32(value.ifaces.length);
    for (const element of value.ifaces) Iface.write(w, element);
  },
});

/** A public address with mask and interfaces. */
export interface AddrInfo {
  addr: SockAddr;
  /** prefix length */
  mask: number;
  /** interface name; several are separated by commas */
  iface: string | null;
}

export const AddrInfo: StructCodec<AddrInfo> = defineCodec<AddrInfo>({
  name: "AddrInfo",
  exact: true,
  size: (value) => 32 + stringnSize(value.iface),
  read(r) {
    const addr = SockAddr.read(r);
    const mask = r.u32("mask");
    const iface = r.stringn("iface", false);
    return { addr, mask, iface };
  },
  write(w, value) {
    SockAddr.write(w, value.addr);
    w.u32(value.mask);
    w.stringn(value.iface);
  },
});

/** Connections to a public address that get a tickle ACK after the address has moved. */
export interface TickleList {
  /** the public address */
  addr: SockAddr;
  connections: Connection[];
}

export const TickleList: StructCodec<TickleList> = defineCodec<TickleList>({
  name: "TickleList",
  exact: false,
  size: (value) => 32 + 56 * value.connections.length,
  read(r) {
    const addr = SockAddr.read(r);
    const connectionsCount = r.count(56, "num");
    const connections = Array.from({ length: connectionsCount }, () => Connection.read(r));
    return { addr, connections };
  },
  write(w, value) {
    SockAddr.write(w, value.addr);
    w.u32(value.connections.length);
    for (const element of value.connections) Connection.write(w, element);
  },
});

/** New flags of a node. New comes before old; old is ignored. */
export interface NodeFlagChange {
  pnn: number;
  newFlags: number;
  oldFlags: number;
}

export const NodeFlagChange: StructCodec<NodeFlagChange> = defineCodec<NodeFlagChange>({
  name: "NodeFlagChange",
  exact: false,
  size: () => 12,
  read(r) {
    const pnn = r.u32("pnn");
    const newFlags = r.u32("newFlags");
    const oldFlags = r.u32("oldFlags");
    return { pnn, newFlags, oldFlags };
  },
  write(w, value) {
    w.u32(value.pnn);
    w.u32(value.newFlags);
    w.u32(value.oldFlags);
  },
});

/** A ban. */
export interface BanState {
  pnn: number;
  /** seconds; 0: not banned, unban */
  time: number;
}

export const BanState: StructCodec<BanState> = defineCodec<BanState>({
  name: "BanState",
  exact: false,
  size: () => 8,
  read(r) {
    const pnn = r.u32("pnn");
    const time = r.u32("time");
    return { pnn, time };
  },
  write(w, value) {
    w.u32(value.pnn);
    w.u32(value.time);
  },
});

/** When daemon and last recovery began and ended. */
export interface Uptime {
  currentTime: Timeval;
  ctdbdStartTime: Timeval;
  lastRecoveryStarted: Timeval;
  lastRecoveryFinished: Timeval;
}

export const Uptime: StructCodec<Uptime> = defineCodec<Uptime>({
  name: "Uptime",
  exact: false,
  size: () => 64,
  read(r) {
    const currentTime = Timeval.read(r);
    const ctdbdStartTime = Timeval.read(r);
    const lastRecoveryStarted = Timeval.read(r);
    const lastRecoveryFinished = Timeval.read(r);
    return { currentTime, ctdbdStartTime, lastRecoveryStarted, lastRecoveryFinished };
  },
  write(w, value) {
    Timeval.write(w, value.currentTime);
    Timeval.write(w, value.ctdbdStartTime);
    Timeval.write(w, value.lastRecoveryStarted);
    Timeval.write(w, value.lastRecoveryFinished);
  },
});

/** Which database to pull or push, and the srvid of the records. */
export interface PullDb {
  dbId: number;
  /** 0xffffffff; ignored by the daemon */
  lmaster: number;
  srvid: bigint;
}

export const PullDb: StructCodec<PullDb> = defineCodec<PullDb>({
  name: "PullDb",
  exact: false,
  size: () => 16,
  read(r) {
    const dbId = r.u32("dbId");
    const lmaster = r.u32("lmaster");
    const srvid = r.u64("srvid");
    return { dbId, lmaster, srvid };
  },
  write(w, value) {
    w.u32(value.dbId);
    w.u32(value.lmaster);
    w.u64(value.srvid);
  },
});

/** A recovery transaction of a database. */
export interface TransDb {
  dbId: number;
  /** transaction id: the new generation */
  tid: number;
}

export const TransDb: StructCodec<TransDb> = defineCodec<TransDb>({
  name: "TransDb",
  exact: false,
  size: () => 8,
  read(r) {
    const dbId = r.u32("dbId");
    const tid = r.u32("tid");
    return { dbId, tid };
  },
  write(w, value) {
    w.u32(value.dbId);
    w.u32(value.tid);
  },
});

/** A traverse as the client asks for it, or its end. */
export interface TraverseStart {
  dbId: number;
  /** chosen by the client, comes back in each record */
  reqid: number;
  /** chosen by the client: where the records go */
  srvid: bigint;
}

export const TraverseStart: StructCodec<TraverseStart> = defineCodec<TraverseStart>({
  name: "TraverseStart",
  exact: false,
  size: () => 16,
  read(r) {
    const dbId = r.u32("dbId");
    const reqid = r.u32("reqid");
    const srvid = r.u64("srvid");
    return { dbId, reqid, srvid };
  },
  write(w, value) {
    w.u32(value.dbId);
    w.u32(value.reqid);
    w.u64(value.srvid);
  },
});

/** Like TraverseStart, with the choice to get empty records too. */
export interface TraverseStartExt {
  dbId: number;
  reqid: number;
  srvid: bigint;
  withEmptyRecords: boolean;
}

export const TraverseStartExt: StructCodec<TraverseStartExt> = defineCodec<TraverseStartExt>({
  name: "TraverseStartExt",
  exact: false,
  size: () => 24,
  read(r) {
    const dbId = r.u32("dbId");
    const reqid = r.u32("reqid");
    const srvid = r.u64("srvid");
    const withEmptyRecords = r.bool("withEmptyRecords");
    r.padding(7);
    return { dbId, reqid, srvid, withEmptyRecords };
  },
  write(w, value) {
    w.u32(value.dbId);
    w.u32(value.reqid);
    w.u64(value.srvid);
    w.bool(value.withEmptyRecords);
    w.pad(7);
  },
});

/** A traverse as the daemon of the client asks the nodes for it. */
export interface TraverseAll {
  dbId: number;
  /** of the daemon that started it; used in TRAVERSE_DATA */
  reqid: number;
  /** node that started it */
  pnn: number;
  clientReqid: number;
  /** of the client */
  srvid: bigint;
}

export const TraverseAll: StructCodec<TraverseAll> = defineCodec<TraverseAll>({
  name: "TraverseAll",
  exact: false,
  size: () => 24,
  read(r) {
    const dbId = r.u32("dbId");
    const reqid = r.u32("reqid");
    const pnn = r.u32("pnn");
    const clientReqid = r.u32("clientReqid");
    const srvid = r.u64("srvid");
    return { dbId, reqid, pnn, clientReqid, srvid };
  },
  write(w, value) {
    w.u32(value.dbId);
    w.u32(value.reqid);
    w.u32(value.pnn);
    w.u32(value.clientReqid);
    w.u64(value.srvid);
  },
});

/** Like TraverseAll, with the choice to get empty records too. */
export interface TraverseAllExt {
  dbId: number;
  reqid: number;
  pnn: number;
  clientReqid: number;
  srvid: bigint;
  withEmptyRecords: boolean;
}

export const TraverseAllExt: StructCodec<TraverseAllExt> = defineCodec<TraverseAllExt>({
  name: "TraverseAllExt",
  exact: false,
  size: () => 32,
  read(r) {
    const dbId = r.u32("dbId");
    const reqid = r.u32("reqid");
    const pnn = r.u32("pnn");
    const clientReqid = r.u32("clientReqid");
    const srvid = r.u64("srvid");
    const withEmptyRecords = r.bool("withEmptyRecords");
    r.padding(7);
    return { dbId, reqid, pnn, clientReqid, srvid, withEmptyRecords };
  },
  write(w, value) {
    w.u32(value.dbId);
    w.u32(value.reqid);
    w.u32(value.pnn);
    w.u32(value.clientReqid);
    w.u64(value.srvid);
    w.bool(value.withEmptyRecords);
    w.pad(7);
  },
});

/** Asks for one vacuuming run. Five bytes, packed. */
export interface DbVacuum {
  dbId: number;
  fullVacuumRun: boolean;
}

export const DbVacuum: StructCodec<DbVacuum> = defineCodec<DbVacuum>({
  name: "DbVacuum",
  exact: false,
  size: () => 5,
  read(r) {
    const dbId = r.u32("dbId");
    const fullVacuumRun = r.bool("fullVacuumRun");
    return { dbId, fullVacuumRun };
  },
  write(w, value) {
    w.u32(value.dbId);
    w.bool(value.fullVacuumRun);
  },
});

/** A process and a srvid that it registered. Twelve bytes, packed. */
export interface PidSrvid {
  pid: number;
  srvid: bigint;
}

export const PidSrvid: StructCodec<PidSrvid> = defineCodec<PidSrvid>({
  name: "PidSrvid",
  exact: false,
  size: () => 12,
  read(r) {
    const pid = r.i32("pid");
    const srvid = r.u64("srvid");
    return { pid, srvid };
  },
  write(w, value) {
    w.i32(value.pid);
    w.u64(value.srvid);
  },
});

/** A message that the daemon broadcasts when the client is gone. */
export interface Notify {
  srvid: bigint;
  data: Uint8Array;
}

export const Notify: StructCodec<Notify> = defineCodec<Notify>({
  name: "Notify",
  exact: true,
  size: (value) => 12 + value.data.length,
  read(r) {
    const srvid = r.u64("srvid");
    const dataCount = r.count(1, "len");
    const data = r.bytes(dataCount, "data");
    return { srvid, data };
  },
  write(w, value) {
    w.u64(value.srvid);
    w.u32(value.data.length);
    w.bytes(value.data);
  },
});

/** Bytes to be echoed. */
export interface Echo {
  /** delay in ms */
  timeout: number;
  data: Uint8Array;
}

export const Echo: StructCodec<Echo> = defineCodec<Echo>({
  name: "Echo",
  exact: false,
  size: (value) => 8 + value.data.length,
  read(r) {
    const timeout = r.u32("timeout");
    const dataCount = r.count(1, "len");
    const data = r.bytes(dataCount, "data");
    return { timeout, data };
  },
  write(w, value) {
    w.u32(value.timeout);
    w.u32(value.data.length);
    w.bytes(value.data);
  },
});

/** A tunable and its new value. */
export interface TunableSetting {
  value: number;
  name: string;
}

export const TunableSetting: StructCodec<TunableSetting> = defineCodec<TunableSetting>({
  name: "TunableSetting",
  exact: false,
  size: (value) => 4 + stringnSize(value.name),
  read(r) {
    const value = r.u32("value");
    const name = r.requiredStringn("name", false);
    return { value, name };
  },
  write(w, value) {
    w.u32(value.value);
    w.stringn(value.name);
  },
});

/** Packets from nodes, by type. */
export interface StatisticsNodePackets {
  reqCall: number;
  replyCall: number;
  reqDmaster: number;
  replyDmaster: number;
  replyError: number;
  reqMessage: number;
  reqControl: number;
  replyControl: number;
  reqTunnel: number;
}

export const StatisticsNodePackets: StructCodec<StatisticsNodePackets> = defineCodec<StatisticsNodePackets>({
  name: "StatisticsNodePackets",
  exact: false,
  size: () => 36,
  read(r) {
    const reqCall = r.u32("reqCall");
    const replyCall = r.u32("replyCall");
    const reqDmaster = r.u32("reqDmaster");
    const replyDmaster = r.u32("replyDmaster");
    const replyError = r.u32("replyError");
    const reqMessage = r.u32("reqMessage");
    const reqControl = r.u32("reqControl");
    const replyControl = r.u32("replyControl");
    const reqTunnel = r.u32("reqTunnel");
    return {
      reqCall,
      replyCall,
      reqDmaster,
      replyDmaster,
      replyError,
      reqMessage,
      reqControl,
      replyControl,
      reqTunnel,
    };
  },
  write(w, value) {
    w.u32(value.reqCall);
    w.u32(value.replyCall);
    w.u32(value.reqDmaster);
    w.u32(value.replyDmaster);
    w.u32(value.replyError);
    w.u32(value.reqMessage);
    w.u32(value.reqControl);
    w.u32(value.replyControl);
    w.u32(value.reqTunnel);
  },
});

/** Packets from clients, by type. */
export interface StatisticsClientPackets {
  reqCall: number;
  reqMessage: number;
  reqControl: number;
  reqTunnel: number;
}

export const StatisticsClientPackets: StructCodec<StatisticsClientPackets> = defineCodec<StatisticsClientPackets>({
  name: "StatisticsClientPackets",
  exact: false,
  size: () => 16,
  read(r) {
    const reqCall = r.u32("reqCall");
    const reqMessage = r.u32("reqMessage");
    const reqControl = r.u32("reqControl");
    const reqTunnel = r.u32("reqTunnel");
    return { reqCall, reqMessage, reqControl, reqTunnel };
  },
  write(w, value) {
    w.u32(value.reqCall);
    w.u32(value.reqMessage);
    w.u32(value.reqControl);
    w.u32(value.reqTunnel);
  },
});

/** Requests that timed out. */
export interface StatisticsTimeouts {
  call: number;
  control: number;
  traverse: number;
}

export const StatisticsTimeouts: StructCodec<StatisticsTimeouts> = defineCodec<StatisticsTimeouts>({
  name: "StatisticsTimeouts",
  exact: false,
  size: () => 12,
  read(r) {
    const call = r.u32("call");
    const control = r.u32("control");
    const traverse = r.u32("traverse");
    return { call, control, traverse };
  },
  write(w, value) {
    w.u32(value.call);
    w.u32(value.control);
    w.u32(value.traverse);
  },
});

/** Latency of the cluster lock. */
export interface StatisticsReclock {
  ctdbd: Latency;
  recd: Latency;
}

export const StatisticsReclock: StructCodec<StatisticsReclock> = defineCodec<StatisticsReclock>({
  name: "StatisticsReclock",
  exact: false,
  size: () => 64,
  read(r) {
    const ctdbd = Latency.read(r);
    const recd = Latency.read(r);
    return { ctdbd, recd };
  },
  write(w, value) {
    Latency.write(w, value.ctdbd);
    Latency.write(w, value.recd);
  },
});

/** Record and database locks. */
export interface StatisticsLocks {
  numCalls: number;
  numCurrent: number;
  numPending: number;
  numFailed: number;
  latency: Latency;
  /** by latency: < 1 ms, 10 ms, 100 ms, 1 s, 2 s, 4 s, 8 s, 16 s, 32 s, 64 s, longer */
  buckets: number[];
}

export const StatisticsLocks: StructCodec<StatisticsLocks> = defineCodec<StatisticsLocks>({
  name: "StatisticsLocks",
  exact: false,
  size: () => 112,
  read(r) {
    const numCalls = r.u32("numCalls");
    const numCurrent = r.u32("numCurrent");
    const numPending = r.u32("numPending");
    const numFailed = r.u32("numFailed");
    const latency = Latency.read(r);
    const buckets = Array.from({ length: 16 }, () => r.u32("buckets"));
    return { numCalls, numCurrent, numPending, numFailed, latency, buckets };
  },
  write(w, value) {
    w.u32(value.numCalls);
    w.u32(value.numCurrent);
    w.u32(value.numPending);
    w.u32(value.numFailed);
    Latency.write(w, value.latency);
    w.arrayLength(value.buckets.length, 16);
    for (const element of value.buckets) w.u32(element);
  },
});

/** Counters of a daemon. */
export interface Statistics {
  numClients: number;
  /** 1 if all databases are frozen */
  frozen: number;
  /** 1 if recovery is active */
  recovering: number;
  clientPacketsSent: number;
  clientPacketsRecv: number;
  nodePacketsSent: number;
  nodePacketsRecv: number;
  keepalivePacketsSent: number;
  keepalivePacketsRecv: number;
  node: StatisticsNodePackets;
  client: StatisticsClientPackets;
  timeouts: StatisticsTimeouts;
  reclock: StatisticsReclock;
  locks: StatisticsLocks;
  totalCalls: number;
  pendingCalls: number;
  childwriteCalls: number;
  pendingChildwriteCalls: number;
  memoryUsed: number;
  maxHopCount: number;
  /** by the number of significant bits of the hop count */
  hopCountBucket: number[];
  callLatency: Latency;
  childwriteLatency: Latency;
  numRecoveries: number;
  statisticsStartTime: Timeval;
  statisticsCurrentTime: Timeval;
  totalRoDelegations: number;
  totalRoRevokes: number;
}

export const Statistics: StructCodec<Statistics> = defineCodec<Statistics>({
  name: "Statistics",
  exact: false,
  size: () => 488,
  read(r) {
    const numClients = r.u32("numClients");
    const frozen = r.u32("frozen");
    const recovering = r.u32("recovering");
    const clientPacketsSent = r.u32("clientPacketsSent");
    const clientPacketsRecv = r.u32("clientPacketsRecv");
    const nodePacketsSent = r.u32("nodePacketsSent");
    const nodePacketsRecv = r.u32("nodePacketsRecv");
    const keepalivePacketsSent = r.u32("keepalivePacketsSent");
    const keepalivePacketsRecv = r.u32("keepalivePacketsRecv");
    const node = StatisticsNodePackets.read(r);
    const client = StatisticsClientPackets.read(r);
    const timeouts = StatisticsTimeouts.read(r);
    r.padding(4);
    const reclock = StatisticsReclock.read(r);
    const locks = StatisticsLocks.read(r);
    const totalCalls = r.u32("totalCalls");
    const pendingCalls = r.u32("pendingCalls");
    const childwriteCalls = r.u32("childwriteCalls");
    const pendingChildwriteCalls = r.u32("pendingChildwriteCalls");
    const memoryUsed = r.u32("memoryUsed");
    r.padding(4);
    const maxHopCount = r.u32("maxHopCount");
    const hopCountBucket = Array.from({ length: 16 }, () => r.u32("hopCountBucket"));
    r.padding(4);
    const callLatency = Latency.read(r);
    const childwriteLatency = Latency.read(r);
    const numRecoveries = r.u32("numRecoveries");
    r.padding(4);
    const statisticsStartTime = Timeval.read(r);
    const statisticsCurrentTime = Timeval.read(r);
    const totalRoDelegations = r.u32("totalRoDelegations");
    const totalRoRevokes = r.u32("totalRoRevokes");
    return {
      numClients,
      frozen,
      recovering,
      clientPacketsSent,
      clientPacketsRecv,
      nodePacketsSent,
      nodePacketsRecv,
      keepalivePacketsSent,
      keepalivePacketsRecv,
      node,
      client,
      timeouts,
      reclock,
      locks,
      totalCalls,
      pendingCalls,
      childwriteCalls,
      pendingChildwriteCalls,
      memoryUsed,
      maxHopCount,
      hopCountBucket,
      callLatency,
      childwriteLatency,
      numRecoveries,
      statisticsStartTime,
      statisticsCurrentTime,
      totalRoDelegations,
      totalRoRevokes,
    };
  },
  write(w, value) {
    w.u32(value.numClients);
    w.u32(value.frozen);
    w.u32(value.recovering);
    w.u32(value.clientPacketsSent);
    w.u32(value.clientPacketsRecv);
    w.u32(value.nodePacketsSent);
    w.u32(value.nodePacketsRecv);
    w.u32(value.keepalivePacketsSent);
    w.u32(value.keepalivePacketsRecv);
    StatisticsNodePackets.write(w, value.node);
    StatisticsClientPackets.write(w, value.client);
    StatisticsTimeouts.write(w, value.timeouts);
    w.pad(4);
    StatisticsReclock.write(w, value.reclock);
    StatisticsLocks.write(w, value.locks);
    w.u32(value.totalCalls);
    w.u32(value.pendingCalls);
    w.u32(value.childwriteCalls);
    w.u32(value.pendingChildwriteCalls);
    w.u32(value.memoryUsed);
    w.pad(4);
    w.u32(value.maxHopCount);
    w.arrayLength(value.hopCountBucket.length, 16);
    for (const element of value.hopCountBucket) w.u32(element);
    w.pad(4);
    Latency.write(w, value.callLatency);
    Latency.write(w, value.childwriteLatency);
    w.u32(value.numRecoveries);
    w.pad(4);
    Timeval.write(w, value.statisticsStartTime);
    Timeval.write(w, value.statisticsCurrentTime);
    w.u32(value.totalRoDelegations);
    w.u32(value.totalRoRevokes);
  },
});

/** Statistics of past intervals, newest first. */
export interface StatisticsList {
  stats: Statistics[];
}

export const StatisticsList: StructCodec<StatisticsList> = defineCodec<StatisticsList>({
  name: "StatisticsList",
  exact: false,
  size: (value) => 8 + 488 * value.stats.length,
  read(r) {
    const statsCount = r.count(488, "num");
    r.padding(4);
    const stats = Array.from({ length: statsCount }, () => Statistics.read(r));
    return { stats };
  },
  write(w, value) {
    w.u32(value.stats.length);
    w.pad(4);
    for (const element of value.stats) Statistics.write(w, element);
  },
});

/** Latency of vacuuming runs. */
export interface VacuumStatistics {
  latency: Latency;
}

export const VacuumStatistics: StructCodec<VacuumStatistics> = defineCodec<VacuumStatistics>({
  name: "VacuumStatistics",
  exact: false,
  size: () => 32,
  read(r) {
    const latency = Latency.read(r);
    return { latency };
  },
  write(w, value) {
    Latency.write(w, value.latency);
  },
});

/** Counters of a database. */
export interface DbStatistics {
  locks: StatisticsLocks;
  vacuum: VacuumStatistics;
  dbRoDelegations: number;
  dbRoRevokes: number;
  hopCountBucket: number[];
  /** 10 on the wire */
  numHotKeys: number;
  hotKeys: HotKeys;
}

export const DbStatistics: StructCodec<DbStatistics> = defineCodec<DbStatistics>({
  name: "DbStatistics",
  exact: false,
  size: (value) => 224 + HotKeys.size(value.hotKeys),
  read(r) {
    const locks = StatisticsLocks.read(r);
    const vacuum = VacuumStatistics.read(r);
    const dbRoDelegations = r.u32("dbRoDelegations");
    const dbRoRevokes = r.u32("dbRoRevokes");
    const hopCountBucket = Array.from({ length: 16 }, () => r.u32("hopCountBucket"));
    const numHotKeys = r.u32("numHotKeys");
    r.padding(4);
    const hotKeys = HotKeys.read(r);
    return { locks, vacuum, dbRoDelegations, dbRoRevokes, hopCountBucket, numHotKeys, hotKeys };
  },
  write(w, value) {
    StatisticsLocks.write(w, value.locks);
    VacuumStatistics.write(w, value.vacuum);
    w.u32(value.dbRoDelegations);
    w.u32(value.dbRoRevokes);
    w.arrayLength(value.hopCountBucket.length, 16);
    for (const element of value.hopCountBucket) w.u32(element);
    w.u32(value.numHotKeys);
    w.pad(4);
    HotKeys.write(w, value.hotKeys);
  },
});

/** Where to send the answer; srvid 0: no answer is wanted. */
export interface SrvidMessage {
  pnn: number;
  srvid: bigint;
}

export const SrvidMessage: StructCodec<SrvidMessage> = defineCodec<SrvidMessage>({
  name: "SrvidMessage",
  exact: false,
  size: () => 16,
  read(r) {
    const pnn = r.u32("pnn");
    r.padding(4);
    const srvid = r.u64("srvid");
    return { pnn, srvid };
  },
  write(w, value) {
    w.u32(value.pnn);
    w.pad(4);
    w.u64(value.srvid);
  },
});

/** Forbids takeover runs or recoveries for a while. Exactly 24 bytes, or it is ignored. */
export interface DisableMessage {
  /** where the answer goes */
  pnn: number;
  /** 0: no answer is wanted */
  srvid: bigint;
  /** seconds; 0: allow again */
  timeout: number;
}

export const DisableMessage: StructCodec<DisableMessage> = defineCodec<DisableMessage>({
  name: "DisableMessage",
  exact: true,
  size: () => 24,
  read(r) {
    const pnn = r.u32("pnn");
    r.padding(4);
    const srvid = r.u64("srvid");
    const timeout = r.u32("timeout");
    r.padding(4);
    return { pnn, srvid, timeout };
  },
  write(w, value) {
    w.u32(value.pnn);
    w.pad(4);
    w.u64(value.srvid);
    w.u32(value.timeout);
    w.pad(4);
  },
});

/** Data on which nodes decide who becomes leader. */
export interface ElectionMessage {
  numConnected: number;
  priorityTime: Timeval;
  pnn: number;
  nodeFlags: number;
}

export const ElectionMessage: StructCodec<ElectionMessage> = defineCodec<ElectionMessage>({
  name: "ElectionMessage",
  exact: true,
  size: () => 32,
  read(r) {
    const numConnected = r.u32("numConnected");
    r.padding(4);
    const priorityTime = Timeval.read(r);
    const pnn = r.u32("pnn");
    const nodeFlags = r.u32("nodeFlags");
    return { numConnected, priorityTime, pnn, nodeFlags };
  },
  write(w, value) {
    w.u32(value.numConnected);
    w.pad(4);
    Timeval.write(w, value.priorityTime);
    w.u32(value.pnn);
    w.u32(value.nodeFlags);
  },
});

/** Samba's address of a process. */
export interface ServerId {
  pid: bigint;
  taskId: number;
  /** pnn of the node; 0xffffffff: not clustered */
  vnn: number;
  /** 0xffffffffffffffff: not to be verified */
  uniqueId: bigint;
}

export const ServerId: StructCodec<ServerId> = defineCodec<ServerId>({
  name: "ServerId",
  exact: false,
  size: () => 24,
  read(r) {
    const pid = r.u64("pid");
    const taskId = r.u32("taskId");
    const vnn = r.u32("vnn");
    const uniqueId = r.u64("uniqueId");
    return { pid, taskId, vnn, uniqueId };
  },
  write(w, value) {
    w.u64(value.pid);
    w.u32(value.taskId);
    w.u32(value.vnn);
    w.u64(value.uniqueId);
  },
});

/** Message between Samba processes; the daemon does not look inside. */
export interface SambaMessage {
  dst: ServerId;
  src: ServerId;
  messageType: number;
  body: Uint8Array;
}

export const SambaMessage: StructCodec<SambaMessage> = defineCodec<SambaMessage>({
  name: "SambaMessage",
  exact: false,
  size: (value) => 52 + value.body.length,
  read(r) {
    const dst = ServerId.read(r);
    const src = ServerId.read(r);
    const messageType = r.u32("messageType");
    const body = r.bytes(r.remaining, "body");
    return { dst, src, messageType, body };
  },
  write(w, value) {
    ServerId.write(w, value.dst);
    ServerId.write(w, value.src);
    w.u32(value.messageType);
    w.bytes(value.body);
  },
});

/** A process that waits for a change of a g_lock record. */
export interface GLockWatcher {
  server: ServerId;
  instance: bigint;
}

export const GLockWatcher: StructCodec<GLockWatcher> = defineCodec<GLockWatcher>({
  name: "GLockWatcher",
  exact: false,
  size: () => 32,
  read(r) {
    const server = ServerId.read(r);
    const instance = r.u64("instance");
    return { server, instance };
  },
  write(w, value) {
    ServerId.write(w, value.server);
    w.u64(value.instance);
  },
});

/** Who holds a lock. */
export interface GLockState {
  /** pid 0: none */
  exclusive: ServerId;
  uniqueLockEpoch: bigint;
  uniqueDataEpoch: bigint;
  shared: ServerId[];
  userData: Uint8Array;
}

export const GLockState: StructCodec<GLockState> = defineCodec<GLockState>({
  name: "GLockState",
  exact: false,
  size: (value) => 44 + 24 * value.shared.length + value.userData.length,
  read(r) {
    const exclusive = ServerId.read(r);
    const uniqueLockEpoch = r.u64("uniqueLockEpoch");
    const uniqueDataEpoch = r.u64("uniqueDataEpoch");
    const sharedCount = r.count(24, "numShared");
    const shared = Array.from({ length: sharedCount }, () => ServerId.read(r));
    const userData = r.bytes(r.remaining, "userData");
    return { exclusive, uniqueLockEpoch, uniqueDataEpoch, shared, userData };
  },
  write(w, value) {
    ServerId.write(w, value.exclusive);
    w.u64(value.uniqueLockEpoch);
    w.u64(value.uniqueDataEpoch);
    w.u32(value.shared.length);
    for (const element of value.shared) ServerId.write(w, element);
    w.bytes(value.userData);
  },
});

/** One holder in a g_lock record as the ctdb tool writes it: the record is an array of these. Samba's format is another one. */
export interface ToolGLock {
  /** 0 read, 1 write */
  type: number;
  server: ServerId;
}

export const ToolGLock: StructCodec<ToolGLock> = defineCodec<ToolGLock>({
  name: "ToolGLock",
  exact: false,
  size: () => 32,
  read(r) {
    const type = r.u32("type");
    r.padding(4);
    const server = ServerId.read(r);
    return { type, server };
  },
  write(w, value) {
    w.u32(value.type);
    w.pad(4);
    ServerId.write(w, value.server);
  },
});

/** In front of every request and reply of the event daemon. */
export interface EventdHeader {
  /** whole packet */
  length: number;
  /** 0, not checked */
  version: number;
  reqid: number;
  command: number;
}

export const EventdHeader: StructCodec<EventdHeader> = defineCodec<EventdHeader>({
  name: "EventdHeader",
  exact: false,
  size: () => 16,
  read(r) {
    const length = r.u32("length");
    const version = r.u32("version");
    const reqid = r.u32("reqid");
    const command = r.u32("command");
    return { length, version, reqid, command };
  },
  write(w, value) {
    w.u32(value.length);
    w.u32(value.version);
    w.u32(value.reqid);
    w.u32(value.command);
  },
});

/** RUN: runs the scripts of a component for an event. */
export interface EventdRun {
  /** `legacy` for all that ctdbd runs */
  component: string;
  event: string;
  /** words separated by blanks; null for the events init and shutdown */
  args: string | null;
  /** seconds */
  timeout: number;
  flags: number;
}

export const EventdRun: StructCodec<EventdRun> = defineCodec<EventdRun>({
  name: "EventdRun",
  exact: true,
  size: (value) => 8 + stringnSize(value.component) + stringnSize(value.event) + stringnSize(value.args),
  read(r) {
    const component = r.requiredStringn("component", false);
    const event = r.requiredStringn("event", false);
    const args = r.stringn("args", false);
    const timeout = r.u32("timeout");
    const flags = r.u32("flags");
    return { component, event, args, timeout, flags };
  },
  write(w, value) {
    w.stringn(value.component);
    w.stringn(value.event);
    w.stringn(value.args);
    w.u32(value.timeout);
    w.u32(value.flags);
  },
});

/** STATUS: result of the last run of an event. */
export interface EventdStatus {
  component: string;
  event: string;
}

export const EventdStatus: StructCodec<EventdStatus> = defineCodec<EventdStatus>({
  name: "EventdStatus",
  exact: true,
  size: (value) => stringnSize(value.component) + stringnSize(value.event),
  read(r) {
    const component = r.requiredStringn("component", false);
    const event = r.requiredStringn("event", false);
    return { component, event };
  },
  write(w, value) {
    w.stringn(value.component);
    w.stringn(value.event);
  },
});

/** SCRIPT: enables or disables a script. */
export interface EventdScript {
  component: string;
  script: string;
  /** 0 disable, 1 enable */
  action: number;
}

export const EventdScript: StructCodec<EventdScript> = defineCodec<EventdScript>({
  name: "EventdScript",
  exact: true,
  size: (value) => 4 + stringnSize(value.component) + stringnSize(value.script),
  read(r) {
    const component = r.requiredStringn("component", false);
    const script = r.requiredStringn("script", false);
    const action = r.u32("action");
    return { component, script, action };
  },
  write(w, value) {
    w.stringn(value.component);
    w.stringn(value.script);
    w.u32(value.action);
  },
});

/** How a script ended. */
export interface EventdScriptResult {
  /** without .script */
  name: string;
  begin: Timeval;
  end: Timeval;
  /** exit status, or a negative errno */
  result: number;
  /** stdout and stderr */
  output: string | null;
}

export const EventdScriptResult: StructCodec<EventdScriptResult> = defineCodec<EventdScriptResult>({
  name: "EventdScriptResult",
  exact: false,
  size: (value) => 36 + stringnSize(value.name) + stringnSize(value.output),
  read(r) {
    const name = r.requiredStringn("name", false);
    const begin = Timeval.read(r);
    const end = Timeval.read(r);
    const result = r.i32("result");
    const output = r.stringn("output", true);
    return { name, begin, end, result, output };
  },
  write(w, value) {
    w.stringn(value.name);
    Timeval.write(w, value.begin);
    Timeval.write(w, value.end);
    w.i32(value.result);
    w.stringn(value.output);
  },
});

/** Results of the scripts of an event. */
export interface EventdScriptList {
  /** 0, or the result of the script that failed */
  summary: number;
  scripts: EventdScriptResult[];
}

export const EventdScriptList: StructCodec<EventdScriptList> = defineCodec<EventdScriptList>({
  name: "EventdScriptList",
  exact: false,
  size: (value) => 8 + value.scripts.reduce((sum, element) => sum + EventdScriptResult.size(element), 0),
  read(r) {
    const summary = r.i32("summary");
    const scriptsCount = r.count(44, "numScripts");
    const scripts = Array.from({ length: scriptsCount }, () => EventdScriptResult.read(r));
    return { summary, scripts };
  },
  write(w, value) {
    w.i32(value.summary);
    w.u32(value.scripts.length);
    for (const element of value.scripts) EventdScriptResult.write(w, element);
  },
});

/** Handlers of one kind. */
export interface LoopKind {
  /** like `control GETVNNMAP` */
  name: string;
  /** how many ran */
  count: number;
  /** seconds, of all */
  total: number;
  /** seconds, of the longest run of them without another kind in between */
  max: number;
}

export const LoopKind: StructCodec<LoopKind> = defineCodec<LoopKind>({
  name: "LoopKind",
  exact: false,
  size: (value) => 24 + stringnSize(value.name),
  read(r) {
    const name = r.requiredStringn("name", false);
    const count = r.safe64("count");
    const total = r.f64("total");
    const max = r.f64("max");
    return { name, count, total, max };
  },
  write(w, value) {
    w.stringn(value.name);
    w.safe64(value.count);
    w.f64(value.total);
    w.f64(value.max);
  },
});

/** Handlers of one kind in one turn. */
export interface LoopTurnPart {
  name: string;
  count: number;
  /** seconds */
  total: number;
}

export const LoopTurnPart: StructCodec<LoopTurnPart> = defineCodec<LoopTurnPart>({
  name: "LoopTurnPart",
  exact: false,
  size: (value) => 12 + stringnSize(value.name),
  read(r) {
    const name = r.requiredStringn("name", false);
    const count = r.u32("count");
    const total = r.f64("total");
    return { name, count, total };
  },
  write(w, value) {
    w.stringn(value.name);
    w.u32(value.count);
    w.f64(value.total);
  },
});

/** A turn of the loop that was longer than the limit. */
export interface LoopTurn {
  end: Timeval;
  /** seconds */
  total: number;
  /** seconds of CPU time that the process used meanwhile */
  cpu: number;
  /** 0: the time passed outside of handlers; the process was stopped, or its runtime was busy */
  inHandlers: number;
  /** worst first */
  parts: LoopTurnPart[];
}

export const LoopTurn: StructCodec<LoopTurn> = defineCodec<LoopTurn>({
  name: "LoopTurn",
  exact: false,
  size: (value) => 40 + value.parts.reduce((sum, element) => sum + LoopTurnPart.size(element), 0),
  read(r) {
    const end = Timeval.read(r);
    const total = r.f64("total");
    const cpu = r.f64("cpu");
    const inHandlers = r.u32("inHandlers");
    const partsCount = r.count(16, "numParts");
    const parts = Array.from({ length: partsCount }, () => LoopTurnPart.read(r));
    return { end, total, cpu, inHandlers, parts };
  },
  write(w, value) {
    Timeval.write(w, value.end);
    w.f64(value.total);
    w.f64(value.cpu);
    w.u32(value.inHandlers);
    w.u32(value.parts.length);
    for (const element of value.parts) LoopTurnPart.write(w, element);
  },
});

/** What the daemon's event loop ran. */
export interface LoopTimes {
  /** seconds since the counters were reset */
  elapsed: number;
  /** seconds of these in handlers */
  busy: number;
  /** longer turns are logged; 0: none are */
  limitMs: number;
  /** how many were */
  longTurns: number;
  kinds: LoopKind[];
  /** newest first */
  turns: LoopTurn[];
}

export const LoopTimes: StructCodec<LoopTimes> = defineCodec<LoopTimes>({
  name: "LoopTimes",
  exact: false,
  size: (value) =>
    36 +
    value.kinds.reduce((sum, element) => sum + LoopKind.size(element), 0) +
    value.turns.reduce((sum, element) => sum + LoopTurn.size(element), 0),
  read(r) {
    const elapsed = r.f64("elapsed");
    const busy = r.f64("busy");
    const limitMs = r.u32("limitMs");
    const longTurns = r.safe64("longTurns");
    const kindsCount = r.count(28, "numKinds");
    const kinds = Array.from({ length: kindsCount }, () => LoopKind.read(r));
    const turnsCount = r.count(40, "numTurns");
    const turns = Array.from({ length: turnsCount }, () => LoopTurn.read(r));
    return { elapsed, busy, limitMs, longTurns, kinds, turns };
  },
  write(w, value) {
    w.f64(value.elapsed);
    w.f64(value.busy);
    w.u32(value.limitMs);
    w.safe64(value.longTurns);
    w.u32(value.kinds.length);
    for (const element of value.kinds) LoopKind.write(w, element);
    w.u32(value.turns.length);
    for (const element of value.turns) LoopTurn.write(w, element);
  },
});

/** A process that holds a lock of a TDB file. */
export interface LockHolder {
  /** 0: unknown */
  pid: number;
  commandLine: string;
  /** what it holds, for people: `mutex of chain 17` */
  lock: string;
  /** hexadecimal, of records in its chain */
  keys: Stringn[];
}

export const LockHolder: StructCodec<LockHolder> = defineCodec<LockHolder>({
  name: "LockHolder",
  exact: false,
  size: (value) =>
    8 +
    stringnSize(value.commandLine) +
    stringnSize(value.lock) +
    value.keys.reduce((sum, element) => sum + Stringn.size(element), 0),
  read(r) {
    const pid = r.u32("pid");
    const commandLine = r.requiredStringn("commandLine", false);
    const lock = r.requiredStringn("lock", false);
    const keysCount = r.count(4, "numKeys");
    const keys = Array.from({ length: keysCount }, () => Stringn.read(r));
    return { pid, commandLine, lock, keys };
  },
  write(w, value) {
    w.u32(value.pid);
    w.stringn(value.commandLine);
    w.stringn(value.lock);
    w.u32(value.keys.length);
    for (const element of value.keys) Stringn.write(w, element);
  },
});

/** A chain of a database, or a whole database, for which the daemon waits. */
export interface LockWait {
  dbId: number;
  /** name */
  database: string;
  /** -1: all records (a freeze) */
  chain: number;
  /** of the first request, hexadecimal; empty for a freeze */
  key: string;
  /** seconds */
  waited: number;
  /** how many wait for it */
  requests: number;
  holders: LockHolder[];
}

export const LockWait: StructCodec<LockWait> = defineCodec<LockWait>({
  name: "LockWait",
  exact: false,
  size: (value) =>
    24 +
    stringnSize(value.database) +
    stringnSize(value.key) +
    value.holders.reduce((sum, element) => sum + LockHolder.size(element), 0),
  read(r) {
    const dbId = r.u32("dbId");
    const database = r.requiredStringn("database", false);
    const chain = r.i32("chain");
    const key = r.requiredStringn("key", false);
    const waited = r.f64("waited");
    const requests = r.u32("requests");
    const holdersCount = r.count(16, "numHolders");
    const holders = Array.from({ length: holdersCount }, () => LockHolder.read(r));
    return { dbId, database, chain, key, waited, requests, holders };
  },
  write(w, value) {
    w.u32(value.dbId);
    w.stringn(value.database);
    w.i32(value.chain);
    w.stringn(value.key);
    w.f64(value.waited);
    w.u32(value.requests);
    w.u32(value.holders.length);
    for (const element of value.holders) LockHolder.write(w, element);
  },
});

/** What the daemon waits for, longest wait first. */
export interface LockWaits {
  /** chains and databases that are waited for; the list may be shorter */
  total: number;
  waits: LockWait[];
}

export const LockWaits: StructCodec<LockWaits> = defineCodec<LockWaits>({
  name: "LockWaits",
  exact: false,
  size: (value) => 8 + value.waits.reduce((sum, element) => sum + LockWait.size(element), 0),
  read(r) {
    const total = r.u32("total");
    const waitsCount = r.count(32, "numWaits");
    const waits = Array.from({ length: waitsCount }, () => LockWait.read(r));
    return { total, waits };
  },
  write(w, value) {
    w.u32(value.total);
    w.u32(value.waits.length);
    for (const element of value.waits) LockWait.write(w, element);
  },
});

/** Script status of the removed control GET_EVENT_SCRIPT_STATUS. */
export interface LegacyScript {
  name: string;
  start: Timeval;
  finished: Timeval;
  status: number;
  output: string;
}

export const LegacyScript: StructCodec<LegacyScript> = defineCodec<LegacyScript>({
  name: "LegacyScript",
  exact: false,
  size: () => 584,
  read(r) {
    const name = r.fixedText(32, "name");
    const start = Timeval.read(r);
    const finished = Timeval.read(r);
    const status = r.i32("status");
    const output = r.fixedText(512, "output");
    r.padding(4);
    return { name, start, finished, status, output };
  },
  write(w, value) {
    w.fixedText(value.name, 32);
    Timeval.write(w, value.start);
    Timeval.write(w, value.finished);
    w.i32(value.status);
    w.fixedText(value.output, 512);
    w.pad(4);
  },
});

/** List of the removed control GET_EVENT_SCRIPT_STATUS. */
export interface LegacyScriptList {
  scripts: LegacyScript[];
}

export const LegacyScriptList: StructCodec<LegacyScriptList> = defineCodec<LegacyScriptList>({
  name: "LegacyScriptList",
  exact: false,
  size: (value) => 8 + 584 * value.scripts.length,
  read(r) {
    const scriptsCount = r.count(584, "num");
    r.padding(4);
    const scripts = Array.from({ length: scriptsCount }, () => LegacyScript.read(r));
    return { scripts };
  },
  write(w, value) {
    w.u32(value.scripts.length);
    w.pad(4);
    for (const element of value.scripts) LegacyScript.write(w, element);
  },
});

/** Request of the removed control PULL_DB. */
export interface LegacyPullDb {
  dbId: number;
  lmaster: number;
}

export const LegacyPullDb: StructCodec<LegacyPullDb> = defineCodec<LegacyPullDb>({
  name: "LegacyPullDb",
  exact: false,
  size: () => 8,
  read(r) {
    const dbId = r.u32("dbId");
    const lmaster = r.u32("lmaster");
    return { dbId, lmaster };
  },
  write(w, value) {
    w.u32(value.dbId);
    w.u32(value.lmaster);
  },
});

/** Values of all tunables, by name, in the order of the table of tunables. */
export interface TunableList {
  MaxRedirectCount: number;
  SeqnumInterval: number;
  ControlTimeout: number;
  TraverseTimeout: number;
  KeepaliveInterval: number;
  KeepaliveLimit: number;
  RecoverTimeout: number;
  RecoverInterval: number;
  ElectionTimeout: number;
  TakeoverTimeout: number;
  MonitorInterval: number;
  TickleUpdateInterval: number;
  EventScriptTimeout: number;
  MonitorTimeoutCount: number;
  EventScriptUnhealthyOnTimeout: number;
  RecoveryGracePeriod: number;
  RecoveryBanPeriod: number;
  DatabaseHashSize: number;
  DatabaseMaxDead: number;
  RerecoveryTimeout: number;
  EnableBans: number;
  DeterministicIPs: number;
  ReclockPingPeriod: number;
  NoIPFailback: number;
  DisableIPFailover: number;
  VerboseMemoryNames: number;
  RecdPingTimeout: number;
  RecdFailCount: number;
  LogLatencyMs: number;
  RecLockLatencyMs: number;
  RecoveryDropAllIPs: number;
  VerifyRecoveryLock: number;
  VacuumInterval: number;
  VacuumMaxRunTime: number;
  RepackLimit: number;
  VacuumLimit: number;
  MaxQueueDropMsg: number;
  AllowUnhealthyDBRead: number;
  StatHistoryInterval: number;
  DeferredAttachTO: number;
  VacuumFastPathCount: number;
  LCP2PublicIPs: number;
  AllowClientDBAttach: number;
  RecoverPDBBySeqNum: number;
  DeferredRebalanceOnNodeAdd: number;
  FetchCollapse: number;
  HopcountMakeSticky: number;
  StickyDuration: number;
  StickyPindown: number;
  NoIPTakeover: number;
  DBRecordCountWarn: number;
  DBRecordSizeWarn: number;
  DBSizeWarn: number;
  PullDBPreallocation: number;
  NoIPHostOnAllDisabled: number;
  Samba3AvoidDeadlocks: number;
  TDBMutexEnabled: number;
  LockProcessesPerDB: number;
  RecBufferSizeLimit: number;
  QueueBufferSize: number;
  IPAllocAlgorithm: number;
  AllowMixedVersions: number;
}

export const TunableList: StructCodec<TunableList> = defineCodec<TunableList>({
  name: "TunableList",
  exact: false,
  size: () => 248,
  read(r) {
    const MaxRedirectCount = r.u32("MaxRedirectCount");
    const SeqnumInterval = r.u32("SeqnumInterval");
    const ControlTimeout = r.u32("ControlTimeout");
    const TraverseTimeout = r.u32("TraverseTimeout");
    const KeepaliveInterval = r.u32("KeepaliveInterval");
    const KeepaliveLimit = r.u32("KeepaliveLimit");
    const RecoverTimeout = r.u32("RecoverTimeout");
    const RecoverInterval = r.u32("RecoverInterval");
    const ElectionTimeout = r.u32("ElectionTimeout");
    const TakeoverTimeout = r.u32("TakeoverTimeout");
    const MonitorInterval = r.u32("MonitorInterval");
    const TickleUpdateInterval = r.u32("TickleUpdateInterval");
    const EventScriptTimeout = r.u32("EventScriptTimeout");
    const MonitorTimeoutCount = r.u32("MonitorTimeoutCount");
    const EventScriptUnhealthyOnTimeout = r.u32("EventScriptUnhealthyOnTimeout");
    const RecoveryGracePeriod = r.u32("RecoveryGracePeriod");
    const RecoveryBanPeriod = r.u32("RecoveryBanPeriod");
    const DatabaseHashSize = r.u32("DatabaseHashSize");
    const DatabaseMaxDead = r.u32("DatabaseMaxDead");
    const RerecoveryTimeout = r.u32("RerecoveryTimeout");
    const EnableBans = r.u32("EnableBans");
    const DeterministicIPs = r.u32("DeterministicIPs");
    const ReclockPingPeriod = r.u32("ReclockPingPeriod");
    const NoIPFailback = r.u32("NoIPFailback");
    const DisableIPFailover = r.u32("DisableIPFailover");
    const VerboseMemoryNames = r.u32("VerboseMemoryNames");
    const RecdPingTimeout = r.u32("RecdPingTimeout");
    const RecdFailCount = r.u32("RecdFailCount");
    const LogLatencyMs = r.u32("LogLatencyMs");
    const RecLockLatencyMs = r.u32("RecLockLatencyMs");
    const RecoveryDropAllIPs = r.u32("RecoveryDropAllIPs");
    const VerifyRecoveryLock = r.u32("VerifyRecoveryLock");
    const VacuumInterval = r.u32("VacuumInterval");
    const VacuumMaxRunTime = r.u32("VacuumMaxRunTime");
    const RepackLimit = r.u32("RepackLimit");
    const VacuumLimit = r.u32("VacuumLimit");
    const MaxQueueDropMsg = r.u32("MaxQueueDropMsg");
    const AllowUnhealthyDBRead = r.u32("AllowUnhealthyDBRead");
    const StatHistoryInterval = r.u32("StatHistoryInterval");
    const DeferredAttachTO = r.u32("DeferredAttachTO");
    const VacuumFastPathCount = r.u32("VacuumFastPathCount");
    const LCP2PublicIPs = r.u32("LCP2PublicIPs");
    const AllowClientDBAttach = r.u32("AllowClientDBAttach");
    const RecoverPDBBySeqNum = r.u32("RecoverPDBBySeqNum");
    const DeferredRebalanceOnNodeAdd = r.u32("DeferredRebalanceOnNodeAdd");
    const FetchCollapse = r.u32("FetchCollapse");
    const HopcountMakeSticky = r.u32("HopcountMakeSticky");
    const StickyDuration = r.u32("StickyDuration");
    const StickyPindown = r.u32("StickyPindown");
    const NoIPTakeover = r.u32("NoIPTakeover");
    const DBRecordCountWarn = r.u32("DBRecordCountWarn");
    const DBRecordSizeWarn = r.u32("DBRecordSizeWarn");
    const DBSizeWarn = r.u32("DBSizeWarn");
    const PullDBPreallocation = r.u32("PullDBPreallocation");
    const NoIPHostOnAllDisabled = r.u32("NoIPHostOnAllDisabled");
    const Samba3AvoidDeadlocks = r.u32("Samba3AvoidDeadlocks");
    const TDBMutexEnabled = r.u32("TDBMutexEnabled");
    const LockProcessesPerDB = r.u32("LockProcessesPerDB");
    const RecBufferSizeLimit = r.u32("RecBufferSizeLimit");
    const QueueBufferSize = r.u32("QueueBufferSize");
    const IPAllocAlgorithm = r.u32("IPAllocAlgorithm");
    const AllowMixedVersions = r.u32("AllowMixedVersions");
    return {
      MaxRedirectCount,
      SeqnumInterval,
      ControlTimeout,
      TraverseTimeout,
      KeepaliveInterval,
      KeepaliveLimit,
      RecoverTimeout,
      RecoverInterval,
      ElectionTimeout,
      TakeoverTimeout,
      MonitorInterval,
      TickleUpdateInterval,
      EventScriptTimeout,
      MonitorTimeoutCount,
      EventScriptUnhealthyOnTimeout,
      RecoveryGracePeriod,
      RecoveryBanPeriod,
      DatabaseHashSize,
      DatabaseMaxDead,
      RerecoveryTimeout,
      EnableBans,
      DeterministicIPs,
      ReclockPingPeriod,
      NoIPFailback,
      DisableIPFailover,
      VerboseMemoryNames,
      RecdPingTimeout,
      RecdFailCount,
      LogLatencyMs,
      RecLockLatencyMs,
      RecoveryDropAllIPs,
      VerifyRecoveryLock,
      VacuumInterval,
      VacuumMaxRunTime,
      RepackLimit,
      VacuumLimit,
      MaxQueueDropMsg,
      AllowUnhealthyDBRead,
      StatHistoryInterval,
      DeferredAttachTO,
      VacuumFastPathCount,
      LCP2PublicIPs,
      AllowClientDBAttach,
      RecoverPDBBySeqNum,
      DeferredRebalanceOnNodeAdd,
      FetchCollapse,
      HopcountMakeSticky,
      StickyDuration,
      StickyPindown,
      NoIPTakeover,
      DBRecordCountWarn,
      DBRecordSizeWarn,
      DBSizeWarn,
      PullDBPreallocation,
      NoIPHostOnAllDisabled,
      Samba3AvoidDeadlocks,
      TDBMutexEnabled,
      LockProcessesPerDB,
      RecBufferSizeLimit,
      QueueBufferSize,
      IPAllocAlgorithm,
      AllowMixedVersions,
    };
  },
  write(w, value) {
    w.u32(value.MaxRedirectCount);
    w.u32(value.SeqnumInterval);
    w.u32(value.ControlTimeout);
    w.u32(value.TraverseTimeout);
    w.u32(value.KeepaliveInterval);
    w.u32(value.KeepaliveLimit);
    w.u32(value.RecoverTimeout);
    w.u32(value.RecoverInterval);
    w.u32(value.ElectionTimeout);
    w.u32(value.TakeoverTimeout);
    w.u32(value.MonitorInterval);
    w.u32(value.TickleUpdateInterval);
    w.u32(value.EventScriptTimeout);
    w.u32(value.MonitorTimeoutCount);
    w.u32(value.EventScriptUnhealthyOnTimeout);
    w.u32(value.RecoveryGracePeriod);
    w.u32(value.RecoveryBanPeriod);
    w.u32(value.DatabaseHashSize);
    w.u32(value.DatabaseMaxDead);
    w.u32(value.RerecoveryTimeout);
    w.u32(value.EnableBans);
    w.u32(value.DeterministicIPs);
    w.u32(value.ReclockPingPeriod);
    w.u32(value.NoIPFailback);
    w.u32(value.DisableIPFailover);
    w.u32(value.VerboseMemoryNames);
    w.u32(value.RecdPingTimeout);
    w.u32(value.RecdFailCount);
    w.u32(value.LogLatencyMs);
    w.u32(value.RecLockLatencyMs);
    w.u32(value.RecoveryDropAllIPs);
    w.u32(value.VerifyRecoveryLock);
    w.u32(value.VacuumInterval);
    w.u32(value.VacuumMaxRunTime);
    w.u32(value.RepackLimit);
    w.u32(value.VacuumLimit);
    w.u32(value.MaxQueueDropMsg);
    w.u32(value.AllowUnhealthyDBRead);
    w.u32(value.StatHistoryInterval);
    w.u32(value.DeferredAttachTO);
    w.u32(value.VacuumFastPathCount);
    w.u32(value.LCP2PublicIPs);
    w.u32(value.AllowClientDBAttach);
    w.u32(value.RecoverPDBBySeqNum);
    w.u32(value.DeferredRebalanceOnNodeAdd);
    w.u32(value.FetchCollapse);
    w.u32(value.HopcountMakeSticky);
    w.u32(value.StickyDuration);
    w.u32(value.StickyPindown);
    w.u32(value.NoIPTakeover);
    w.u32(value.DBRecordCountWarn);
    w.u32(value.DBRecordSizeWarn);
    w.u32(value.DBSizeWarn);
    w.u32(value.PullDBPreallocation);
    w.u32(value.NoIPHostOnAllDisabled);
    w.u32(value.Samba3AvoidDeadlocks);
    w.u32(value.TDBMutexEnabled);
    w.u32(value.LockProcessesPerDB);
    w.u32(value.RecBufferSizeLimit);
    w.u32(value.QueueBufferSize);
    w.u32(value.IPAllocAlgorithm);
    w.u32(value.AllowMixedVersions);
  },
});
