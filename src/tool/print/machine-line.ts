// One line of machine readable output: every field between separators. Used by the printers.

/** `|a|b|` and a newline. */
export function machineLine(fields: readonly (string | number)[], separator: string): string {
  return `${separator}${fields.join(separator)}${separator}\n`;
}
