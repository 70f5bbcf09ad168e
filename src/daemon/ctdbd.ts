// The program ctdbd: reads its configuration, opens the doors to the outside world, builds the node and starts its helpers.
import { accessSync, constants, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Configuration, checkDatabaseDirectories, loadConfiguration } from "../config/configuration.js";
import { loadNodesList } from "../config/nodes-list.js";
import { type Paths, resolvePaths } from "../config/paths.js";
import { loadTunables } from "../config/tunables-file.js";
import { CTDB_VERSION_TEXT, keepaliveVersion } from "../config/version.js";
import { defaultMutexHelper } from "../platform/cluster-mutex.js";
import { isBackgroundChild, reopenStandardOutput, startInBackground } from "../platform/daemonize.js";
import { nodeLocalServerPort } from "../platform/local-server-port.js";
import { announceLogLocation, createLogger, type DaemonLogger } from "../platform/logging/logger.js";
import { nodeTimers } from "../platform/node-timers.js";
import { findOwnNode } from "../platform/own-node.js";
import { PidFile } from "../platform/pid-file.js";
import { processLoop, watchProcessLoop } from "../platform/process-loop.js";
import { NodeProcessRunner } from "../platform/process-runner.js";
import {
  installDaemonSignals,
  optimiseEarly,
  setProcessTitle,
  useRealtimePriority,
  watchStdin,
} from "../platform/process-setup.js";
import { systemClock } from "../platform/system-clock.js";
import { systemRandom } from "../platform/system-random.js";
import { nodeTcpPort } from "../platform/tcp-port.js";
import { Limit } from "../protocol/index.js";
import { libtdbOpener } from "../tdb/libtdb.js";
import { encodeClusterdOptions } from "./clusterd-options.js";
import { parseDaemonCommandLine } from "./command-line.js";
import { Daemon } from "./daemon.js";
import { exportedEnvironment } from "./exported-environment.js";

const EXIT_FAILURE = 1;
const EXIT_SOCKET = 10;
const EXIT_PID_FILE = 11;
const EXIT_STDIN_CLOSED = 32;
const DEFAULT_LOCK_DEBUG_SCRIPT = "debug_locks.sh";

const bundleDirectory = dirname(fileURLToPath(import.meta.url));

/** Once it is open. */
let log: DaemonLogger | undefined;

/** The reason goes to the log as soon as there is one: stderr of a daemon in the background may lead nowhere. */
function fail(text: string, status: number): never {
  if (log === undefined) process.stderr.write(`ctdbd: ${text}\n`);
  log?.error(text);
  log?.flushSync();
  process.exit(status);
}

