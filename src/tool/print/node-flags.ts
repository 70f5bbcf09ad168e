// Names of the flags of a node, in the order in which CTDB prints them.

export const NODE_FLAG_UNKNOWN = 0x40;
const DISCONNECTED = 0x01;
const UNHEALTHY = 0x02;
const DISABLED = 0x04;
const BANNED = 0x08;
const DELETED = 0x10;
const STOPPED = 0x20;
const INACTIVE_MASK = DELETED | DISCONNECTED | BANNED | STOPPED;

const NAMES: readonly (readonly [flag: number, name: string])[] = [
  [DISCONNECTED, "DISCONNECTED"],
  [NODE_FLAG_UNKNOWN, "UNKNOWN"],
  [DISABLED, "DISABLED"],
  [BANNED, "BANNED"],
  [UNHEALTHY, "UNHEALTHY"],
  [DELETED, "DELETED"],
  [STOPPED, "STOPPED"],
  [INACTIVE_MASK, "INACTIVE"],
];

/** The names of all flags that are set. */
export function nodeFlagNames(flags: number): string[] {
  return NAMES.filter(([flag]) => (flags & flag) !== 0).map(([, name]) => name);
}

/** `DISCONNECTED|UNHEALTHY|INACTIVE`, or `OK`. */
export function nodeFlagsText(flags: number): string {
  return nodeFlagNames(flags).join("|") || "OK";
}

/** The columns of `-X status`: one 0 or 1 a flag. */
export function nodeFlagColumns(flags: number): number[] {
  return [DISCONNECTED, NODE_FLAG_UNKNOWN, BANNED, DISABLED, UNHEALTHY, STOPPED, INACTIVE_MASK].map((flag) =>
    (flags & flag) !== 0 ? 1 : 0,
  );
}
