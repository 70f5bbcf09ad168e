// Every packet type: the 32-byte header and what follows it. Offsets are absolute in the packet.
import type { PacketDefinition, PacketField } from "./language.js";

export const HEADER_SIZE = 32;
export const MAGIC = 0x43544442;
export const PROTOCOL_VERSION = 1;

export const headerFields: readonly PacketField[] = [
  { name: "length", offset: 0, type: "u32", doc: "whole packet with its padding" },
  { name: "magic", offset: 4, type: "u32", doc: "0x43544442; the bytes on the wire read BDTC" },
  { name: "version", offset: 8, type: "u32", doc: "1, never changed" },
  {
    name: "generation",
    offset: 12,
    type: "u32",
    settable: true,
    doc: "generation of the database in calls, of the VNN map elsewhere",
  },
  { name: "operation", offset: 16, type: "u32", doc: "packet type" },
  { name: "destnode", offset: 20, type: "u32", settable: true, doc: "pnn or one of the special addresses" },
  {
    name: "srcnode",
    offset: 24,
    type: "u32",
    settable: true,
    doc: "pnn of the sender; of the first requester in a redirected REQ_CALL",
  },
  {
    name: "reqid",
    offset: 28,
    type: "u32",
    settable: true,
    doc: "chosen by the requester, carried back by the reply; 0 if none is expected",
  },
];

