// The value of `[logging] location`. Checked when the configuration is loaded, used by logger.ts.

export type LogLocation =
  | { readonly kind: "stderr" }
  | { readonly kind: "file"; readonly path: string }
  /** `format` is that of the datagrams; "syslog" and "syslog:nonblocking" go to /dev/log, the others to UDP port 514. */
  | { readonly kind: "syslog"; readonly transport: "device" | "udp"; readonly format: "rfc3164" | "short" | "rfc5424" };

/** What stands between the first and the second colon of `location`, and what before; undefined for an unknown one. */
export function parseLogLocation(location: string): LogLocation | undefined {
  const [backend, option = ""] = location.split(":");
  if (backend === "file") return option === "" || option === "-" ? { kind: "stderr" } : { kind: "file", path: option };
  if (backend !== "syslog") return undefined;
  switch (option) {
    case "":
      return { kind: "syslog", transport: "device", format: "rfc3164" };
    case "nonblocking":
      return { kind: "syslog", transport: "device", format: "short" };
    case "udp":
      return { kind: "syslog", transport: "udp", format: "short" };
    case "udp-rfc5424":
      return { kind: "syslog", transport: "udp", format: "rfc5424" };
    default:
      return undefined;
  }
}
