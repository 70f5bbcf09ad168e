// A node's network is cut: the kernel drops all packets between its address and the others'. A shell of its own puts the rules in and
// takes them out when its stdin ends, so they are gone even when the test is killed.
import { spawn } from "node:child_process";
import { once } from "node:events";

// $1: the address.
const CUT_SCRIPT = `
set -e
iptables -w -I INPUT -s "$1" ! -d "$1" -j DROP
trap 'iptables -w -D INPUT -s "$1" ! -d "$1" -j DROP' EXIT
iptables -w -I INPUT -d "$1" ! -s "$1" -j DROP
trap 'iptables -w -D INPUT -s "$1" ! -d "$1" -j DROP; iptables -w -D INPUT -d "$1" ! -s "$1" -j DROP' EXIT
echo cut
trap '' INT TERM HUP
cat >/dev/null
`;

export interface NetworkCut {
  /** Lets the packets pass again. */
  heal(): Promise<void>;
}

/** Needs root. Throws when the rules cannot be made. */
export async function cutNetwork(address: string): Promise<NetworkCut> {
  const shell = spawn("/bin/sh", ["-c", CUT_SCRIPT, "ctdb-test-cut", address], {
    stdio: ["pipe", "pipe", "inherit"],
    detached: true,
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
  });
  const ended = once(shell, "exit");
  const first = await Promise.race([once(shell.stdout, "data"), ended.then(() => undefined)]);
  if (first === undefined) throw new Error(`iptables does not cut ${address} off`);
  return {
    async heal() {
      shell.stdin.end();
      await ended;
    },
  };
}
