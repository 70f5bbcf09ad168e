// `onnode`: runs a command on some or all nodes of the cluster through ssh. Bundled to dist/onnode.cjs.
import { spawn, spawnSync } from "node:child_process";
import { accessSync, constants, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { processTerminal as terminal } from "../terminal.js";
import { type NodeSelector, parseNodeSpec, parseNodesFile } from "./node-spec.js";

const USAGE = `Usage: onnode [OPTION] ... <NODES> <COMMAND> ...
  options:
    -c          Run in current working directory on specified nodes.
    -f          Specify nodes file, overriding default.
    -i          Keep standard input open - the default is to close it.
    -n          Allow nodes to be specified by name.
    -p          Run command in parallel on specified nodes.
    -P          Push given files to nodes instead of running commands.
    -q          Do not print node addresses (overrides -v).
    -v          Print node address even for a single node.
  <NODES>       "all", "any", "ok" (or "healthy"), "con" (or "connected") ; or
                a node number (0 base); or
                a hostname (if -n is specified); or
                list (comma separated) of <NODES>; or
                range (hyphen separated) of node numbers.`;

/** The message is for the user; nothing was run. `showUsage`: the usage follows it. */
class OnnodeError extends Error {
  constructor(
    message: string,
    readonly showUsage = false,
  ) {
    super(message);
  }
}

interface Options {
  readonly flags: ReadonlySet<string>;
  readonly nodesFile: string | undefined;
  readonly words: readonly string[];
}

/** As the shell's getopts: options end at the first other word. */
function parseOptions(argv: readonly string[]): Options {
  const flags = new Set<string>();
  let nodesFile: string | undefined;
  let at = 0;
  for (; at < argv.length; at += 1) {
    const word = argv[at] ?? "";
    if (word === "--") {
      at += 1;
      break;
    }
    if (!word.startsWith("-") || word === "-") break;
    for (let i = 1; i < word.length; i += 1) {
      const letter = word.charAt(i);
      if (letter === "f") {
        nodesFile = word.slice(i + 1) || argv[++at];
        if (nodesFile === undefined) throw new OnnodeError("onnode: option requires an argument -- f", true);
        break;
      }
      if (letter === "h") throw new OnnodeError("", true);
      if (!"cinpPqv".includes(letter)) throw new OnnodeError(`onnode: illegal option -- ${letter}`, true);
      flags.add(letter);
    }
  }
  const words = argv.slice(at);
  if (words.length < 2) throw new OnnodeError("", true);
  return { flags, nodesFile, words };
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** The environment with what onnode.conf, a shell file, sets. */
function environment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const base = env["CTDB_BASE"] ?? "/etc/ctdb";
  const file = `${base}/onnode.conf`;
  if (!isReadable(file)) return { ...env, CTDB_BASE: base };
  const { stdout } = spawnSync("bash", ["-c", 'set -a; . "$1"; env -0', "onnode", file], { env, encoding: "utf8" });
  const lines = stdout.split("\0").filter((line) => line.includes("="));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}

function nodesPath(options: Options, base: string): string {
  const { nodesFile } = options;
  if (nodesFile === undefined) return `${base}/nodes`;
  return nodesFile.startsWith("/") || isReadable(nodesFile) ? nodesFile : `${base}/${nodesFile}`;
}

/** The nodes of `ctdb -X status` that `keep` wants; its argument is the columns behind the address. */
function nodesByStatus(env: NodeJS.ProcessEnv, keep: (flags: readonly string[]) => boolean): string[] {
  const { status, stdout, stderr, error } = spawnSync("ctdb", ["-X", "status"], { env, encoding: "utf8" });
  if (status !== 0) {
    const output = error === undefined ? stdout + stderr : `ctdb: ${error.message}\n`;
    throw new OnnodeError(`onnode: unable to get status of CTDB nodes\n${output.trimEnd()}`);
  }
  return stdout
    .split("\n")
    .slice(1)
    .map((line) => line.split("|"))
    .filter(([, , address, ...flags]) => address !== undefined && keep(flags))
    .map(([, , address = ""]) => address);
}

/** A node whose daemon answers. */
function anyNode(env: NodeJS.ProcessEnv, nodes: readonly (string | undefined)[]): string {
  const self = process.argv[1] ?? "onnode";
  const { stdout } = spawnSync(process.execPath, [self, "-pq", "all", "ctdb", "pnn"], { env, encoding: "utf8" });
  const pnn = stdout.split("\n").find((line) => /^[0-9]+$/.test(line));
  const node = pnn === undefined ? undefined : nodes[Number(pnn)];
  if (node === undefined) throw new OnnodeError("");
  return node;
}

function resolveSelector(
  selector: NodeSelector,
  nodes: readonly (string | undefined)[],
  env: NodeJS.ProcessEnv,
): string[] {
  switch (selector.kind) {
    case "all":
      return nodes.filter((node) => node !== undefined);
    case "any":
      return [anyNode(env, nodes)];
    case "ok":
      return nodesByStatus(env, (flags) => !flags.includes("1"));
    case "con":
      return nodesByStatus(env, ([disconnected]) => disconnected === "0");
    case "name":
      return [selector.name];
    case "range": {
      const found: string[] = [];
      for (let pnn = selector.from; pnn <= selector.to; pnn += 1) {
        const node = nodes[pnn];
        if (node === undefined) throw new OnnodeError(`onnode: "node ${pnn}" does not exist`);
        found.push(node);
      }
      return found;
    }
  }
}

interface Job {
  readonly node: string;
  readonly program: string;
  readonly args: readonly string[];
}

/** What is to be run for each node, one after the other in it. */
function jobsFor(node: string, options: Options, env: NodeJS.ProcessEnv): Job[] {
  const [ssh = "ssh", ...sshArgs] = (env["ONNODE_SSH"] ?? "ssh").split(/[ \t]+/).filter((word) => word !== "");
  const { flags, words } = options;
  if (flags.has("P")) {
    return words.slice(1).map((file) => {
      const from = file.startsWith("/") ? file : `${process.cwd()}/${file}`;
      return { node, program: "rsync", args: [from, `[${node}]:${from}`] };
    });
  }
  const directory = flags.has("c") ? `cd ${process.cwd()} && ` : "";
  const quiet = flags.has("i") && !flags.has("p") ? [] : ["-n"];
  return [{ node, program: ssh, args: [...sshArgs, ...quiet, node, directory + words.slice(1).join(" ")] }];
}

/** Runs one job; `prefix` is put before each line of its output, which then all goes to standard output. */
function runJob(job: Job, env: NodeJS.ProcessEnv, parallel: boolean, prefix: string | undefined): Promise<number> {
  return new Promise((resolve) => {
    const output = prefix === undefined ? "inherit" : "pipe";
    const child = spawn(job.program, job.args, { env, stdio: [parallel ? "ignore" : "inherit", output, output] });
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on("line", (line) => terminal.out(`${prefix}${line}\n`));
    }
    child.once("error", () => {
      terminal.complain(`onnode: ${job.program}: command not found`);
      resolve(127);
    });
    child.once("close", (status) => resolve(status ?? 1));
  });
}

