// `ctdb_diagnostics`: gathers what is worth knowing of all nodes for a bug report, through onnode and ctdb. The exit status is the
// number of errors. Bundled to dist/ctdb_diagnostics.cjs.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { processTerminal as terminal } from "../terminal.js";
import {
  CTDB_COMMANDS,
  LOG_COMMANDS,
  OPTIONAL_FILES,
  requiredFiles,
  SAMBA_COMMANDS,
  systemCommands,
  versionCommands,
} from "./diagnostics-plan.js";

const USAGE = `Usage: ctdb_diagnostics [OPTION] ...
  options:
    -n <nodes>  Comma separated list of nodes to operate on
    -c          Ignore comment lines (starting with '#') in file comparisons
    -w          Ignore whitespace in file comparisons
    --no-ads    Do not use commands that assume an Active Directory Server
    -l          Local mode: only this node, without onnode`;
const RULE = "--------------------------------------------------------------------\n";
const FILE_RULE = "  ================================\n";
const CONNECT_TIMEOUT = "ConnectTimeout=";
const DRIFT_MAX_SECONDS = 30;
/** What the one node is called in local mode, where nobody is asked for its number. */
const LOCAL_NODE = "local";
/** Exit statuses have eight bits. */
const STATUS_MASK = 0xff;

class UsageError extends Error {}

interface Options {
  readonly nodes: readonly string[] | undefined;
  readonly diffOptions: readonly string[];
  readonly activeDirectory: boolean;
  readonly local: boolean;
}

function parseOptions(argv: readonly string[]): Options {
  const { values, positionals } = (() => {
    try {
      return parseArgs({
        args: [...argv],
        allowPositionals: true,
        options: {
          nodes: { type: "string", short: "n" },
          comments: { type: "boolean", short: "c" },
          whitespace: { type: "boolean", short: "w" },
          local: { type: "boolean", short: "l" },
          "no-ads": { type: "boolean" },
          help: { type: "boolean", short: "h" },
        },
      });
    } catch (error) {
      throw new UsageError(`ctdb_diagnostics: ${error instanceof Error ? error.message : String(error)}`);
    }
  })();
  if (values.help === true || positionals.length > 0) throw new UsageError("");
  return {
    nodes: values.nodes?.split(/[,\s]+/).filter((node) => node !== ""),
    diffOptions: [...(values.comments === true ? ["-I", "^#.*"] : []), ...(values.whitespace === true ? ["-w"] : [])],
    local: values.local === true,
    activeDirectory: values["no-ads"] !== true,
  };
}

/** ssh gives up a node after 5 seconds unless the user says otherwise; programs of administrators are found. */
function environment(): NodeJS.ProcessEnv {
  const { EXTRA_SSH_OPTS: extra = "", PATH: path = "" } = process.env;
  return {
    ...process.env,
    EXTRA_SSH_OPTS: extra.includes(CONNECT_TIMEOUT) ? extra : `${extra} -o ${CONNECT_TIMEOUT}5`,
    PATH: `${path}:/sbin:/usr/sbin:/usr/lpp/mmfs/bin`,
  };
}

const env = environment();

/** Standard output and standard error of a program, in the order in which they were written, and whether it succeeded. */
function gather(program: string, args: readonly string[]): { readonly text: Buffer; readonly ok: boolean } {
  const { stdout, status, error } = spawnSync("sh", ["-c", 'exec "$0" "$@" 2>&1', program, ...args], {
    env,
    maxBuffer: Number.POSITIVE_INFINITY,
    stdio: ["inherit", "pipe", "inherit"],
  });
  if (error !== undefined) throw error;
  return { text: stdout, ok: status === 0 };
}

function onnode(nodes: string, ...words: readonly string[]) {
  return nodes === LOCAL_NODE ? gather("sh", ["-c", words.join(" ")]) : gather("onnode", [nodes, ...words]);
}

function indented(text: string): string {
  return text.replace(/^(?=[\s\S])/gm, "  ");
}

function shownFile(title: string, details: string, content: string): string {
  return `${FILE_RULE}  ${title}\n  ${details.trimEnd()}\n${indented(content)}${FILE_RULE}`;
}

class Diagnosis {
  private readonly errors: string[] = [];

  constructor(
    private readonly nodes: readonly string[],
    private readonly options: Options,
    private readonly directory: string,
  ) {}

  private error(message: string): void {
    terminal.out(`ERROR: ${message}\n`);
    this.errors.push(message);
  }

  private section(title: string): void {
    terminal.out(`${RULE}${title}\n`);
  }

  private showAll(commands: readonly string[]): void {
    const nodes = this.nodes.join(",");
    for (const command of commands) {
      terminal.out(`running ${command} on nodes ${nodes}\n`);
      terminal.out(onnode(nodes, `hostname; date; ${command} 2>&1 | sed 's/^/  /'`).text);
    }
  }

