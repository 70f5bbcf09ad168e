// Names and literals in generated TypeScript. Used by all emitters.

/** REQ_CALL -> ReqCall */
export function pascal(name: string): string {
  return name
    .split("_")
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1).toLowerCase())
    .join("");
}

/** REQ_CALL -> reqCall */
export function camel(name: string): string {
  const text = pascal(name);
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** keyLength -> KeyLength */
export function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

export function hex(value: number | bigint, digits: number): string {
  const text = value.toString(16).padStart(digits, "0");
  return `0x${text}`;
}

/** A value as it is written in TypeScript. */
export function literal(value: number | bigint, format: "hex" | "hex64" | "decimal"): string {
  if (typeof value === "bigint") return `${hex(value, 16)}n`;
  if (format === "decimal" || value < 0) return String(value);
  return hex(value, 8);
}

/** A doc comment of one or more sentences; nothing for no text. */
export function docComment(...sentences: readonly (string | undefined)[]): string {
  const text = sentences.filter((sentence) => sentence !== undefined && sentence !== "").join(" ");
  return text === "" ? "" : `/** ${text} */\n`;
}

/** "4.20" -> 0x00040014, the form in which keepalives carry a release. */
export function releaseNumber(release: string): number {
  const [major = "", minor = ""] = release.split(".");
  return (Number(major) << 16) | Number(minor);
}