function crash(error: unknown): never {
  fail(error instanceof Error ? (error.stack ?? error.message) : String(error), EXIT_FAILURE);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Names of the executable scripts in a directory of events; a missing directory has none. */
function enabledScripts(directory: string): string[] {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch {
    return [];
  }
  return names.filter((name) => name.endsWith(".script") && isExecutable(join(directory, name)));
}

async function runDaemon(config: Configuration, paths: Paths, interactive: boolean): Promise<void> {
  setProcessTitle("ctdbd");
  optimiseEarly();
  Object.assign(process.env, exportedEnvironment(process.env, config, paths, interactive));
  const logLocation = interactive ? "file:" : config.logging.location;
  const logger: DaemonLogger = createLogger({
    location: logLocation,
    level: config.logging.level,
    tag: "ctdbd",
    hostname: paths.logHostname,
  });
  log = logger;
  process.on("uncaughtException", crash);
  const stop = (reason: string, status: number): void => {
    if (status !== 0) logger.error(`ctdb exiting with error: ${reason}`);
    logger.notice("CTDB daemon shutting down");
    pidFile?.remove();
    logger.flushSync();
    // In a later turn: what was written before still leaves.
    setTimeout(() => process.exit(status), 0);
  };
  let pidFile: PidFile | undefined;

  if (!interactive && !paths.testMode) announceLogLocation(logLocation, "ctdbd");
  logger.notice("CTDB starting on node");
  for (const warning of config.warnings) logger.warning(warning);
  for (const skipped of config.skipped) logger.debug(`${paths.config}: ${skipped}, ignored`);
  if (config.cluster.clusterLock === undefined) logger.warning("Cluster lock not set");
  const nodesList = loadNodesList(config.cluster.nodesList);
  const tunables = loadTunables(paths, logger);
  logger.error(`Starting CTDBD (Version ${CTDB_VERSION_TEXT}) as PID: ${process.pid}`);
  try {
    pidFile = PidFile.create(paths.pidFile);
  } catch (error) {
    logger.error(`Failed to create PID file ${paths.pidFile}: ${String(error)}`);
    stop("pid file", EXIT_PID_FILE);
    return;
  }
  logger.notice(`Created PID file ${paths.pidFile}`);
  // Before any child exists: the check forks.
  const mutexes = config.database.tdbMutexes && libtdbOpener.robustMutexesWork();
  const own = await findOwnNode(nodesList, config.cluster.nodeAddress, paths.socketLock, Limit.CTDB_PORT);

  const processes = new NodeProcessRunner({ stderr: logger });
  const lockDebugScript = join(paths.etcdir, basename(config.database.lockDebugScript ?? DEFAULT_LOCK_DEBUG_SCRIPT));
  const base = { clock: systemClock, timers: nodeTimers, random: systemRandom, logger };
  const helper = (name: string): [string, string] => [process.execPath, join(bundleDirectory, `${name}.js`)];
  const daemon = new Daemon(
    {
      ...base,
      loop: processLoop,
      processes,
      tcp: nodeTcpPort,
      localServer: nodeLocalServerPort({ logger, chown: !paths.testMode }),
      files: libtdbOpener,
      removeFile: (path) => rmSync(path, { force: true }),
      listPersistentFiles: () => readdirSync(config.database.persistentDirectory),
      listEventScripts: () => enabledScripts(paths.eventScripts),
      readNodesList: () => loadNodesList(config.cluster.nodesList),
      memoryBytes: () => {
        const { heapUsed, external } = process.memoryUsage();
        return heapUsed + external;
      },
      memoryReport: () => `${JSON.stringify(process.memoryUsage(), undefined, 2)}\n`,
      exit: stop,
    },
    {
      pid: process.pid,
      ownPnn: own.pnn,
      address: own.address,
      nodes: nodesList,
      socketPath: paths.socket,
      mutexes,
      keepaliveVersion: keepaliveVersion(process.env),
      tunables,
      config,
      programs: {
        clusterd: helper("ctdb-clusterd"),
        lockd: helper("ctdb-lockd"),
        commitd: helper("ctdb-commitd"),
        vacuumd: [...helper("ctdb-vacuumd"), paths.socket],
        mutexHelper: defaultMutexHelper(process.env, bundleDirectory),
        lockDebugScript: isExecutable(lockDebugScript) ? lockDebugScript : undefined,
      },
      clusterdConfiguration: () =>
        encodeClusterdOptions({
          socketPath: paths.socket,
          logging: { location: logLocation, level: logger.level, hostname: paths.logHostname },
          clusterLock: config.cluster.clusterLock ?? null,
          leaderTimeoutSeconds: config.cluster.leaderTimeoutSeconds,
          testMode: paths.testMode,
        }),
    },
  );

  installDaemonSignals({
    onHangup: () => {
      try {
        logger.reopen();
      } catch (error) {
        logger.error(`${String(error)}; logging goes on to the old file`);
      }
      if (!interactive) reopenStandardOutput(logLocation);
      daemon.clusterd.reopenLogs();
      logger.notice("Reopened logs");
    },
  });
  if (paths.testMode) watchStdin(() => daemon.node.shutdown("stdin was closed", EXIT_STDIN_CLOSED));
  if (config.legacy.realtimeScheduling && !paths.testMode) useRealtimePriority();

  try {
    await daemon.listen();
  } catch (error) {
    stop(`cannot listen: ${String(error)}`, EXIT_SOCKET);
    return;
  }
  await daemon.open();
  own.release();
  watchProcessLoop(logger, config.own.loopTurnLimitMs);
  daemon.begin();
}

const command = parseDaemonCommandLine(process.argv.slice(2));
let paths: Paths;
let config: Configuration;
try {
  paths = resolvePaths(process.env);
  config = loadConfiguration(paths.config, paths);
  loadNodesList(config.cluster.nodesList);
  checkDatabaseDirectories(config, paths.config);
} catch (error) {
  fail(error instanceof Error ? error.message : String(error), EXIT_FAILURE);
}
if (command.interactive || isBackgroundChild()) {
  runDaemon(config, paths, command.interactive).catch(crash);
} else {
  startInBackground({ title: "ctdbd", keepStdin: paths.testMode, logLocation: config.logging.location });
}
