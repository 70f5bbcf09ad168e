// The other process of the conformance suite on libtdb. usage: peer-process PATH FLAGS. One command a line, one answer a line.
import { createInterface } from "node:readline";
import { libtdbOpener } from "../../../src/tdb/libtdb.js";
import type { TdbFile } from "../../../src/tdb/tdb-file.js";
import { failure, type PeerCommand, perform } from "./peer.js";

const [, , path = "", flags = "0"] = process.argv;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

let file: TdbFile | undefined;
try {
  file = libtdbOpener.open({ path, flags: Number(flags), create: false });
  say("open");
} catch (error) {
  say(failure(error));
}
if (file !== undefined) {
  const open = file;
  createInterface({ input: process.stdin }).on("line", (line) => {
    const [command, key, value]: [PeerCommand, string?, string?] = JSON.parse(line);
    say(perform(open, command, key, value));
  });
}
