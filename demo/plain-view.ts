// The demo as plain lines, for output that is no terminal: what happened, with the seconds since the start.
import { type Scene, thousands, type View } from "./scene.js";

/** A line about the counter is printed this often. */
const COUNTER_LINE_EVERY_MS = 2000;

export function plainView(scene: Scene, write: (text: string) => void): View {
  const start = performance.now();
  let counterShownAt = start;
  const line = (text: string) => write(`${((performance.now() - start) / 1000).toFixed(1).padStart(5)} s  ${text}\n`);
  return {
    chapter: (title) => line(`== ${title}`),
    tell: (text) => line(text),
    refresh() {
      const rate = scene.rates.at(-1) ?? 0;
      if (rate === 0 || performance.now() - counterShownAt < COUNTER_LINE_EVERY_MS) return;
      counterShownAt = performance.now();
      const shares = scene.nodes.map((node) => `node ${node.pnn} ${thousands(node.perSecond)}`).join(", ");
      line(`counter at about ${thousands(scene.counter)}, ${thousands(rate)} increments/s (${shares})`);
    },
    end() {},
  };
}
