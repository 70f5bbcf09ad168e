// Checks that dependencies in src/ point one way, and that the subsystems do no I/O of their own. Part of .ci/run.
// usage: node scripts/check-dependencies.mjs [ROOT]        exit status 1 and one line each where a rule is broken
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** Time, chance, files, sockets and processes come in through platform/ports.ts. */
const PURE = { modules: [], pure: true };
const PORTS = "platform/ports.ts";
const TDB_TYPES = "tdb/tdb-file.ts";

/**
 * What a folder may import beside its own files: other folders, or single files of them that hold interfaces only.
 * `modules`: packages and node modules, where not all are fine. A folder that is not named here must not exist.
 */
const RULES = {
  protocol: { from: [], modules: ["node:net", "node:buffer"] },
  platform: { from: ["protocol"] },
  config: { from: ["protocol", "platform"] },
  tdb: { from: ["protocol", PORTS] },
  statistics: { from: ["protocol", PORTS], ...PURE },
  transport: { from: ["protocol", PORTS], ...PURE },
  controls: { from: ["protocol", PORTS], ...PURE },
  messaging: { from: ["protocol", PORTS, "controls"], ...PURE },
  locks: { from: ["protocol", PORTS, TDB_TYPES], ...PURE },
  records: { from: ["protocol", PORTS], ...PURE },
  databases: { from: ["protocol", PORTS, TDB_TYPES, "controls", "locks", "records", "statistics"], ...PURE },
  cluster: { from: ["protocol", PORTS, "controls", "statistics"], ...PURE },
  recovery: { from: ["protocol", PORTS, "cluster/daemon-link.ts"], ...PURE },
  failover: { from: ["protocol", PORTS, "controls", "cluster"], ...PURE },
  vacuum: { from: ["protocol", PORTS, TDB_TYPES, "controls", "databases", "records", "statistics"], ...PURE },
  events: { from: ["protocol", PORTS, "controls"], ...PURE },
  // The waiting process of the locks: threads and system calls are what it is for.
  lockd: { from: ["platform", "tdb", "locks/lock-helper-port.ts"] },
  // Stores the records of commits in processes that may block.
  commitd: { from: ["protocol", "platform", "tdb", "lockd/system-calls.ts", "databases/update-helper-port.ts"] },
  // Works on the files for the vacuuming, in a process that is a client of the daemon.
  vacuumd: { from: ["protocol", PORTS, "platform/frame-cutter.ts", TDB_TYPES, "vacuum"] },
  client: { from: ["protocol", "platform", "tdb", "transport/packet-framer.ts"] },
  tool: { from: ["protocol", "client", "tdb", "config", "platform/libc.ts", "platform/logging/log-levels.ts"] },
  daemon: { from: "all" },
  simulator: { from: "all" },
};

const IMPURE_WORDS =
  /\b(setTimeout|setInterval|setImmediate)\s*\(|\bDate\.now\b|\bnew Date\b|\bMath\.random\b|\bperformance\.\w|\bprocess\.\w/;
/** import/export ... from, the last line of one that spans several, import for its effect, import(). */
const SPECIFIER = /(?:^(?:import|export|\})[^"\n]*\bfrom |^import |\bimport\()"([^"]+)"/gm;

const root = resolve(process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), ".."));
const src = join(root, "src");
const broken = [];

function sourceFiles(directory) {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return sourceFiles(path);
    return entry.name.endsWith(".ts") ? [path] : [];
  });
}

/** Comments become blanks, so that line numbers stay. */
function withoutComments(text) {
  return text.replace(/\/\*[\s\S]*?\*\/|(^|[^:"'`\\])\/\/.*$/gm, (match) => match.replace(/[^\n]/g, " "));
}

function checkImport(file, folder, rule, specifier) {
  const where = relative(root, file);
  if (!specifier.startsWith(".")) {
    if (rule.modules !== undefined && !rule.modules.includes(specifier)) {
      broken.push(`${where}: ${folder}/ must not import '${specifier}'`);
    }
    return;
  }
  const target = relative(src, resolve(dirname(file), specifier)).replace(/\.js$/, ".ts");
  const targetFolder = target.split(sep)[0];
  if (targetFolder === folder) return;
  if (target.startsWith("..")) {
    broken.push(`${where}: '${specifier}' lies outside src/`);
    return;
  }
  if (rule.from === "all" || rule.from.includes(targetFolder) || rule.from.includes(target)) return;
  broken.push(`${where}: ${folder}/ must not import ${target}`);
}

for (const folder of readdirSync(src, { withFileTypes: true })) {
  if (!folder.isDirectory()) continue;
  const rule = RULES[folder.name];
  if (rule === undefined) {
    broken.push(`src/${folder.name}: no rule says what this folder may import`);
    continue;
  }
  for (const file of sourceFiles(join(src, folder.name))) {
    const text = withoutComments(readFileSync(file, "utf8"));
    for (const [, specifier] of text.matchAll(SPECIFIER)) checkImport(file, folder.name, rule, specifier);
    if (!rule.pure) continue;
    for (const [index, line] of text.split("\n").entries()) {
      const word = IMPURE_WORDS.exec(line)?.[0];
      if (word !== undefined) {
        broken.push(
          `${relative(root, file)}:${index + 1}: ${folder.name}/ must not use '${word}', take it from the ports`,
        );
      }
    }
  }
}
for (const line of broken) console.error(line);
if (broken.length > 0) process.exit(1);
console.log("dependencies point one way");
