// The option parser must take and refuse what popt takes and refuses; the cases were measured with the C tool.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type GlobalOptions, parseCommandLine } from "../../../src/tool/arguments/global-options.js";
import { OptionError } from "../../../src/tool/arguments/popt.js";

function run(...argv: string[]): { options: GlobalOptions; words: readonly string[] } {
  const line = parseCommandLine(argv, {});
  assert.equal(line.kind, "run");
  return line.kind === "run" ? line : assert.fail();
}

const refused: readonly (readonly [argv: readonly string[], text: string])[] = [
  [["-Z", "pnn"], "Invalid option -Z: unknown option"],
  [["--bogus", "pnn"], "Invalid option --bogus: unknown option"],
  [["--node", "pnn"], "Invalid option pnn: invalid numeric value"],
  [["-n"], "Invalid option -n: missing argument"],
  [["-vn"], "Invalid option -vn: missing argument"],
  [["-Xx"], "Invalid option -Xx: missing argument"],
  [["--node"], "Invalid option --node: missing argument"],
  [["-n", "99999999999", "pnn"], "Invalid option 99999999999: number too large or too small"],
  [["-n", "2147483648"], "Invalid option 2147483648: number too large or too small"],
  [["-n", "-2147483649"], "Invalid option -2147483649: number too large or too small"],
  [["-n", "--", "pnn"], "Invalid option --: invalid numeric value"],
  [["-n=q"], "Invalid option -n=q: invalid numeric value"],
  [["-n=="], "Invalid option -n==: invalid numeric value"],
  [["-vn0x1z"], "Invalid option -vn0x1z: invalid numeric value"],
  [["--node=abc"], "Invalid option --node=abc: invalid numeric value"],
  [["-n", "08"], "Invalid option 08: invalid numeric value"],
  [["-n", "0x"], "Invalid option 0x: invalid numeric value"],
  [["-n", "1 "], "Invalid option 1 : invalid numeric value"],
  [["-n", "1.5"], "Invalid option 1.5: invalid numeric value"],
  [["--no", "pnn"], "Invalid option --no: unknown option"],
  [["-1"], "Invalid option -1: unknown option"],
  [["-vZ"], "Invalid option -vZ: unknown option"],
  [["-v-"], "Invalid option -v-: unknown option"],
  [["--=3"], "Invalid option --=3: unknown option"],
  [["---node"], "Invalid option ---node: unknown option"],
  [["--verbose=3"], "Invalid option --verbose=3: option does not take an argument"],
  [["-v=3"], "Invalid option -v=3: option does not take an argument"],
  [["--usage=3"], "Invalid option --usage=3: option does not take an argument"],
  [["-node"], "Invalid option -node: invalid numeric value"],
];

for (const [argv, text] of refused) {
  test(`\`${argv.join(" ")}\` is refused with popt's text`, () => {
    assert.throws(
      () => parseCommandLine(argv, {}),
      new OptionError(text.slice(15, text.indexOf(": ")), text.slice(text.indexOf(": ") + 2)),
    );
  });
}

test("options may stand before, between and behind the words", () => {
  const line = run("-X", "getvar", "-n", "1", "Name", "--timelimit=3");
  assert.deepEqual(line.words, ["getvar", "Name"]);
  assert.equal(line.options.node, 1);
  assert.equal(line.options.timeLimitSeconds, 3);
  assert.equal(line.options.machineReadable, true);
});

test("two dashes end the options", () => {
  assert.deepEqual(run("nodestatus", "--", "-1").words, ["nodestatus", "-1"]);
});

test("a lone dash is a word", () => {
  assert.deepEqual(run("-", "pnn").words, ["-", "pnn"]);
});

test("values may be attached, with or without an equals sign", () => {
  assert.equal(run("-n1").options.node, 1);
  assert.equal(run("-n=1").options.node, 1);
  assert.equal(run("-vn=1").options.node, 1);
  assert.equal(run("-x:").options.separator, ":");
  assert.equal(run("-x=").options.separator, "");
  assert.equal(run("--separator=").options.separator, "");
});

test("integers take C's forms, and an empty text is 0", () => {
  assert.equal(run("-n", "0x10").options.node, 16);
  assert.equal(run("-n", "010").options.node, 8);
  assert.equal(run("-n", " 1").options.node, 1);
  assert.equal(run("-n", "+1").options.node, 1);
  assert.equal(run("-n", "").options.node, 0);
});

test("node -1 is no node, other negative ones are unsigned", () => {
  assert.equal(run("-n", "-1").options.node, undefined);
  assert.equal(run("-n", "-5").options.node, 4294967291);
});

test("help ends the parsing, also in a group of short options", () => {
  assert.equal(parseCommandLine(["-v?Z"], {}).kind, "help");
  assert.equal(parseCommandLine(["--help", "-Z"], {}).kind, "help");
  assert.equal(parseCommandLine(["foo", "--usage"], {}).kind, "usage");
  assert.throws(() => parseCommandLine(["-Z", "--help"], {}), OptionError);
});

test("CTDB_TIMEOUT counts where -T is absent or 0", () => {
  const seconds = (argv: string[], env: Record<string, string>): number => {
    const line = parseCommandLine(argv, env);
    return line.kind === "run" ? line.options.maxRuntimeSeconds : -1;
  };
  assert.equal(seconds(["pnn"], {}), 120);
  assert.equal(seconds(["pnn"], { CTDB_TIMEOUT: "0" }), 0);
  assert.equal(seconds(["pnn"], { CTDB_TIMEOUT: "15abc" }), 15);
  assert.equal(seconds(["-T", "5", "pnn"], { CTDB_TIMEOUT: "x" }), 5);
  for (const text of ["", "abc", "-3"]) {
    assert.throws(() => seconds(["pnn"], { CTDB_TIMEOUT: text }), { message: "Invalid value CTDB_TIMEOUT" });
  }
});
