// What ctdbd tells ctdb-clusterd at its start: one line of JSON on stdin. Both sides use this file.

export interface ClusterdOptions {
  /** The daemon's unix socket. */
  readonly socketPath: string;
  readonly logging: {
    /** As `[logging] location`. */
    readonly location: string;
    /** CTDB's debug level as a number. */
    readonly level: number;
    /** Name of the host in log lines, where it is not the machine's. */
    readonly hostname?: string;
  };
  /** `[cluster] cluster lock`, byte for byte; null for none. */
  readonly clusterLock: string | null;
  readonly leaderTimeoutSeconds: number;
  readonly testMode: boolean;
}

/** The line on stdin is not what ctdbd of this version sends. */
export class ClusterdOptionsError extends Error {
  override readonly name = "ClusterdOptionsError";
  constructor(detail: string) {
    super(`ctdb-clusterd is started by ctdbd, which tells it what to do on stdin: ${detail}`);
  }
}

export function encodeClusterdOptions(options: ClusterdOptions): string {
  return JSON.stringify(options);
}

function object(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw new ClusterdOptionsError(`${name} is missing`);
  return { ...value };
}

function text(from: Record<string, unknown>, name: string): string {
  const value = from[name];
  if (typeof value !== "string") throw new ClusterdOptionsError(`${name} is no text`);
  return value;
}

function count(from: Record<string, unknown>, name: string): number {
  const value = from[name];
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0) {
    throw new ClusterdOptionsError(`${name} is no number`);
  }
  return value;
}

/** Throws ClusterdOptionsError. */
export function decodeClusterdOptions(line: string): ClusterdOptions {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch (error) {
    throw new ClusterdOptionsError(`the line is no JSON: ${String(error)}`);
  }
  const options = object(parsed, "the object");
  const logging = object(options["logging"], "logging");
  const { hostname } = logging;
  return {
    socketPath: text(options, "socketPath"),
    logging: {
      location: text(logging, "location"),
      level: count(logging, "level"),
      ...(typeof hostname === "string" ? { hostname } : {}),
    },
    clusterLock: options["clusterLock"] === null ? null : text(options, "clusterLock"),
    leaderTimeoutSeconds: count(options, "leaderTimeoutSeconds"),
    testMode: options["testMode"] === true,
  };
}
