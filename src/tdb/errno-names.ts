// errno values of the system by name, for messages.
import { constants } from "node:os";

const names = new Map<number, string>(Object.entries(constants.errno).map(([name, value]) => [value, name]));

/** ENOENT for 2, and so on; "errno 12345" for unknown ones. */
export function errnoName(errno: number): string {
  return names.get(errno) ?? `errno ${errno}`;
}
