// Where the daemon's files are. Debian's places, or all below CTDB_BASE in test mode. Called once at start-up by daemon/.
import { hostname } from "node:os";
import { basename } from "node:path";
import { PathsError } from "./errors.js";

export interface Paths {
  /** CTDB_TEST_MODE is set: no realtime priority, no chown, a FIFO as stdin is watched. */
  readonly testMode: boolean;
  readonly etcdir: string;
  readonly rundir: string;
  readonly vardir: string;
  readonly datadir: string;
  /** Programs that the administrator may name or replace. */
  readonly helperDirectory: string;
  readonly config: string;
  /** Clients of ctdbd connect here. */
  readonly socket: string;
  readonly eventSocket: string;
  readonly pidFile: string;
  readonly eventPidFile: string;
  /** Locked while a daemon looks for an address that it can bind. */
  readonly socketLock: string;
  /** The nodes list unless the configuration names another. */
  readonly nodes: string;
  readonly tunables: string;
  /** Every *.tunables in here is read after `tunables`. */
  readonly tunablesDirectory: string;
  readonly publicAddresses: string;
  readonly notifyScript: string;
  /** Directory of the *.script files. */
  readonly eventScripts: string;
  /** Log location where none is configured. */
  readonly defaultLogLocation: string;
  /** Host name in the lines of a log file; in test mode the last part of CTDB_BASE ("node.0"). */
  readonly logHostname: string;
}

const DEBIAN = {
  etcdir: "/etc/ctdb",
  rundir: "/run/ctdb",
  vardir: "/var/lib/ctdb",
  datadir: "/usr/share/ctdb",
  logFile: "/var/log/ctdb/log.ctdb",
  helpers: "/usr/libexec/ctdb",
} as const;

/**
 * All paths, from CTDB_TEST_MODE, CTDB_BASE and CTDB_SOCKET. CTDB_SOCKET counts outside test mode too, as for the tool, so that
 * both always mean the same socket. Throws PathsError.
 */
export function resolvePaths(env: NodeJS.ProcessEnv): Paths {
  const testMode = env["CTDB_TEST_MODE"] !== undefined;
  const base = testMode ? env["CTDB_BASE"] : undefined;
  if (testMode && base === undefined) throw new PathsError();
  const etcdir = base ?? DEBIAN.etcdir;
  const rundir = base === undefined ? DEBIAN.rundir : `${base}/run`;
  return {
    testMode,
    etcdir,
    rundir,
    vardir: base === undefined ? DEBIAN.vardir : `${base}/var`,
    datadir: base === undefined ? DEBIAN.datadir : `${base}/share`,
    helperDirectory: DEBIAN.helpers,
    config: `${etcdir}/ctdb.conf`,
    socket: env["CTDB_SOCKET"] ?? `${rundir}/ctdbd.socket`,
    eventSocket: `${rundir}/eventd.socket`,
    pidFile: `${rundir}/ctdbd.pid`,
    eventPidFile: `${rundir}/eventd.pid`,
    socketLock: `${rundir}/.socket_lock`,
    nodes: `${etcdir}/nodes`,
    tunables: `${etcdir}/ctdb.tunables`,
    tunablesDirectory: `${etcdir}/tunables.d`,
    publicAddresses: `${etcdir}/public_addresses`,
    notifyScript: `${etcdir}/notify.sh`,
    eventScripts: `${etcdir}/events/legacy`,
    defaultLogLocation: `file:${DEBIAN.logFile}`,
    logHostname: base === undefined ? hostname() : basename(base),
  };
}
