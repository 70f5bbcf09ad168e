// The cluster lock: a helper process that holds it for us and says so with one character on its stdout. Any program of the same
// contract serves; ours for a file lock is ctdb_mutex_fcntl_helper.
//
//   asking --0--> taken --end of the helper--> lost          asking --1, 2, 3, end--> refused          any --release--> over

import { isAbsolute, join } from "node:path";
import type { Logger, ProcessRunner } from "./ports.js";

export type ClusterMutexOutcome = "taken" | "contention" | "timeout" | "error";

export interface ClusterMutexHandlers {
  /** Called once, unless `release` comes first. */
  onAnswer(outcome: ClusterMutexOutcome): void;
  /** The helper ended while it held the lock. */
  onLost(): void;
}

export interface ClusterMutexAttempt {
  /** Gives the lock back, or ends the attempt; no handler is called afterwards. Idempotent. */
  release(): void;
}

export interface ClusterMutexModules {
  readonly processes: ProcessRunner;
  readonly logger: Logger;
  /** Program and first arguments of the helper for a plain file name. */
  readonly defaultHelper: readonly [string, ...string[]];
}

const OUTCOMES: Readonly<Record<string, ClusterMutexOutcome>> = { "0": "taken", "1": "contention", "2": "timeout" };

/** Starts the helper for a `cluster lock` setting: `!PROGRAM ARGUMENTS`, or what the default helper gets as its argument. */
export function startClusterMutex(
  modules: ClusterMutexModules,
  lock: string,
  handlers: ClusterMutexHandlers,
): ClusterMutexAttempt {
  const command = commandOf(lock, modules.defaultHelper);
  let state: "asking" | "taken" | "over" = "asking";
  if (command === undefined) {
    modules.logger.error(`cluster lock: '${lock}' names no program with an absolute path`);
    queueMicrotask(() => {
      if (state === "asking") handlers.onAnswer("error");
    });
    return {
      release: () => {
        state = "over";
      },
    };
  }
  const [program, ...args] = command;
  const child = modules.processes.spawn(
    program,
    args,
    {},
    {
      onStdout: (bytes) => {
        const character = String.fromCharCode(bytes[0] ?? 0);
        if (state !== "asking") return;
        const outcome = OUTCOMES[character] ?? "error";
        state = outcome === "taken" ? "taken" : "over";
        // Most helpers end by themselves then; none may stay.
        if (state === "over") child.kill("SIGTERM");
        handlers.onAnswer(outcome);
      },
      onExit: () => {
        const before = state;
        state = "over";
        if (before === "asking") handlers.onAnswer("error");
        if (before === "taken") handlers.onLost();
      },
    },
  );
  return {
    release: () => {
      state = "over";
      child.kill("SIGTERM");
    },
  };
}

function commandOf(lock: string, defaultHelper: readonly [string, ...string[]]): [string, ...string[]] | undefined {
  if (!lock.startsWith("!")) return [...defaultHelper, lock];
  const [program, ...args] = lock
    .slice(1)
    .split(/[ \t]+/)
    .filter((word) => word !== "");
  return program !== undefined && isAbsolute(program) ? [program, ...args] : undefined;
}

/** Our own fcntl helper beside the other bundles, unless CTDB_CLUSTER_MUTEX_HELPER names another program. */
export function defaultMutexHelper(env: NodeJS.ProcessEnv, bundleDirectory: string): readonly [string, ...string[]] {
  const override = env["CTDB_CLUSTER_MUTEX_HELPER"];
  if (override !== undefined) return [override];
  return [process.execPath, join(bundleDirectory, "ctdb_mutex_fcntl_helper.js")];
}
