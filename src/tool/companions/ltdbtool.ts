// `ltdbtool`: dumps local TDB files of CTDB and converts their record headers, without a daemon. Bundled to dist/ltdbtool.cjs.
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { RECORD_HEADER_SIZE, recordHeaderDmaster, recordHeaderFlags, recordHeaderRsn } from "../../protocol/index.js";
import { TdbOpenError } from "../../tdb/errors.js";
import type { TdbFile } from "../../tdb/tdb-file.js";
import { atoi } from "../arguments/numbers.js";
import { escapedText } from "../print/records.js";
import { strerror } from "../print/strerror.js";
import { processTerminal as terminal } from "../terminal.js";

const USAGE = `Usage: ltdbtool dump [-e] [-p] [-s{0|32|64}] <idb>
       ltdbtool convert [-e] [-s{0|32|64}] [-o{0|32|64}] <idb> <odb>
       ltdbtool {help|-h}`;

const HELP = `Usage: ltdbtool [options] <command>

Options:
   -s {0|32|64}    specify how to determine the ctdb record header size
                   for the input database:
                   0: no ctdb header
                   32: ctdb header size of a 32 bit system (20 bytes)
                   64: ctdb header size of a 64 bit system (24 bytes)
                   default: 32 or 64 depending on the system architecture

   -S <num>        the number of bytes to interpret as ctdb record header
                   for the input database (beware!)

   -o {0|32|64}    specify how to determine the ctdb record header size
                   for the output database
                   0: no ctdb header
                   32: ctdb header size of a 32 bit system (20 bytes)
                   64: ctdb header size of a 64 bit system (24 bytes)
                   default: 32 or 64 depending on the system architecture

   -O <num>        the number of bytes to interpret as ctdb record header
                   for the output database (beware!)

   -e              Include empty records, defaults to off

   -p              print header (for the dump command), defaults to off

   -h              print this help

Commands:
  help                         print this help
  dump <db>                    dump the db to stdout
  convert <in_db> <out_db>     convert the db

`;

/** Header sizes by the word length of the system that wrote the file. */
const HEADER_BYTES: ReadonlyMap<string, number> = new Map([
  ["0", 0],
  ["32", 20],
  ["64", 24],
]);
const PADDING_OFFSET = 20;
const DMASTER_UNKNOWN = -1;
const FAILED = 255;

/** The command line is wrong: usage, exit status 255. */
class UsageError extends Error {}

interface Options {
  inputHeader: number;
  outputHeader: number;
  withEmpty: boolean;
  withHeaders: boolean;
  help: boolean;
  readonly words: string[];
}

function headerBytes(text: string): number {
  const size = HEADER_BYTES.get(text);
  if (size === undefined) throw new UsageError();
  return size;
}

/** As getopt: options may stand behind the words too. */
function parseOptions(argv: readonly string[]): Options {
  const options: Options = {
    inputHeader: RECORD_HEADER_SIZE,
    outputHeader: RECORD_HEADER_SIZE,
    withEmpty: false,
    withHeaders: false,
    help: false,
    words: [],
  };
  let at = 0;
  const take = (letter: string, attached: string): boolean => {
    if ("sSoO".includes(letter)) {
      const value = attached === "" ? argv[at++] : attached;
      if (value === undefined) throw new UsageError(`ltdbtool: option requires an argument -- '${letter}'`);
      if (letter === "s") options.inputHeader = headerBytes(value);
      else if (letter === "o") options.outputHeader = headerBytes(value);
      else if (letter === "S") options.inputHeader = Math.min(Math.max(0, atoi(value)), RECORD_HEADER_SIZE);
      else options.outputHeader = Math.min(Math.max(0, atoi(value)), RECORD_HEADER_SIZE);
      return true;
    }
    if (letter === "e") options.withEmpty = true;
    else if (letter === "p") options.withHeaders = true;
    else if (letter === "h") options.help = true;
    else throw new UsageError(`ltdbtool: invalid option -- '${letter}'`);
    return false;
  };
  while (at < argv.length) {
    const word = argv[at++] ?? "";
    if (!word.startsWith("-") || word === "-") {
      options.words.push(word);
      continue;
    }
    for (let i = 1; i < word.length; i += 1) {
      if (take(word.charAt(i), word.slice(i + 1))) break;
    }
  }
  return options;
}

