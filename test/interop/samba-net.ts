// Samba's `net` on a node of a test cluster: a smb.conf of its own that leads to the node's daemon.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ClusterNode, runProgram, type ToolResult } from "../cluster/cluster-node.js";

const NET = "/usr/bin/net";
const TIMEOUT_MS = 30_000;

/** Writes the node's smb.conf; gives its path. */
function smbConf(node: ClusterNode): string {
  const base = join(node.base, "samba");
  const path = join(base, "smb.conf");
  const lines = ["[global]", "clustering = yes", `ctdbd socket = ${node.socketPath}`, "netbios name = TEST"];
  for (const name of ["lock", "state", "cache", "private", "pid", "ncalrpc", "binddns"]) {
    const directory = join(base, name);
    mkdirSync(directory, { recursive: true });
    lines.push(
      `${name} ${name === "lock" || name === "state" || name === "cache" || name === "pid" ? "directory" : "dir"} = ${directory}`,
    );
  }
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}

/** `net` on a node. */
export class SambaNet {
  private readonly config: string;

  constructor(private readonly node: ClusterNode) {
    this.config = smbConf(node);
  }

  /** Runs `net WORDS` to its end. */
  run(words: readonly string[]): Promise<ToolResult> {
    return runProgram(NET, ["-s", this.config, ...words], this.node.env, TIMEOUT_MS);
  }

  /** Starts `net g_lock do NAME 30000 COMMAND` (ms): the command runs while the lock is held. */
  lockAndRun(name: string, command: string): ChildProcess {
    return spawn(NET, ["-s", this.config, "g_lock", "do", name, "30000", command], {
      env: this.node.env,
      stdio: ["pipe", "pipe", "inherit"],
    });
  }
}
