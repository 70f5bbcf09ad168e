// Local time in the forms that log lines need. The part down to the second is kept, since most lines share it.

const two = (value: number): string => String(value).padStart(2, "0");

/** "+05:30" */
function zone(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** "Nov  1 05:48:04", the form of syslog(3). `wallMs`: milliseconds since 1970. */
export function syslogTimeStamp(wallMs: number): string {
  const date = new Date(wallMs);
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${MONTHS[date.getMonth()] ?? ""} ${String(date.getDate()).padStart(2, " ")} ${time}`;
}

/** Makes "2026-11-21T01:56:45.655821+00:00" of milliseconds with a fraction. */
export class IsoTimeStamps {
  private second = Number.NaN;
  private head = "";
  private zone = "";

  format(wallMs: number): string {
    const second = Math.floor(wallMs / 1000);
    if (second !== this.second) {
      const date = new Date(second * 1000);
      const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
      this.head = `${day}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.`;
      this.zone = zone(date);
      this.second = second;
    }
    const microseconds = Math.floor((wallMs - second * 1000) * 1000);
    return this.head + String(microseconds).padStart(6, "0") + this.zone;
  }
}
