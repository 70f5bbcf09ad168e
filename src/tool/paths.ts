// Where the tool finds the daemon's socket and the nodes list. Test mode puts everything below CTDB_BASE.

export interface ToolPaths {
  readonly socket: string;
  /** A file, or `!` and a command. */
  readonly nodesList: string;
}

export function toolPaths(env: NodeJS.ProcessEnv): ToolPaths {
  const base = env["CTDB_TEST_MODE"] === undefined ? undefined : env["CTDB_BASE"];
  return {
    socket: env["CTDB_SOCKET"] ?? (base === undefined ? "/run/ctdb/ctdbd.socket" : `${base}/run/ctdbd.socket`),
    nodesList: base === undefined ? "/etc/ctdb/nodes" : `${base}/nodes`,
  };
}

/** A program beside the daemon that no user calls directly. */
export function helperPath(name: string): string {
  return `/usr/libexec/ctdb/${name}`;
}
