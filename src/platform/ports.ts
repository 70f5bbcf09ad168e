// The small interfaces through which every subsystem reaches the outside world. `platform/` holds one real implementation
// of each, `simulator/` a deterministic one. No subsystem imports node:net, node:fs, timers, Date or Math.random itself.

/** Time. Both readings are milliseconds with a fraction. */
export interface Clock {
  /** Monotonic milliseconds from an arbitrary start; never goes backwards. */
  now(): number;
  /** Milliseconds since the Unix epoch. */
  wall(): number;
}

/** A pending timer; `cancel` is idempotent and safe after it has fired. */
export interface Timer {
  cancel(): void;
}

/** Handlers of one kind, "control GETVNNMAP" or "timer keepalive": how many ran, and how long. Made by `LoopPort.kind`. */
export interface HandlerKind {
  readonly name: string;
  count: number;
  totalMs: number;
  /** The longest time without one of another kind in between. */
  maxMs: number;
  /** In the turn of the loop that is under way. */
  turnCount: number;
  turnMs: number;
}

/** Who counts and times what the loop runs. */
export interface LoopPort {
  /** The kind of this name; the same one at each call. For start-up, not for the hot path. */
  kind(name: string): HandlerKind;
  /** A handler begins; its time ends with the next `enter`, or when the loop gets control back. */
  enter(kind: HandlerKind): void;
}

export interface Timers {
  /** Calls `callback` once after `delayMs` milliseconds (0 = a later turn of the loop). `kind`: what its time counts as. */
  after(delayMs: number, callback: () => void, kind?: HandlerKind): Timer;
  /** Calls `callback` in the next turn of the event loop, in the order of the calls. */
  nextTurn(callback: () => void, kind?: HandlerKind): void;
}

export interface Random {
  /** A uniformly distributed unsigned 32-bit number. */
  uint32(): number;
}

/** CTDB's debug levels: 0 ERROR .. 10 DEBUG. */
export const LogLevel = { ERROR: 0, WARNING: 1, NOTICE: 3, INFO: 5, DEBUG: 10 } as const;

export interface Logger {
  /** Current level: a message is written when its level is <= this. SET_DEBUG changes it. */
  level: number;
  log(level: number, text: string): void;
  error(text: string): void;
  warning(text: string): void;
  notice(text: string): void;
  info(text: string): void;
  /** Takes a function where the text is costly to make. */
  debug(text: string | (() => string)): void;
}

/** What every subsystem's constructor takes under the name `modules`, beside its own collaborators. */
export interface BaseModules {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
}

/**
 * One stream connection (TCP between nodes, or the unix socket). Packets are framed by the transport, not here.
 * `write` never blocks and never throws: bytes that the kernel does not take are queued in order.
 */
export interface StreamConnection {
  /** Queues a copy of `bytes`; what was written in one turn of the loop goes out as one system call. */
  write(bytes: Uint8Array): void;
  /** Bytes queued here that the kernel has not taken yet. */
  readonly queuedBytes: number;
  /** Stops (true) or resumes (false) reading, for back-pressure. */
  pauseReading(paused: boolean): void;
  /** Closes at once; `onClose` is not called for a close from this side. */
  destroy(): void;
}

export interface StreamHandlers {
  /** `bytes` is valid only during the call: it is a view of the shared receive buffer. */
  onData(bytes: Buffer): void;
  /** The peer closed, or an error happened (`reason` says which). Called at most once. */
  onClose(reason: string): void;
  /** All queued bytes have been handed to the kernel. */
  onDrain?(): void;
}

export interface TcpEndpoint {
  readonly address: string;
  readonly port: number;
}

export interface TcpPort {
  /**
   * Listens on `endpoint`. `onConnection` gets the remote address and must return the handlers of the connection, or
   * undefined to refuse it (it is closed at once).
   */
  listen(
    endpoint: TcpEndpoint,
    onConnection: (connection: StreamConnection, remoteAddress: string) => StreamHandlers | undefined,
    onError: (error: Error) => void,
  ): Promise<{ close(): void }>;
  /** Connects from the local address `from` (port 0) to `to`. Exactly one of the callbacks is called, once. */
  connect(
    from: string,
    to: TcpEndpoint,
    handlers: StreamHandlers,
    onConnected: (connection: StreamConnection) => void,
    onFailed: (reason: string) => void,
  ): { cancel(): void };
}

/** The unix socket on which clients come in. */
export interface LocalServerPort {
  listen(
    path: string,
    onConnection: (connection: StreamConnection, peerPid: number) => StreamHandlers,
  ): Promise<{ startAccepting(): void; close(): void }>;
}

/** A long-lived child process that speaks lines or bytes over its stdin and stdout. */
export interface ChildProcessHandle {
  readonly pid: number;
  write(bytes: Uint8Array): void;
  kill(signal: "SIGTERM" | "SIGKILL" | "SIGHUP"): void;
}

export interface ChildProcessHandlers {
  onStdout(bytes: Uint8Array): void;
  onExit(code: number | null, signal: string | null): void;
}

export interface ProcessRunner {
  /** Starts a program. Its stdin ends with this process, also when that gets SIGKILL; our own helper programs end then, too. */
  spawn(
    program: string,
    args: readonly string[],
    options: { readonly title?: string; readonly env?: Readonly<Record<string, string>> },
    handlers: ChildProcessHandlers,
  ): ChildProcessHandle;
  /** kill(pid, 0) succeeds. */
  exists(pid: number): boolean;
}
