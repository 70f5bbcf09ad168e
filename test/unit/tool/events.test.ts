// How the results of event scripts are printed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventStatusText } from "../../../src/tool/print/events.js";

process.env["TZ"] = "UTC";
const at = Date.UTC(2026, 10, 21, 2, 8, 18) / 1000;

function script(name: string, result: number, output: string | null = null, begin = at) {
  return { name, result, output, begin: { sec: begin, usec: 0 }, end: { sec: begin, usec: 3_000 } };
}

test("successes, failures, outputs of one and of many lines, and disabled scripts", () => {
  assert.equal(
    eventStatusText([
      script("00.test", 0, "monitor event\n"),
      script("10.bad", 7, "line1\n\nline 3\n\n"),
      script("15.quiet", 1),
      script("20.off", -8),
      script("30.slow", -110, ""),
      script("40.gone", -2, ""),
    ]),
    "00.test              OK         0.003 Sat Nov 21 02:08:18 2026\n  OUTPUT: monitor event\n" +
      "10.bad               ERROR      0.003 Sat Nov 21 02:08:18 2026\n  OUTPUT:\n    line1\n    \n    line 3\n" +
      "15.quiet             ERROR      0.003 Sat Nov 21 02:08:18 2026\n  OUTPUT: \n" +
      "20.off               DISABLED  \n" +
      "30.slow              TIMEDOUT   Sat Nov 21 02:08:18 2026\n  OUTPUT: \n" +
      "40.gone              CANNOT RUN (No such file or directory)\n  OUTPUT: \n",
  );
});

test("what is left over from an earlier run is cut off, what never ran is left out", () => {
  assert.equal(
    eventStatusText([script("00.a", 0), script("05.b", -61), script("10.c", 0, null, at - 60)]),
    "00.a                 OK         0.003 Sat Nov 21 02:08:18 2026\n",
  );
});
