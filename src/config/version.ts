// The release that this daemon speaks for and the number it announces in keepalives. Read at start-up by daemon/ and the tool.

/** What `Starting CTDBD (Version X)` and `ctdb version` print. Scripts take MAJOR.MINOR from it. */
export const CTDB_VERSION_TEXT = "4.24.5-ctdb-ts";

/**
 * major * 65536 + minor of the keepalive packets. Nodes of different versions refuse each other, so the default is that of the
 * C daemons to be joined without any setting: 4.17.
 */
export const DEFAULT_KEEPALIVE_VERSION = 0x0004_0011;

/** The version to announce: CTDB_TEST_SAMBA_VERSION (decimal, as C's strtol reads it) or the default. */
export function keepaliveVersion(env: NodeJS.ProcessEnv): number {
  const text = env["CTDB_TEST_SAMBA_VERSION"];
  if (text === undefined) return DEFAULT_KEEPALIVE_VERSION;
  const number = Number.parseInt(text, 10);
  return Number.isNaN(number) ? 0 : number >>> 0;
}