  /** Shows the file of the first node, and where those of the others differ from it. */
  private compareFile(file: string, missing: (node: string) => string): void {
    const [first, ...others] = this.nodes;
    if (first === undefined) return;
    if (!onnode(first, "[", "-r", file, "]").ok) {
      this.error(missing(first));
      return;
    }
    const reference = onnode(first, "cat", file).text;
    terminal.out(
      shownFile(
        `File (on node ${first}): ${file}`,
        onnode(first, "ls", "-l", file).text.toString(),
        reference.toString(),
      ),
    );
    const copy = (node: string): string => join(this.directory, `${basename(file)}.node${node}`);
    writeFileSync(copy(first), reference);
    for (const node of others) {
      terminal.out(`Testing for same config file ${file} on node ${node}\n`);
      writeFileSync(copy(node), onnode(node, "cat", file).text);
      const difference = gather("diff", ["-u", ...this.options.diffOptions, copy(first), copy(node)]);
      if (difference.ok) continue;
      this.error(`File ${file} is different on node ${node}`);
      terminal.out(difference.text);
    }
  }

  private compareFiles(): void {
    this.section(`Comping critical config files on nodes ${this.nodes.join(",")}`);
    const defaults = existsSync("/etc/sysconfig") ? "/etc/sysconfig" : "/etc/default";
    for (const file of requiredFiles(defaults)) this.compareFile(file, (node) => `${file} is missing on node ${node}`);
    for (const file of OPTIONAL_FILES) {
      this.compareFile(file, (node) => `Optional file ${file} is not present on node ${node}`);
    }
  }

  private checkClocks(): void {
    this.section("Checking for clock drift");
    const here = Math.floor(Date.now() / 1000);
    for (const node of this.nodes) {
      const seconds = Number(onnode(node, "date", "+%s").text.toString().trim()) - here;
      if (Math.abs(seconds) > DRIFT_MAX_SECONDS) this.error(`time on node ${node} differs by ${seconds} seconds`);
    }
  }

  private showSamba(): void {
    this.section("Showing Samba status");
    for (const { command, needsActiveDirectory } of SAMBA_COMMANDS) {
      if (needsActiveDirectory === true && !this.options.activeDirectory) {
        terminal.out(`\nSkipping "${command}" as requested\n\n`);
      } else {
        this.showAll([command]);
      }
    }
  }

  /** The number of errors that were found. */
  run(): number {
    terminal.out("\nFor reference, here is the nodes file on the current node...\n");
    const nodesFile = "/etc/ctdb/nodes";
    const content = existsSync(nodesFile)
      ? readFileSync(nodesFile, "utf8")
      : `sed: can't read ${nodesFile}: No such file or directory\n`;
    const details = gather("ls", ["-l", nodesFile]).text.toString();
    const shown = existsSync(nodesFile) ? indented(content) : content;
    terminal.out(`${FILE_RULE}  File: ${nodesFile}\n  ${details.trimEnd()}\n${shown}${FILE_RULE}`);
    this.compareFiles();
    this.checkClocks();
    this.section("Showing software versions");
    this.showAll(versionCommands());
    this.section("Showing ctdb status and recent log entries");
    this.showAll(CTDB_COMMANDS);
    terminal.out("Showing log.ctdb\n");
    this.showAll(LOG_COMMANDS);
    this.section("Showing system and process status");
    this.showAll(systemCommands());
    this.showSamba();
    terminal.out(gather("date", []).text);
    terminal.out(`Diagnostics finished with ${this.errors.length} errors\n`);
    terminal.out(this.errors.map((message, i) => ` ERROR[${i + 1}]: ${message}\n`).join(""));
    return this.errors.length;
  }
}

/** All nodes of the cluster, as the tool knows them. Its complaint is for the user. */
function allNodes(): string[] {
  const { stdout } = spawnSync("ctdb", ["listnodes", "-X"], {
    env,
    encoding: "utf8",
    stdio: ["inherit", "pipe", "inherit"],
  });
  return (stdout ?? "")
    .split("\n")
    .map((line) => line.split("|")[1] ?? "")
    .filter((node) => node !== "");
}

function run(argv: readonly string[]): number {
  const options = parseOptions(argv);
  const asked = options.local ? [LOCAL_NODE] : (options.nodes ?? allNodes());
  const reached = asked.filter((node) => onnode(node, "true").ok);
  const missing = asked.filter((node) => !reached.includes(node));
  terminal.out(`${RULE}ctdb_diagnostics starting. This script will gather information about
your ctdb cluster. You should send the output of this script along
with any ctdb or clustered Samba bug reports.
${RULE}`);
  terminal.out(gather("date", []).text);
  terminal.out(`Diagnosis started on these nodes:\n${reached.join(",")}\n`);
  if (missing.length > 0) {
    terminal.out(`\nNOT RUNNING DIAGNOSTICS on these uncontactable nodes:\n${missing.join(",")}\n`);
  }
  const directory = mkdtempSync(join(tmpdir(), "ctdb-diagnostics-"));
  try {
    return new Diagnosis(reached, options, directory).run() & STATUS_MASK;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

try {
  process.exitCode = run(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError) {
    if (error.message !== "") terminal.complain(error.message);
    terminal.complain(USAGE);
  } else {
    terminal.complain(`ctdb_diagnostics: ${error instanceof Error ? error.message : String(error)}`);
  }
  process.exitCode = 1;
}
