// All structures under one roof: generated ones and those written by hand.
export * from "./empty.js";
export * from "./g-lock.js";
export * from "./generated/structures.js";
export { type HotKey, HotKeys } from "./hot-keys.js";
export { RecBuffer, RecData } from "./rec-buffer.js";
export { RecordHeader } from "./record-header.js";
export { SockAddr } from "./sock-addr.js";
export * from "./text-to-end.js";
export * from "./tunable-names.js";
