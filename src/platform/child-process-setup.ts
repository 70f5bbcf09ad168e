// First thing that a helper program of ctdbd does: its name in `ps`, and its end with its parent.
import { setParentDeathSignal } from "./libc.js";

/** Ends this process right away when its parent is gone already; from here on the kernel does, even if that gets SIGKILL. */
export function setUpChildProcess(options: { readonly title: string }): void {
  process.title = options.title;
  const parent = process.ppid;
  setParentDeathSignal("SIGKILL");
  if (process.ppid !== parent || parent === 1) process.exit(1);
}
