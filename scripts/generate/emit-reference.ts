// Emits docs/protocol.md.
export function emitReference(): string {
  return "# The CTDB wire protocol\n";
}
