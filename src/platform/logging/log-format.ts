// How a log line looks in a file and in the three kinds of syslog datagram. Used by logger.ts.
import { syslogPriority } from "./log-levels.js";

export interface LineSource {
  readonly tag: string;
  readonly pid: number;
  readonly hostname: string;
}

/** Longest text of one line in bytes as C daemons cut it; only datagrams need the limit. */
const DATAGRAM_MAX_CHARS = 1024;

const two = (value: number): string => String(value).padStart(2, "0");

// The date and zone change once a second at most; asking for them for every line is the costly part.
let cachedSecond = Number.NaN;
let cachedDate = "";
let cachedZone = "";

/** 2026-11-21T01:56:45.655821+00:00 in local time. `wallMs`: milliseconds since 1970 with a fraction. */
export function timestamp(wallMs: number): string {
  const second = Math.floor(wallMs / 1000);
  if (second !== cachedSecond) {
    const date = new Date(second * 1000);
    const zoneMinutes = -date.getTimezoneOffset();
    const zone = Math.abs(zoneMinutes);
    cachedSecond = second;
    cachedDate =
      `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}` +
      `T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
    cachedZone = `${zoneMinutes < 0 ? "-" : "+"}${two(Math.floor(zone / 60))}:${two(zone % 60)}`;
  }
  const microseconds = Math.floor((wallMs - second * 1000) * 1000);
  return `${cachedDate}.${String(microseconds).padStart(6, "0")}${cachedZone}`;
}

export function fileLine(source: LineSource, wallMs: number, text: string): string {
  return `${timestamp(wallMs)} ${source.hostname} ${source.tag}[${source.pid}]: ${text}\n`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** What syslog(3) sends to /dev/log: <PRI>Nov 21 05:19:41 tag[pid]: text */
export function rfc3164Datagram(source: LineSource, wallMs: number, level: number, text: string): string {
  const date = new Date(wallMs);
  const day = String(date.getDate()).padStart(2, " ");
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `<${syslogPriority(level)}>${MONTHS[date.getMonth()]} ${day} ${time} ${source.tag}[${source.pid}]: ${text}`;
}

/** Without time and host, as C daemons do it for "nonblocking" and "udp": <PRI>tag[pid]: text */
export function shortDatagram(source: LineSource, level: number, text: string): string {
  return `<${syslogPriority(level)}>${source.tag}[${source.pid}]: ${text}`.slice(0, DATAGRAM_MAX_CHARS);
}

/** <PRI>1 TIMESTAMP HOST tag pid - - text */
export function rfc5424Datagram(source: LineSource, wallMs: number, level: number, text: string): string {
  const prefix = `<${syslogPriority(level)}>1 ${timestamp(wallMs)} ${source.hostname} ${source.tag} ${source.pid} - - `;
  return `${prefix}${text}`.slice(0, DATAGRAM_MAX_CHARS);
}