async function runNode(
  jobs: readonly Job[],
  options: Options,
  env: NodeJS.ProcessEnv,
  prefix?: string,
): Promise<number> {
  let result = 0;
  for (const job of jobs) {
    if (options.flags.has("P") && options.flags.has("v")) terminal.out(`Pushing ${job.args[0]}\n`);
    const status = await runJob(job, env, options.flags.has("p"), prefix);
    if (status !== 0) result = status;
  }
  return result;
}

async function run(argv: readonly string[]): Promise<number> {
  const options = parseOptions(argv);
  const { flags } = options;
  const env = environment(process.env);
  const path = nodesPath(options, env["CTDB_BASE"] ?? "/etc/ctdb");
  const selectors = parseNodeSpec(options.words[0] ?? "", flags.has("n"));
  if (selectors === undefined) throw new OnnodeError("Invalid <nodespec>\n", true);
  const onlyNames = selectors.every((selector) => selector.kind === "name");
  if (!onlyNames && !isReadable(path)) throw new OnnodeError(`onnode: unable to open nodes file  "${path}"`);
  const nodes = onlyNames ? [] : parseNodesFile(readFileSync(path, "utf8"));
  const targets = selectors.flatMap((selector) => resolveSelector(selector, nodes, env));
  const showNodes = !flags.has("q") && (flags.has("v") || targets.length > 1);

  if (flags.has("p")) {
    const results = await Promise.all(
      targets.map((node) => runNode(jobsFor(node, options, env), options, env, showNodes ? `[${node}] ` : undefined)),
    );
    return results.findLast((result) => result !== 0) ?? 0;
  }
  let result = 0;
  for (const node of targets) {
    if (showNodes) terminal.complain(`\n>> NODE: ${node} <<`);
    const status = await runNode(jobsFor(node, options, env), options, env);
    if (status !== 0) result = status;
  }
  return result;
}

run(process.argv.slice(2)).then(
  (status) => process.exit(status),
  (error: unknown) => {
    if (!(error instanceof OnnodeError)) throw error;
    if (error.message !== "") terminal.complain(error.message);
    if (error.showUsage) terminal.complain(USAGE);
    process.exit(1);
  },
);
