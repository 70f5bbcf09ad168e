// Points in time and spans as the C tool prints them: ctime in the local time zone, and `(DDD HH:MM:SS)`.

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}

/** ctime without its newline: `Sat Nov 21 01:51:47 2026`. `seconds` since 1970. */
export function ctimeText(seconds: number): string {
  const at = new Date(seconds * 1000);
  const day = String(at.getDate()).padStart(2, " ");
  const clock = [at.getHours(), at.getMinutes(), at.getSeconds()].map(twoDigits).join(":");
  return `${DAYS[at.getDay()]} ${MONTHS[at.getMonth()]} ${day} ${clock} ${at.getFullYear()}`;
}

/** `2026/11/21 01:52:35` in the local time zone. */
export function dateText(seconds: number): string {
  const at = new Date(seconds * 1000);
  const date = [String(at.getFullYear()), twoDigits(at.getMonth() + 1), twoDigits(at.getDate())].join("/");
  return `${date} ${[at.getHours(), at.getMinutes(), at.getSeconds()].map(twoDigits).join(":")}`;
}

/** ISO 8601 in UTC, for JSON. */
export function isoText(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

/** `(DDD HH:MM:SS)`; C divides towards zero, so each part of a negative span is negative. */
export function spanText(seconds: number): string {
  const part = (value: number, width: number): string => {
    const sign = value < 0 ? "-" : "";
    return sign + String(Math.abs(value)).padStart(width - sign.length, "0");
  };
  const whole = Math.trunc(seconds);
  const days = Math.trunc(whole / 86_400);
  const hours = Math.trunc(whole / 3_600) % 24;
  const minutes = Math.trunc(whole / 60) % 60;
  return `(${part(days, 3)} ${part(hours, 2)}:${part(minutes, 2)}:${part(whole % 60, 2)})`;
}
