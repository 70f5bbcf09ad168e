// Texts of system errors as C prints them. Used where a C program's output has them.
import { getSystemErrorMap } from "node:util";

/** Those for which libuv has other words. */
const MESSAGES: ReadonlyMap<number, string> = new Map([
  [2, "No such file or directory"],
  [5, "Input/output error"],
  [12, "Cannot allocate memory"],
  [13, "Permission denied"],
  [17, "File exists"],
  [20, "Not a directory"],
  [21, "Is a directory"],
  [22, "Invalid argument"],
  [28, "No space left on device"],
  [30, "Read-only file system"],
]);

/** The text for an errno of Linux (positive). */
export function strerror(errno: number): string {
  return MESSAGES.get(errno) ?? getSystemErrorMap().get(-errno)?.[1] ?? `Unknown error ${errno}`;
}