/** Opens a file with libtdb; complains and gives undefined where that does not work. `side` is "in" or "out". */
async function openTdb(path: string, side: "in" | "out"): Promise<TdbFile | undefined> {
  const { libtdbOpener } = await import("../../tdb/libtdb.js");
  try {
    return libtdbOpener.open(
      side === "in" ? { path, flags: 0, create: false, readOnly: true } : { path, flags: 0, create: true },
    );
  } catch (error) {
    if (!(error instanceof TdbOpenError)) throw error;
    const errno = new Map<string, number>(Object.entries(constants.errno)).get(error.errno);
    terminal.complain(`tdbopen ${side}: ${errno === undefined ? error.message : strerror(errno)}`);
    return undefined;
  }
}

/** The header as 24 bytes: what the file does not hold of it is that of a record without owner. */
function fullHeader(stored: Buffer, bytes: number): Buffer {
  const header = Buffer.alloc(RECORD_HEADER_SIZE);
  header.writeInt32LE(DMASTER_UNKNOWN, 8);
  stored.copy(header, 0, 0, bytes);
  return header;
}

/** Calls `visit` for each record that is wanted; stops at one that is too short for its header. */
function visitRecords(
  file: TdbFile,
  { inputHeader, withEmpty }: Options,
  visit: (key: Buffer, header: Buffer, data: Buffer) => void,
): void {
  let stopped = false;
  const cursor = file.openCursor();
  const one = (key: Buffer, stored: Buffer): boolean => {
    if (stored.length < inputHeader) {
      const shown = `"${escapedText(key)}" = "${escapedText(stored)}"`;
      terminal.complain(`Value too short to contain a ctdb header: ${shown}`);
      stopped = true;
      return false;
    }
    const data = stored.subarray(inputHeader);
    if (data.length === 0 && !withEmpty) return true;
    const header = fullHeader(stored, inputHeader);
    if (header.readUInt32LE(PADDING_OFFSET) !== 0) {
      terminal.complain("Warning: header padding isn't zero! Wrong header size?");
    }
    visit(key, header, data);
    return true;
  };
  while (!stopped && cursor.slice(Number.MAX_SAFE_INTEGER, one) !== "done") {
    // A chain that somebody holds: again.
  }
  cursor.close();
}

async function dump(options: Options, path: string): Promise<number> {
  const file = await openTdb(path, "in");
  if (file === undefined) return FAILED;
  visitRecords(file, options, (key, header, data) => {
    const facts = options.withHeaders
      ? `dmaster: ${recordHeaderDmaster(header, 0) | 0}\nrsn: ${recordHeaderRsn(header, 0)}\n` +
        `flags: 0x${recordHeaderFlags(header, 0).toString(16).toUpperCase()}\n`
      : "";
    terminal.out(
      `{\nkey(${key.length}) = "${escapedText(key)}"\n${facts}data(${data.length}) = "${escapedText(data)}"\n}\n`,
    );
  });
  file.close();
  return 0;
}

async function convert(options: Options, from: string, to: string): Promise<number> {
  const input = await openTdb(from, "in");
  if (input === undefined) return FAILED;
  if (existsSync(to)) {
    terminal.complain("tdbopen out: File exists");
    return FAILED;
  }
  const output = await openTdb(to, "out");
  if (output === undefined) return FAILED;
  const records: { readonly key: Buffer; readonly header: Buffer; readonly data: Buffer }[] = [];
  visitRecords(input, options, (key, header, data) => {
    records.push({ key: Buffer.from(key), header, data: Buffer.from(data) });
  });
  for (const { key, header, data } of records) {
    output.storeWithHeader(key, header.subarray(0, options.outputHeader), data);
  }
  output.close();
  input.close();
  return 0;
}

async function run(argv: readonly string[]): Promise<number> {
  const options = parseOptions(argv);
  const [command, ...args] = options.words;
  if (options.help || command === "help") {
    terminal.out(HELP);
    return 0;
  }
  const [first = "", second = ""] = args;
  if (command === "dump" && args.length === 1) return dump(options, first);
  if (command === "convert" && args.length === 2) return convert(options, first, second);
  throw new UsageError();
}

run(process.argv.slice(2)).then(
  (status) => process.exit(status),
  (error: unknown) => {
    if (!(error instanceof UsageError)) {
      terminal.complain(error instanceof Error ? error.message : String(error));
      process.exit(1);
    }
    if (error.message !== "") terminal.complain(error.message);
    terminal.complain(USAGE);
    process.exit(FAILED);
  },
);
