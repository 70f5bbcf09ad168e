// What `import ... from "ctdb-ts"` gives: the client library.
export {
  Capability,
  ControlFlag,
  type ControlName,
  type ControlReply,
  type ControlRequest,
  DbFlag,
  NodeFlag,
  Pnn,
  RecordFlag,
  RecoveryMode,
  RunState,
  type ServerId,
  Srvid,
} from "../protocol/index.js";
export type { AttachOptions, DatabaseType } from "./attach.js";
export { Client, type ClientEvents, type ConnectOptions, connect, type NodeResult } from "./client.js";
export type { ControlOptions, RawControlReply } from "./control-request.js";
export type { LinkState, ReconnectPolicy } from "./daemon-link.js";
export { Database, type DatabaseState, type LocalRead } from "./database.js";
export * from "./errors.js";
export type { RecordOptions } from "./fetch-lock.js";
export type { GLock, GLockOptions } from "./g-lock.js";
export type { GLockFormat, GLockMode } from "./g-lock-record.js";
export type { MessageHandler, MessageOptions, Subscription } from "./message-registry.js";
export { type LockedRecord, RecordHandle } from "./record.js";
export type { TraversedRecord } from "./record-queue.js";
export type { ClientModules } from "./time.js";
export type { Transaction, TransactionOptions, TransactionView } from "./transaction.js";
export type { ClientTransport, StreamConnection, StreamHandlers } from "./transport.js";
export type { LocalTraverseOptions, TraverseOptions } from "./traverse.js";
export { TunnelCallError, type TunnelRequestHandler, TunnelService } from "./tunnel-service.js";
export { type RequestOptions, Tunnel, type TunnelHandler, type TunnelKind } from "./tunnels.js";
export { DEFAULT_SOCKET_PATH, socketPathFromEnvironment, UnixSocketTransport } from "./unix-socket.js";
