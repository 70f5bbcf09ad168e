// The demo as a picture that is redrawn in place: nodes, record, counter, and the last events below.
import { hex, type NodeScene, type Scene, thousands, type View } from "./scene.js";

const WIDTH = 78;
const EVENTS_SHOWN = 9;
const EVENT_WIDTH = WIDTH - 9;
const BAR_WIDTH = 30;
const SPARKS = "▁▂▃▄▅▆▇█";
const SPARK_WIDTH = 40;
const SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";

const ESCAPE = "\u001b[";
const paint = (code: string) => (text: string) => `${ESCAPE}${code}m${text}${ESCAPE}0m`;
const bold = paint("1");
const dim = paint("2");
const red = paint("31");
const green = paint("32");
const yellow = paint("33");
const blue = paint("34");
const cyan = paint("36");
const HIDE_CURSOR = `${ESCAPE}?25l`;
const SHOW_CURSOR = `${ESCAPE}?25h`;

/** Length as seen: without colour codes. */
function seenLength(text: string): number {
  let length = 0;
  let inEscape = false;
  for (const character of text) {
    if (character === "\u001b") inEscape = true;
    else if (inEscape) inEscape = character !== "m";
    else length++;
  }
  return length;
}

function framed(text: string): string {
  return `${dim("│")} ${text}${" ".repeat(Math.max(0, WIDTH - 2 - seenLength(text)))}${dim("│")}`;
}

function rule(left: string, title: string, right: string): string {
  const label = title === "" ? "" : ` ${title} `;
  return dim(`${left}─`) + bold(label) + dim(`${"─".repeat(WIDTH - 2 - label.length)}${right}`);
}

function conditionOf(node: NodeScene, tick: number): string {
  switch (node.condition) {
    case "healthy":
      return green("● healthy   ");
    case "killed":
      return red("✖ killed    ");
    default:
      return yellow(`${SPINNER[tick % SPINNER.length] ?? ""} ${node.condition.padEnd(10)}`);
  }
}

function bar(share: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * BAR_WIDTH);
  return blue("█".repeat(filled)) + dim("░".repeat(BAR_WIDTH - filled));
}

function sparkline(values: readonly number[]): string {
  const shown = values.slice(-SPARK_WIDTH);
  const highest = Math.max(1, ...shown);
  return shown.map((value) => SPARKS[Math.round((value / highest) * (SPARKS.length - 1))] ?? " ").join("");
}

function journeyLines(scene: Scene): string[] {
  if (scene.journey.length === 0) return [dim("not on its way yet"), "", ""];
  const path = scene.journey.map((stop) => cyan(`node ${stop.pnn}`)).join(dim("  ──▶  "));
  const dmasters = scene.journey.map((stop) => `dmaster ${stop.dmaster}`.padEnd(13)).join("");
  const rsns = scene.journey.map((stop) => `rsn ${stop.rsn}`.padEnd(13)).join("");
  return [path, dim(dmasters), dim(rsns)];
}

export function terminalView(scene: Scene, write: (text: string) => void): View {
  const start = performance.now();
  const events: string[] = [];
  let linesDrawn = 0;
  let tick = 0;
  const elapsed = () => ((performance.now() - start) / 1000).toFixed(1);

  const picture = (): string[] => {
    const clock = `${elapsed()} s`;
    const title = ` ${bold("ctdb-ts")} ${dim("·")} ${scene.chapter}`;
    const busiest = Math.max(1, ...scene.nodes.map((node) => node.perSecond));
    return [
      `${title}${" ".repeat(Math.max(1, WIDTH + 1 - seenLength(title) - clock.length))}${dim(clock)}`,
      rule("╭", "nodes", "╮"),
      ...scene.nodes.map((node) => {
        const pid = node.pid === undefined ? "" : dim(`pid ${node.pid}`);
        const crown = scene.leader === node.pnn ? yellow("★ leader  ") : "          ";
        return framed(`node ${node.pnn}  ${conditionOf(node, tick)}${crown}${node.address.padEnd(16)}${pid}`);
      }),
      framed(`${dim("generation")} ${hex(scene.generation)}   ${dim("VNN map")} ${scene.vnnMap.join(" ")}`),
      rule("├", 'the record "parcel"', "┤"),
      ...journeyLines(scene).map(framed),
      rule("├", "one counter, raised from every node", "┤"),
      ...scene.nodes.map((node) =>
        framed(`node ${node.pnn}  ${bar(node.perSecond / busiest)} ${thousands(node.perSecond).padStart(8)} /s`),
      ),
      framed(
        `${bold(thousands(scene.counter).padStart(9))}  ${cyan(sparkline(scene.rates).padEnd(SPARK_WIDTH))}` +
          `${thousands(scene.rates.at(-1) ?? 0).padStart(8)} /s`,
      ),
      rule("╰", "", "╯"),
      ...Array.from({ length: EVENTS_SHOWN }, (_, i) => ` ${events[i] ?? ""}`),
    ];
  };
  const draw = () => {
    const lines = picture();
    const up = linesDrawn === 0 ? "" : `${ESCAPE}${linesDrawn}A`;
    write(`${HIDE_CURSOR}${up}${lines.map((line) => `\r${line}${ESCAPE}K\n`).join("")}`);
    linesDrawn = lines.length;
  };
  return {
    chapter(title) {
      scene.chapter = title;
      draw();
    },
    tell(text, mood) {
      // A line that wraps would spoil the drawing in place.
      const short = text.length > EVENT_WIDTH ? `${text.slice(0, EVENT_WIDTH - 1)}…` : text;
      const words = mood === "good" ? green(short) : mood === "bad" ? red(short) : short;
      events.push(`${dim(`${elapsed().padStart(5)} s`)}  ${words}`);
      if (events.length > EVENTS_SHOWN) events.shift();
      draw();
    },
    refresh() {
      tick++;
      draw();
    },
    end: () => write(SHOW_CURSOR),
  };
}
