// Prints public addresses and interfaces: ip, ipinfo, ifaces.
import type { Printer } from "../command.js";
import { machineLine } from "./machine-line.js";

export interface InterfaceReport {
  readonly name: string;
  /** 0 = down; other values than 1 are printed as they are in machine readable output. */
  readonly linkState: number;
  readonly references: number;
}

export interface PublicIpReport {
  readonly address: string;
  /** The hosting node; -1 where no node hosts it. */
  readonly pnn: number;
  readonly interfaces: readonly InterfaceReport[];
  /** Index into `interfaces`, or undefined. */
  readonly activeInterface: number | undefined;
}

export interface PublicIpsReport {
  /** The node that was asked; undefined for all nodes. */
  readonly pnn: number | undefined;
  readonly addresses: readonly PublicIpReport[];
  readonly verbose: boolean;
}

function interfaceColumns(ip: PublicIpReport): { active: string; available: string; configured: string } {
  const active = ip.activeInterface === undefined ? undefined : ip.interfaces[ip.activeInterface];
  return {
    active: active?.name ?? "",
    available: ip.interfaces
      .filter((one) => one.linkState !== 0)
      .map((one) => one.name)
      .join(","),
    configured: ip.interfaces.map((one) => one.name).join(","),
  };
}

export const publicIpsPrinter: Printer<PublicIpsReport> = {
  plain(report) {
    const lines = report.addresses.map((ip) => {
      if (!report.verbose) return `${ip.address} ${ip.pnn}\n`;
      const { active, available, configured } = interfaceColumns(ip);
      return `${ip.address} node[${ip.pnn}] active[${active}] available[${available}] configured[${configured}]\n`;
    });
    return `Public IPs on ${report.pnn === undefined ? "ALL nodes" : `node ${report.pnn}`}\n${lines.join("")}`;
  },
  machine(report, separator) {
    const header = ["Public IP", "Node"];
    if (report.verbose) header.push("ActiveInterfaces", "AvailableInterfaces", "ConfiguredInterfaces");
    const lines = report.addresses.map((ip) => {
      const { active, available, configured } = interfaceColumns(ip);
      return machineLine([ip.address, ip.pnn, ...(report.verbose ? [active, available, configured] : [])], separator);
    });
    return machineLine(header, separator) + lines.join("");
  },
  json: (report) => ({
    pnn: report.pnn ?? null,
    addresses: report.addresses.map((ip) => ({
      address: ip.address,
      pnn: ip.pnn < 0 ? null : ip.pnn,
      activeInterface: interfaceColumns(ip).active || null,
      interfaces: ip.interfaces.map(interfaceJson),
    })),
  }),
};

function interfaceJson(one: InterfaceReport): { name: string; linkUp: boolean; references: number } {
  return { name: one.name, linkUp: one.linkState !== 0, references: one.references };
}

export interface PublicIpInfoReport {
  readonly askedPnn: number;
  readonly ip: PublicIpReport;
}

export const publicIpInfoPrinter: Printer<PublicIpInfoReport> = {
  plain({ askedPnn, ip }) {
    const lines = ip.interfaces.map(
      (one, index) =>
        `Interface[${index + 1}]: Name:${one.name} Link:${one.linkState === 0 ? "down" : "up"} ` +
        `References:${one.references}${index === ip.activeInterface ? " (active)" : ""}\n`,
    );
    return (
      `Public IP[${ip.address}] info on node ${askedPnn}\nIP:${ip.address}\nCurrentNode:${ip.pnn >>> 0}\n` +
      `NumInterfaces:${ip.interfaces.length}\n${lines.join("")}`
    );
  },
  json: ({ askedPnn, ip }) => ({
    askedPnn,
    address: ip.address,
    pnn: ip.pnn < 0 ? null : ip.pnn,
    activeInterface: interfaceColumns(ip).active || null,
    interfaces: ip.interfaces.map(interfaceJson),
  }),
};

export interface InterfacesReport {
  readonly pnn: number;
  readonly interfaces: readonly InterfaceReport[];
}

export const interfacesPrinter: Printer<InterfacesReport> = {
  plain({ pnn, interfaces }) {
    if (interfaces.length === 0) return `No interfaces configured on node ${pnn}\n`;
    const lines = interfaces.map(
      (one) => `name:${one.name} link:${one.linkState === 0 ? "down" : "up"} references:${one.references}\n`,
    );
    return `Interfaces on node ${pnn}\n${lines.join("")}`;
  },
  machine(report, separator) {
    if (report.interfaces.length === 0) return interfacesPrinter.plain(report);
    const lines = report.interfaces.map((one) => machineLine([one.name, one.linkState, one.references], separator));
    return machineLine(["Name", "LinkStatus", "References"], separator) + lines.join("");
  },
  json: ({ pnn, interfaces }) => ({ pnn, interfaces: interfaces.map(interfaceJson) }),
};
