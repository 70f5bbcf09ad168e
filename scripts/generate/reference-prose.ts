// The parts of docs/protocol.md that are told, not derived from the schema.

export const introduction = `# The CTDB wire protocol

This page is generated from \`src/protocol/schema/\` (\`npm run generate\`). It describes what travels between the nodes of a cluster and between a
node and its clients, for peers of Samba 4.17 to 4.24. All layouts are the same in these releases; what only newer ones know is marked *since*.

Contents: [a first packet](#a-first-packet) · [the ground rules](#the-ground-rules) · [a record on its way](#a-record-on-its-way) ·
[packets](#packets) · [controls](#controls) · [messages](#messages) · [structures](#structures) · [event daemon](#the-event-daemons-socket) ·
[records and hashes](#records-and-hashes) · [constants](#constants) · [tunables](#tunables) · [traps](#traps)
`;

export const firstPacketIntroduction = `## A first packet

The first thing that every client says to its node is "which node are you?": control GET_PNN. Here it is, byte by byte, as the \`ctdb\` tool
sends it:
`;

/** GET_PNN of the ctdb tool, and the answer of node 1. */
export const firstPackets: readonly { readonly title: string; readonly hex: string }[] = [
  {
    title: "REQ_CONTROL: opcode 35 is GET_PNN",
    hex:
      "400000004244544301000000000000000700000001" +
      "0000f0ffffffff38ffff7f23000000000000000000000000000000000000000000000000000000" +
      "00000000",
  },
  {
    title: "REPLY_CONTROL: the status is the answer, node 1",
    hex: "30000000424454430100000001000000080000000000000001000000" + "38ffff7f0100000000000000" + "0000000000000000",
  },
];

export const groundRules = `## The ground rules

**Framing.** A stream is a plain sequence of packets. Each begins with its own length (u32, header and padding included). There is no handshake, no
authentication and no largest size: records of tens of MB are legal.

**Byte order.** Integers are little endian (the memory images of C structures on x86-64 and aarch64). Ports and addresses inside of socket addresses
are in network byte order.

**Padding.** Between nodes, and in all that a daemon sends, packets are filled up with zeros to a multiple of 8, and the length counts the filling.
Samba's clients do not pad, so that the next packet of their stream begins anywhere. C daemons leave what their memory held in padding *inside* of
structures: ignore it on receipt, send zeros.

**Two links, two characters.**

| | node to node | client to its node |
| --- | --- | --- |
| transport | TCP port 4379; one connection for each direction, the node that opened it writes | unix socket |
| who is it | the source address, looked up in the nodes file | the peer's pid |
| length not a multiple of 8 | the link is dropped | fine |
| bad magic or version | the link is dropped | the packet is ignored |
| length below 32 | the link is dropped | the packet is ignored (0 to 3: the connection is closed) |
| unknown packet type | the packet is dropped | the packet is ignored |
| inner length beyond the packet | the packet is dropped | the packet is dropped |

Never send a malformed packet to a C daemon over TCP: it ends itself.

**Addresses.** destnode is the pnn of a node (index of its line in the nodes file) or one of the special values of [Pnn](#pnn). Broadcasts are
expanded by the daemon that sends them; a packet to the own node goes through a local queue as if it had been received.

**Generations.** Each recovery gives the cluster a new random generation. Packets 0 to 3 are dropped if their generation is not that of the receiver's
VNN map, so that nothing from before a recovery can touch a record after it; the requester sends them again when the database is thawed. Controls,
messages, keepalives and tunnels are not checked.

**Versions.** The header's version is always 1. Daemons compare the Samba release in keepalives instead: if it differs, the node that is up for a
shorter time shuts down, unless the tunable AllowMixedVersions is set.

**Strings.** A *string* fills the rest of a payload and ends with NUL. A *stringn* has a u32 length (NUL included) in front; length 0 means that there
is no string, length 1 an empty one. Decoders stop at the first NUL and accept a missing one.

**Errors.** Controls answer with a status: 0 is success, -1 failure; a few give a number as their answer. With an error text, no data is sent.
`;

export const recordJourney = `## A record on its way

Every record has a *dmaster*, the node that holds it, and an *lmaster*, the node that always knows who the dmaster is: slot \`hash(key) mod size\` of the
VNN map. A client on node 0 wants a record whose lmaster is node 1 and whose dmaster is node 2:

\`\`\`
client      node 0           node 1 (lmaster)      node 2 (dmaster)
  | REQ_CALL  |                    |                     |
  |---------->| REQ_CALL           |                     |
  |           |------------------->| REQ_CALL  hop 1     |
  |           |                    |-------------------->|
  |           |                    |         REQ_DMASTER |   node 2 stores "dmaster is 0" before it lets go
  |           |                    |<--------------------|
  |           |      REPLY_DMASTER |                         node 1 notes "dmaster is 0"
  |           |<-------------------|
  |REPLY_CALL |                                              node 0 stores the record with the rsn of the packet
  |<----------|
\`\`\`

All these packets carry the reqid of the call, so that node 0 finds the call that waits. The record flags travel behind key and data, counted by no
length: forgetting them breaks vacuuming. The client then finds the record in the TDB file of its own node.
`;

