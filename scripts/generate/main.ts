// Entry of the generator: all generated files with their texts. Called by scripts/generate.mjs.

import { checkSchema } from "./check-schema.js";
import { emitConstants } from "./emit-constants.js";
import { emitControls } from "./emit-controls.js";
import { emitMessages } from "./emit-messages.js";
import { emitPackets } from "./emit-packets.js";
import { emitReference } from "./emit-reference.js";
import { emitStructures } from "./emit-structures.js";
import { emitTunables } from "./emit-tunables.js";

export interface GeneratedFile {
  /** Relative to the root of the checkout. */
  path: string;
  text: string;
}

const banner = "// Generated from src/protocol/schema by `npm run generate`. Do not edit.\n";

export function generateFiles(): GeneratedFile[] {
  checkSchema();
  const sources: Record<string, string> = {
    constants: emitConstants(),
    structures: emitStructures(),
    packets: emitPackets(),
    controls: emitControls(),
    messages: emitMessages(),
    tunables: emitTunables(),
  };
  return [
    ...Object.entries(sources).map(([name, text]) => ({
      path: `src/protocol/generated/${name}.ts`,
      text: `${banner}${text}`,
    })),
    { path: "docs/protocol.md", text: emitReference() },
  ];
}
