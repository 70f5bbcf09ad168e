// Prints which locks a daemon waits for and who holds them: lockholders.
import type { LockWait, LockWaits } from "../../protocol/index.js";
import type { Printer } from "../command.js";
import { machineLine } from "./machine-line.js";

const ALL_CHAINS = -1;

function waitText(wait: LockWait): string {
  const what = wait.chain === ALL_CHAINS ? "all records (freeze)" : `chain ${wait.chain}, key ${wait.key}`;
  const requests = wait.requests === 1 ? "1 request waits" : `${wait.requests} requests wait`;
  const lines = wait.holders.map(({ pid, commandLine, lock, keys }) => {
    const others = keys.length === 0 ? "" : `, keys there: ${keys.join(" ")}`;
    return `  held by pid ${pid} (${commandLine}): ${lock}${others}\n`;
  });
  if (lines.length === 0) lines.push("  held by nobody that can be seen\n");
  return `Database ${wait.database}, ${what}: ${requests}, ${wait.waited.toFixed(3)} s\n${lines.join("")}`;
}

function hexId(id: number): string {
  return `0x${id.toString(16).padStart(8, "0")}`;
}

export const lockWaitsPrinter: Printer<LockWaits> = {
  plain({ total, waits }) {
    if (waits.length === 0) return "No lock is waited for\n";
    const left = total - waits.length;
    return waits.map(waitText).join("") + (left > 0 ? `${left} shorter waits are not shown\n` : "");
  },
  machine({ waits }, separator) {
    const head = machineLine(
      ["Database ID", "Database", "Chain", "Key", "Waited", "Requests", "PID", "Lock", "Command"],
      separator,
    );
    const lines = waits.flatMap((wait) => {
      const columns = [
        hexId(wait.dbId),
        wait.database,
        String(wait.chain),
        wait.key,
        wait.waited.toFixed(6),
        String(wait.requests),
      ];
      if (wait.holders.length === 0) return [machineLine([...columns, "", "", ""], separator)];
      return wait.holders.map(({ pid, lock, commandLine }) =>
        machineLine([...columns, String(pid), lock, commandLine], separator),
      );
    });
    return head + lines.join("");
  },
  json: ({ total, waits }) => ({
    total,
    waits: waits.map((wait) => ({
      database: { id: hexId(wait.dbId), name: wait.database },
      chain: wait.chain === ALL_CHAINS ? null : wait.chain,
      key: wait.chain === ALL_CHAINS ? null : wait.key,
      waitedSeconds: wait.waited,
      requests: wait.requests,
      holders: wait.holders.map(({ pid, commandLine, lock, keys }) => ({ pid, commandLine, lock, keys })),
    })),
  }),
};
