import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIniText } from "../../../src/config/ini-text.js";

function shown(text: string): string[] {
  const { statements, stopped } = parseIniText(text);
  const lines = statements.map((one) =>
    one.kind === "section" ? `[${one.name}]` : one.value === undefined ? one.key : `${one.key}=${one.value}`,
  );
  return stopped === undefined ? lines : [...lines, `stopped at ${stopped.line}`];
}

test("white space around keys and values goes, runs of it inside become their first character", () => {
  assert.deepEqual(shown("[a]\n \t log   level\t=  a \t b\t\tc  \r\n"), ["[a]", "log level=a b\tc"]);
});

test("comments are whole lines; there are none behind a value", () => {
  assert.deepEqual(shown("# a\n  ; b\nkey = 1 # two\n"), ["key=1 # two"]);
});

test("a backslash at the end of a line joins the next one, also with blanks behind it, but not at the end of the file", () => {
  assert.deepEqual(shown("lo\\\nng = 8\\ \n9\nnext = 1\n"), ["long=89", "next=1"]);
  assert.deepEqual(shown("last = 1\\"), ["last=1\\"]);
});

test("text behind a section's bracket is ignored", () => {
  assert.deepEqual(shown("[a] x = 1\n[b]]\n"), ["[a]", "[b]"]);
});

test("the value begins at the first equals sign", () => {
  assert.deepEqual(shown("a = b = c\nd=\n"), ["a=b = c", "d="]);
});

test("a line without an equals sign has no value", () => {
  assert.deepEqual(shown("some words\nx = 1"), ["some words", "x=1"]);
});

test("a section without its bracket, or a line without a key, stops the parsing", () => {
  assert.deepEqual(shown("a = 1\n[b\nc = 2\n"), ["a=1", "stopped at 2"]);
  assert.deepEqual(shown("a = 1\n\n = 2\nc = 3\n"), ["a=1", "stopped at 3"]);
});
