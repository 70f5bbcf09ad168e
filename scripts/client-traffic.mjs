// Counts what client programs sent to ctdbd and how it was answered, from debug logs of our daemon, as a Markdown table.
// usage: node scripts/client-traffic.mjs PREFIX[,PREFIX...] LOG...      (what program names begin with; logs of `log level = DEBUG`)
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

const [names, ...logs] = process.argv.slice(2);
if (names === undefined || logs.length === 0) {
  console.error("usage: node scripts/client-traffic.mjs PREFIX[,PREFIX...] LOG...");
  process.exit(2);
}

const prefixes = names.split(",");
const PROGRAM = /client process (\d+) is (\S+)$/;
const PACKET = /client (\d+) pid (\d+) ([<>]) (\S+) \S+ #(\d+) (.*)$/;

/** What was sent -> {count, answers: answer -> count}. */
const rows = new Map();
const received = new Map();

function add(map, name) {
  map.set(name, (map.get(name) ?? 0) + 1);
}

function row(name) {
  let found = rows.get(name);
  if (found === undefined) {
    found = { count: 0, answers: new Map() };
    rows.set(name, found);
  }
  return found;
}

const CALL_NAMES = { 4278190081: "NULL", 4278190082: "FETCH", 4278190083: "FETCH_WITH_HEADER" };

function nameOf(operation, details) {
  if (operation === "REQ_CALL") {
    const [, call, flags] = / call (\d+) flags (\S+)/.exec(details) ?? [];
    return `call ${CALL_NAMES[call] ?? call}, flags ${flags}`;
  }
  if (operation === "REQ_CONTROL")
    return `control ${details.split(" ")[0]}${/ flags 0x1 /.test(details) ? ", no reply wanted" : ""}`;
  if (operation === "REQ_MESSAGE")
    return `message to ${/^\d+:|^0x/.test(details) ? "a server id" : details.split(" ")[0]}`;
  return operation;
}

async function read(log) {
  const programs = new Map();
  const open = new Map();
  const endOfDaemon = () => {
    for (const name of open.values()) add(row(name).answers, "none, for its client or the daemon ended");
    open.clear();
  };
  for await (const line of createInterface({ input: createReadStream(log) })) {
    const process = PROGRAM.exec(line);
    if (process !== null) {
      programs.set(process[1], process[2]);
      continue;
    }
    if (line.endsWith("CTDB starting on node")) endOfDaemon();
    const packet = PACKET.exec(line);
    if (packet === null) continue;
    const [, client, pid, direction, operation, reqid, details] = packet;
    if (!prefixes.some((prefix) => programs.get(pid)?.startsWith(prefix))) continue;
    if (direction === ">") {
      const name = nameOf(operation, details);
      row(name).count++;
      if (operation !== "REQ_MESSAGE" && !name.endsWith("no reply wanted")) open.set(`${client} ${reqid}`, name);
    } else if (operation === "REQ_MESSAGE") {
      add(received, nameOf(operation, details));
    } else {
      const name = open.get(`${client} ${reqid}`);
      open.delete(`${client} ${reqid}`);
      if (name !== undefined) add(row(name).answers, `status ${/status (-?\d+)/.exec(details)?.[1] ?? "?"}`);
    }
  }
  endOfDaemon();
}

for (const log of logs) await read(log);
console.log(`| what ${prefixes.join(", ")} sent | count | answered |\n| --- | ---: | --- |`);
for (const [name, { count, answers }] of [...rows].sort(([a], [b]) => (a < b ? -1 : 1))) {
  const text = [...answers].sort((a, b) => b[1] - a[1]).map(([answer, times]) => `${answer}: ${times}`);
  console.log(`| ${name} | ${count} | ${text.join(", ") || "-"} |`);
}
console.log(`\n| what ${prefixes.join(", ")} got unasked | count |\n| --- | ---: |`);
for (const [name, count] of [...received].sort(([a], [b]) => (a < b ? -1 : 1))) console.log(`| ${name} | ${count} |`);