export const controlsIntroduction = `## Controls

A control is a request to a daemon, sent with REQ_CONTROL and answered with REPLY_CONTROL. Any client may send any control to any node, but controls of
scope *connection* only make sense at the daemon that owns the client connection. *Size* is what the request must have: \`= n\` exactly n bytes, else
status -1; \`>= n\` at least n; empty: superfluous bytes are ignored. Users: **S** Samba, **T** the ctdb tool, **R** recovery daemon and its helpers,
**D** daemons, **C** children of a daemon.
`;

export const messagesIntroduction = `## Messages

A message goes to a *srvid*, a 64-bit mailbox number, on a node. Any number of clients may register the same srvid (control REGISTER_SRVID); each
registration gets a copy. Nobody listens: the message is dropped. Messages of one sender to one client keep their order. Delivered to a client, the
packet's srcnode is the client's own node.
`;

export const structuresIntroduction = `## Structures

Offsets and sizes are in bytes. Fields without an offset follow a field of variable size.
`;

export const eventDaemon = `## The event daemon's socket

\`ctdb-eventd\` listens on a unix socket of its own. A packet is [EventdHeader](#eventdheader), then the request or reply; there is no alignment and no
padding. Replies carry the reqid of their request and may come in any order. A request that cannot be parsed is ignored.

| command | request | reply |
| --- | --- | --- |
| 1 RUN | [EventdRun](#eventdrun) | i32 result: 0 or a positive errno |
| 2 STATUS | [EventdStatus](#eventdstatus) | i32 result; if it is 0: [EventdScriptList](#eventdscriptlist) |
| 3 SCRIPT | [EventdScript](#eventdscript) | i32 result |
`;

export const recordsAndHashes = `## Records and hashes

A record in a TDB file is a 24-byte [RecordHeader](#recordheader) and its data. Less than 24 bytes: there is no record. Exactly 24 bytes: an existing,
empty record.

**The hash** of keys and database names is Bob Jenkins' lookup3 (\`hashlittle\`, init value 0), as in TDB:

1. a = b = c = 0xdeadbeef + length.
2. While more than 12 bytes are left: add the next three u32 to a, b, c, and mix.
3. Nothing left (only for empty input): the result is c.
4. Else fill the rest up with zeros to 12 bytes, add its three u32 to a, b, c, and apply the final steps: the result is c.

* **lmaster** of a key: \`map[hash(key) mod size]\`; the key is hashed exactly as the client gave it.
* **db_id** of a database: the hash of its name *with* the terminating NUL. \`g_lock.tdb\` is 0x4d2a432b, \`locking.tdb\` 0x7a19d84d.
* **TDB files** of volatile and replicated databases use the same hash for their chains; persistent ones use TDB's old hash.

**The sequence number** of a persistent or replicated database is the record \`__db_sequence_number__\` (with its NUL), a u64.
`;

export const traps = `## Traps

1. REQ_DMASTER and REPLY_DMASTER carry four bytes of record flags that no length counts.
2. One malformed packet on a TCP link ends a C daemon.
3. Packets of Samba's clients are not padded: packet starts on the unix socket are not aligned.
4. Two TCP connections a pair of nodes; never write on an accepted one. The source address must be the node's own address.
5. GET_DB_SEQNUM wants 8 bytes, CHECK_PID_SRVID 12 packed ones, DB_VACUUM 5, TRAVERSE_START_EXT 24.
6. PING, GET_PNN, GET_PID and GET_RECMODE answer in the status.
7. A broadcast control without NOREPLY is never answered. Nor is a REQ_CALL for an unknown database from a client.
8. DB_ATTACH of a client during recovery is answered when the recovery is over.
9. A srvid that is registered twice gets each message twice.
10. In flag changes new comes before old.
11. LIST_TUNABLES begins with a colon, and its order is not that of GET_ALL_TUNABLES.
12. Samba and the ctdb tool write different formats into g_lock.tdb.
13. VACUUM_FETCH sends records with keys only: no record header, data length 0.
14. smbd sends what its stack held in the unused bytes of IPv4 addresses.
`;
