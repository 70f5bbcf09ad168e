// The run states of a daemon by name. Called by runstate, status and nodestatus.

export const RUNSTATE_NAMES: readonly string[] = [
  "UNKNOWN",
  "INIT",
  "SETUP",
  "FIRST_RECOVERY",
  "STARTUP",
  "RUNNING",
  "SHUTDOWN",
];

/** Up to this state a daemon does not know the state of other nodes. */
export const RUNSTATE_FIRST_RECOVERY = 3;

export function runstateName(runstate: number): string {
  return RUNSTATE_NAMES[runstate] ?? "UNKNOWN";
}