export const packets: readonly PacketDefinition[] = [
  {
    operation: 0,
    name: "REQ_CALL",
    doc:
      "Asks for a record. A client asks its own node; a node that is not dmaster of the record redirects the packet (destnode and hopcount " +
      "change, srcnode and reqid stay); the dmaster answers a node by migrating the record to it.",
    routes: "node to node, client to ctdbd",
    generationChecked: "from nodes",
    fixedSize: 56,
    fields: [
      { name: "flags", offset: 32, type: "u32", settable: true, doc: "call flags" },
      { name: "dbId", offset: 36, type: "u32" },
      { name: "callId", offset: 40, type: "u32", settable: true, doc: "which call: NULL, FETCH, FETCH_WITH_HEADER" },
      { name: "hopcount", offset: 44, type: "u32", settable: true, doc: "0 from clients, one more for each redirect" },
      { name: "keyLength", offset: 48, type: "u32", lengthOf: "key" },
      { name: "callDataLength", offset: 52, type: "u32", lengthOf: "callData" },
    ],
    parts: [
      { name: "key", type: "bytes" },
      { name: "callData", type: "bytes" },
    ],
  },
  {
    operation: 1,
    name: "REPLY_CALL",
    doc:
      "Result of a call: record data for FETCH, 24-byte record header and data for FETCH_WITH_HEADER, nothing for NULL. No data at all means " +
      "that there is no such record. Between nodes only for read-only delegations.",
    routes: "node to node, ctdbd to client",
    generationChecked: "from nodes",
    fixedSize: 40,
    fields: [
      { name: "status", offset: 32, type: "i32" },
      { name: "dataLength", offset: 36, type: "u32", lengthOf: "data" },
    ],
    parts: [{ name: "data", type: "bytes" }],
  },
  {
    operation: 2,
    name: "REQ_DMASTER",
    doc: "The dmaster of a record asks its lmaster to make another node the dmaster. reqid is that of the REQ_CALL of the new dmaster.",
    routes: "node to node",
    generationChecked: "yes",
    fixedSize: 60,
    fields: [
      { name: "dbId", offset: 32, type: "u32" },
      { name: "hole", offset: 36, type: "hole" },
      { name: "rsn", offset: 40, type: "rsn" },
      { name: "dmaster", offset: 48, type: "u32", doc: "pnn of the node that shall become dmaster" },
      { name: "keyLength", offset: 52, type: "u32", lengthOf: "key" },
      { name: "dataLength", offset: 56, type: "u32", lengthOf: "data" },
    ],
    parts: [
      { name: "key", type: "bytes" },
      { name: "data", type: "bytes", doc: "without record header" },
    ],
    trailingWord: {
      name: "recordFlags",
      doc: "record flags, unaligned, counted by no length; 0 if the packet ends before it",
    },
  },
  {
    operation: 3,
    name: "REPLY_DMASTER",
    doc: "The lmaster (or the dmaster, if it is the lmaster) gives a record to its new dmaster. reqid is that of the REQ_CALL.",
    routes: "node to node",
    generationChecked: "yes",
    fixedSize: 56,
    fields: [
      { name: "dbId", offset: 32, type: "u32" },
      { name: "hole", offset: 36, type: "hole" },
      { name: "rsn", offset: 40, type: "rsn" },
      { name: "keyLength", offset: 48, type: "u32", lengthOf: "key" },
      { name: "dataLength", offset: 52, type: "u32", lengthOf: "data" },
    ],
    parts: [
      { name: "key", type: "bytes" },
      { name: "data", type: "bytes", doc: "without record header" },
    ],
    trailingWord: {
      name: "recordFlags",
      doc: "record flags, unaligned, counted by no length; 0 if the packet ends before it",
    },
  },
  {
    operation: 4,
    name: "REPLY_ERROR",
    doc: "Answer to a REQ_CALL or REQ_DMASTER that cannot be served (unknown database, fetch failed). The receiver fails the pending call.",
    routes: "node to node",
    generationChecked: "no",
    fixedSize: 40,
    fields: [
      { name: "status", offset: 32, type: "i32", doc: "-1" },
      { name: "messageLength", offset: 36, type: "u32", lengthOf: "message", doc: "with the final NUL" },
    ],
    parts: [{ name: "message", type: "nulText" }],
  },
  {
    operation: 5,
    name: "REQ_MESSAGE",
    doc: "A message to a srvid on a node; no acknowledgement. Delivered to a client, srcnode is its own node, not that of the sender.",
    routes: "node to node, client to ctdbd, ctdbd to client",
    generationChecked: "no",
    fixedSize: 44,
    fields: [
      { name: "srvid", offset: 32, type: "srvid" },
      { name: "dataLength", offset: 40, type: "u32", lengthOf: "data" },
    ],
    parts: [{ name: "data", type: "bytes" }],
  },
  {
    operation: 7,
    name: "REQ_CONTROL",
    doc: "A control: a request to a daemon. The daemon of a client rebuilds it with a reqid and the client_id of its own before it passes it on.",
    routes: "node to node, client to ctdbd",
    generationChecked: "no",
    fixedSize: 60,
    fields: [
      { name: "opcode", offset: 32, type: "u32" },
      { name: "hole", offset: 36, type: "hole" },
      {
        name: "srvid",
        offset: 40,
        type: "srvid",
        doc: "used by the REGISTER and DEREGISTER controls, a hint elsewhere",
      },
      { name: "clientId", offset: 48, type: "u32", settable: true, doc: "0 from clients; filled in by their daemon" },
      { name: "flags", offset: 52, type: "u32", settable: true, doc: "control flags; bit 0: no reply is wanted" },
      { name: "dataLength", offset: 56, type: "u32", lengthOf: "data" },
    ],
    parts: [{ name: "data", type: "bytes" }],
  },
  {
    operation: 8,
    name: "REPLY_CONTROL",
    doc:
      "Answer to a control. With a status other than 0, send no data: the ctdb tool expects the error text right behind the fixed part. The C " +
      "daemon sends the error text without NUL; one with NUL is accepted.",
    routes: "node to node, ctdbd to client",
    generationChecked: "no",
    fixedSize: 44,
    fields: [
      {
        name: "status",
        offset: 32,
        type: "i32",
        doc: "0 success, -1 failure; the answer itself for PING, GET_PNN, GET_PID, GET_RECMODE",
      },
      { name: "dataLength", offset: 36, type: "u32", lengthOf: "data" },
      { name: "errorLength", offset: 40, type: "u32", lengthOf: "errorText" },
    ],
    parts: [
      { name: "data", type: "bytes" },
      { name: "errorText", type: "text" },
    ],
  },
  {
    operation: 9,
    name: "REQ_KEEPALIVE",
    doc:
      "Sent to every connected node each KeepaliveInterval. Peers of different versions do not stay together (tunable AllowMixedVersions): the " +
      "one that is up for a shorter time shuts down. A packet of 32 bytes comes from a very old peer.",
    routes: "node to node",
    generationChecked: "no",
    fixedSize: 40,
    fields: [
      { name: "version", offset: 32, type: "u32", doc: "Samba release: (major << 16) | minor" },
      { name: "uptime", offset: 36, type: "u32", doc: "seconds since the daemon started" },
    ],
    parts: [],
    fieldsOptional: true,
  },
  {
    operation: 10,
    name: "REQ_TUNNEL",
    doc: "A message to the client that registered a tunnel id on a node. reqid is not carried over by C daemons.",
    routes: "node to node, client to ctdbd, ctdbd to client",
    generationChecked: "no",
    fixedSize: 48,
    fields: [
      { name: "tunnelId", offset: 32, type: "srvid" },
      { name: "flags", offset: 40, type: "u32", doc: "tunnel flags" },
      { name: "dataLength", offset: 44, type: "u32", lengthOf: "data" },
    ],
    parts: [{ name: "data", type: "bytes" }],
  },
];
