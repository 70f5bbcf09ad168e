// Our ltdbtool against Debian's, on files that the C daemon and python write.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

const OURS = join(__PROJECT_ROOT__, "bin/ltdbtool");
const DEBIAN = "/usr/bin/ltdbtool";

/** Records with headers, one empty, one with bytes that are not printable, one with something in the padding. */
const MAKE_FILES = `
import struct, sys, tdb
header = lambda rsn, dmaster, flags, pad=0: struct.pack("<QIIII", rsn, dmaster, 0, flags, pad)
good = tdb.open(sys.argv[1] + "/good.tdb", 0, tdb.DEFAULT, 0o102, 0o600)
good.store(b"a", header(1, 0, 0) + b"value")
good.store(b"empty", header(2, 0xffffffff, 0x20000))
good.store(b"\\0\\"x", header(2**40, 3, 0x10000) + b"\\\\\\xff\\"")
padded = tdb.open(sys.argv[1] + "/padded.tdb", 0, tdb.DEFAULT, 0o102, 0o600)
padded.store(b"a", header(1, 0, 0, 7) + b"value")
short = tdb.open(sys.argv[1] + "/short.tdb", 0, tdb.DEFAULT, 0o102, 0o600)
short.store(b"a", b"no header")
`;

let directory = "";

before(() => {
  directory = mkdtempSync(join(tmpdir(), "ctdb-ltdbtool-"));
  const made = spawnSync("/usr/bin/python3", ["-c", MAKE_FILES, directory], { encoding: "utf8" });
  assert.equal(made.status, 0, made.stderr);
});

after(() => rmSync(directory, { recursive: true }));

function run(program: string, line: string) {
  rmSync(join(directory, "out.tdb"), { force: true });
  const steps = line.split(" && ").map((step) => {
    const args = step.split(" ").filter((word) => word !== "");
    const { stdout, stderr, status } = spawnSync(program, args, {
      cwd: directory,
      encoding: "latin1",
      // The C program prints the name by which it was called.
      ...(program === DEBIAN ? { argv0: "ltdbtool" } : {}),
    });
    return { stdout, stderr, status };
  });
  const dumped = spawnSync("/usr/bin/tdbdump", ["out.tdb"], { cwd: directory, encoding: "latin1" });
  return { steps, dumped: dumped.status === 0 ? dumped.stdout : undefined };
}

for (const line of [
  "",
  "help",
  "-h",
  "foo",
  "-Z",
  "-s",
  "-s 5 dump good.tdb",
  "dump",
  "dump a b",
  "dump missing.tdb",
  "dump .",
  "dump /dev/null",
  "dump good.tdb/x",
  "convert good.tdb /nonexistent/x",
  "convert good.tdb good.tdb",
  "dump good.tdb",
  "dump -p good.tdb",
  "-p dump good.tdb",
  "dump good.tdb -e -p",
  "-ep dump good.tdb",
  "-s0 dump good.tdb",
  "-s32 dump good.tdb",
  "-s 64 dump good.tdb",
  "-S 30 dump good.tdb",
  "-S x dump good.tdb",
  "-S10 -p dump good.tdb",
  "dump padded.tdb",
  "dump short.tdb",
  "convert good.tdb",
  "convert missing.tdb out.tdb",
  "convert good.tdb out.tdb",
  "convert -e good.tdb out.tdb",
  "convert -o0 good.tdb out.tdb",
  "convert -o32 good.tdb out.tdb",
  "convert -s0 -o64 short.tdb out.tdb",
  "convert -O 10 good.tdb out.tdb",
  "convert good.tdb out.tdb && convert good.tdb out.tdb",
]) {
  test(`\`ltdbtool ${line}\` prints, writes and returns the same as Debian's`, () => {
    assert.deepEqual(run(OURS, line), run(DEBIAN, line));
  });
}
