// What ctdb_diagnostics looks at: which files must be alike on all nodes, which commands are run on each of them. Data only.
import { existsSync, readdirSync } from "node:fs";

/** Files that should be on every node, and alike. `defaults`: where the distribution keeps the settings of services. */
export function requiredFiles(defaults: "/etc/sysconfig" | "/etc/default"): readonly string[] {
  return [
    "/etc/krb5.conf",
    "/etc/hosts",
    "/etc/ctdb/nodes",
    `${defaults}/ctdb`,
    "/etc/resolv.conf",
    "/etc/nsswitch.conf",
    "/etc/sysctl.conf",
    "/etc/samba/smb.conf",
    "/etc/fstab",
    "/etc/multipath.conf",
    "/etc/pam.d/system-auth",
    `${defaults}/nfs`,
    "/etc/exports",
    "/etc/vsftpd/vsftpd.conf",
  ];
}

export const OPTIONAL_FILES: readonly string[] = ["/etc/ctdb/public_addresses", "/etc/ctdb/static-routes"];

export const CTDB_COMMANDS: readonly string[] = [
  "ctdb status; ctdb ip",
  "ctdb statistics",
  "ctdb uptime",
  "ctdb listvars",
  "ctdb getdbmap",
  "ctdb -X getdbmap | awk -F'|' 'NR > 1 {print $3}' | sort | xargs -n 1 ctdb dbstatistics",
];

export const LOG_COMMANDS: readonly string[] = [
  "test -f /var/log/ctdb/log.ctdb && tail -100 /var/log/ctdb/log.ctdb",
  "tail -200 /var/log/messages",
  "ls -lRs /var/lib/ctdb",
  "ls -lRs /etc/ctdb",
];

/** Commands that are only asked for where the program is on the node that diagnoses. */
function whereInstalled(program: string, ...commands: readonly string[]): readonly string[] {
  return existsSync(program) ? commands : [];
}

export function versionCommands(): readonly string[] {
  return [
    "uname -a",
    ...whereInstalled("/bin/rpm", "rpm -qa | egrep 'samba|ctdb|gpfs'"),
    ...whereInstalled("/usr/bin/dpkg-query", "/usr/bin/dpkg-query --show 'ctdb'", "/usr/bin/dpkg-query --show 'samba'"),
  ];
}

const BONDING = "/proc/net/bonding";

export function systemCommands(): readonly string[] {
  return [
    "df",
    "df -i",
    "mount",
    "w",
    "ps axfwu",
    "dmesg",
    "/sbin/lspci",
    "dmidecode",
    "cat /proc/partitions",
    "cat /proc/cpuinfo",
    "cat /proc/scsi/scsi",
    "/sbin/ifconfig -a",
    "/sbin/ifconfig -a",
    "cat /proc/net/dev",
    "/sbin/ip addr list",
    "/sbin/route -n",
    "ss -s",
    "free",
    "crontab -l",
    "sysctl -a",
    "iptables -L -n",
    "iptables -L -n -t nat",
    "/usr/sbin/rpcinfo -p",
    "/usr/sbin/showmount -a",
    "/usr/sbin/showmount -e",
    "/usr/sbin/nfsstat -v",
    ...whereInstalled("/sbin/multipath", "/sbin/multipath -ll"),
    ...whereInstalled("/sbin/chkconfig", "/sbin/chkconfig --list"),
    ...whereInstalled("/usr/sbin/getenforce", "/usr/sbin/getenforce"),
    ...(existsSync(BONDING) ? readdirSync(BONDING).map((name) => `cat ${BONDING}/${name}`) : []),
  ];
}

/** `needsActiveDirectory`: left out with --no-ads. */
export interface SambaCommand {
  readonly command: string;
  readonly needsActiveDirectory?: boolean;
}

export const SAMBA_COMMANDS: readonly SambaCommand[] = [
  { command: "smbstatus -n -B" },
  { command: "net ads testjoin", needsActiveDirectory: true },
  { command: "net conf list" },
  { command: "lsof -n | grep smbd" },
  { command: "lsof -n | grep ctdbd" },
  { command: "netstat -tan" },
  { command: "net ads info", needsActiveDirectory: true },
  { command: "date" },
  { command: "smbclient -U% -L 127.0.0.1" },
  { command: "id" },
  { command: "wbinfo -p" },
  { command: "wbinfo --online-status" },
  { command: "smbd -b" },
];
