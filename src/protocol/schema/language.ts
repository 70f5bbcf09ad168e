// The words in which the schema is written: plain data, read by the generator (scripts/generate/) and by nothing at run time.

/** Fixed-width little-endian scalars. u64 becomes a bigint, safe64 and i64 a number that is checked to be a safe integer. */
export type Scalar = "u8" | "u16" | "u32" | "i32" | "u64" | "safe64" | "i64" | "f64" | "bool";

/** What a field of a structure can be. */
export type FieldType =
  | Scalar
  /** Another structure, in place. */
  | { readonly struct: string }
  /** Bytes without meaning: sent as zero, ignored on receipt. */
  | { readonly pad: number }
  /** Text filled up with NULs to this size; its last byte is NUL. */
  | { readonly fixedText: number }
  /** A fixed number of elements. */
  | { readonly array: FieldType; readonly length: number }
  /** u32 number of elements of the named list, which follows later. No field of its own in TypeScript. */
  | { readonly countOf: string; readonly signed?: boolean }
  /** Elements whose number a `countOf` field gave. */
  | { readonly list: FieldType }
  /** u32 length of the named byte field, which follows later. No field of its own in TypeScript. */
  | { readonly lengthOf: string }
  /** As many bytes as a `lengthOf` field gave. */
  | "bytes"
  /** All that is left. */
  | "rest"
  /** Bytes and NUL up to the end of the payload. No bytes at all: absent. */
  | { readonly string: "required" | "nullable"; readonly lossy?: boolean }
  /** u32 length with the NUL, bytes, NUL. Length 0: absent. */
  | { readonly stringn: "required" | "nullable"; readonly lossy?: boolean };

export interface Field {
  /** TypeScript name; for padding a word for the reference page. */
  readonly name: string;
  readonly type: FieldType;
  readonly doc?: string;
}

export interface Structure {
  readonly name: string;
  /** What it is, who uses it. */
  readonly doc: string;
  readonly fields: readonly Field[];
  /** Bytes after the last field are refused. */
  readonly exact?: boolean;
  /** The TypeScript value is this single field instead of an object. */
  readonly unwrap?: string;
  /** The codec is written by hand in this file of src/protocol; the fields are documentation. */
  readonly handWritten?: string;
  /** Size in bytes where a hand-written codec has a fixed one; the smallest size otherwise. */
  readonly fixedSize?: number;
  readonly sizeMin?: number;
}

export interface Constant {
  readonly name: string;
  readonly value: number | bigint;
  readonly doc?: string;
  /** First release that knows it, like "4.20". */
  readonly since?: string;
  readonly obsolete?: boolean;
}

export interface ConstantGroup {
  /** Name of the TypeScript object. */
  readonly name: string;
  readonly doc: string;
  /** How values are written: "hex" u32, "hex64" bigint, "decimal". */
  readonly format: "hex" | "hex64" | "decimal";
  readonly constants: readonly Constant[];
}

/** A payload of a control or message: the structure and what it is in this place. */
export interface Payload {
  readonly struct: string;
  /** What the value is, like "db_id". */
  readonly label?: string;
}

export interface ControlDefinition {
  readonly opcode: number;
  readonly name: string;
  /** Obsolete controls are answered with status -1; their numbers are never used again. */
  readonly status: "live" | "obsolete" | "removed";
  /**
   * Where it can be sent. "connection": only to the daemon that owns the client connection. "any": to any node.
   * "daemon": from daemon to daemon.
   */
  readonly scope?: "connection" | "any" | "daemon";
  /** Who sends it: S Samba, T ctdb tool, R recovery daemon and helpers, D daemons, C children of a daemon. */
  readonly users?: string;
  readonly request?: Payload;
  readonly reply?: Payload;
  /** The request payload must have exactly this size, else status -1. */
  readonly exact?: number;
  /** The request payload must have at least this size. */
  readonly atLeast?: number;
  /** The answer is the status of the reply; a positive status is not an error. */
  readonly replyInStatus?: string;
  /** The reply comes later; other packets go on. */
  readonly async?: boolean;
  /** No reply is wanted in practice (CTDB_CTRL_FLAG_NOREPLY). */
  readonly noReply?: boolean;
  /** The srvid field of the control header carries this. */
  readonly srvid?: string;
  /** First release that knows it. */
  readonly since?: string;
  readonly doc?: string;
}

export interface MessageDefinition {
  readonly name: string;
  readonly value: bigint;
  /** Bits that vary: the srvid names a range. */
  readonly mask?: bigint;
  readonly payload?: Payload;
  /** Answer sent to the (pnn, srvid) of the payload. */
  readonly reply?: Payload;
  readonly route?: string;
  readonly obsolete?: boolean;
  readonly since?: string;
  readonly doc?: string;
}

export interface TunableDefinition {
  readonly name: string;
  readonly default: number;
  readonly obsolete?: boolean;
  /** "s", "ms", "bytes", "records", "count", "flag" ... */
  readonly unit?: string;
  readonly doc: string;
}

/** Fields of a packet behind the 32-byte header. Offsets are absolute in the packet. */
export interface PacketField {
  readonly name: string;
  readonly offset: number;
  /** srvid: u64 as two u32 (Hi, Lo); rsn: u64 as a safe integer. */
  readonly type: "u32" | "i32" | "srvid" | "rsn" | "hole";
  /** This field is the length of the named variable part. */
  readonly lengthOf?: string;
  /** A setter is generated. */
  readonly settable?: boolean;
  readonly doc?: string;
}

/** A part of variable length; parts follow each other without alignment, the first at `fixedSize`. */
export interface PacketPart {
  readonly name: string;
  /** text: UTF-8; nulText: its NUL is counted in the length. */
  readonly type: "bytes" | "text" | "nulText";
  readonly doc?: string;
}

export interface PacketDefinition {
  readonly operation: number;
  readonly name: string;
  readonly doc: string;
  readonly routes: string;
  /** REQ_CALL and so on of another generation than the receiver's are dropped. */
  readonly generationChecked: string;
  /** Where the variable parts begin. */
  readonly fixedSize: number;
  readonly fields: readonly PacketField[];
  readonly parts: readonly PacketPart[];
  /** A u32 behind the parts that no length counts; 0 if the packet ends before it. */
  readonly trailingWord?: { readonly name: string; readonly doc: string };
  /** The fields may be missing as a whole (32-byte packet of a very old peer): they read as 0. */
  readonly fieldsOptional?: boolean;
}
