// Public addresses and their interfaces as nodes know them. Called by ip, ipinfo, addip, delip, moveip, top.
import { addressBytes, type Iface, type PublicIp, type PublicIpInfo, type SockAddr } from "../../protocol/index.js";
import type { ClusterContext } from "../command.js";
import { CommandFailure } from "../errors.js";
import type { InterfaceReport, PublicIpReport } from "../print/addresses.js";
import { activePnns, fetchNodeMap } from "./node-map.js";

/** Where an address is; pnn -1: no node hosts it. */
export interface HostedAddress {
  readonly addr: SockAddr;
  readonly pnn: number;
}

const UNASSIGNED = -1;

function compareAddresses(a: SockAddr, b: SockAddr): number {
  if (a.family !== b.family) return a.family - b.family;
  return Buffer.compare(addressBytes(a), addressBytes(b));
}

/** The addresses of one node, sorted (control GET_PUBLIC_IPS). */
export async function fetchNodeIps({ cluster }: ClusterContext, pnn: number): Promise<HostedAddress[]> {
  const { ips } = await cluster.control("GET_PUBLIC_IPS", undefined, pnn);
  return ips.map((ip) => ({ addr: ip.addr, pnn: ip.pnn | 0 })).sort((a, b) => compareAddresses(a.addr, b.addr));
}

/** The addresses of all active nodes, sorted. Complains and throws CommandFailure if one of them does not tell its own. */
export async function fetchAllIps(context: ClusterContext): Promise<HostedAddress[]> {
  const pnns = activePnns(await fetchNodeMap(context.cluster, context.terminal));
  if (pnns.length === 0) throw new CommandFailure(1);
  const told = new Map<number, readonly PublicIp[]>();
  for (const pnn of pnns) {
    const outcome = await context.cluster.tryControl("GET_PUBLIC_IPS", undefined, pnn);
    if (!outcome.ok) {
      context.cluster.complainAbout("GET_PUBLIC_IPS", pnn, outcome);
      throw new CommandFailure(1);
    }
    told.set(pnn, outcome.reply.ips);
  }
  return hostedAddresses(told);
}

/** What nodes tell by GET_PUBLIC_IPS, put together and sorted: a node is believed about what it hosts itself. */
export function hostedAddresses(told: ReadonlyMap<number, readonly PublicIp[]>): HostedAddress[] {
  const known = new Map<string, HostedAddress>();
  for (const [pnn, ips] of told) {
    for (const ip of ips) {
      if (ip.pnn === pnn) known.set(ip.addr.address, { addr: ip.addr, pnn });
      else if (!known.has(ip.addr.address)) known.set(ip.addr.address, { addr: ip.addr, pnn: UNASSIGNED });
    }
  }
  return [...known.values()].sort((a, b) => compareAddresses(a.addr, b.addr));
}

function interfaceReport(iface: Iface): InterfaceReport {
  return { name: iface.name, linkState: iface.linkState, references: iface.references };
}

export function publicIpReport(info: PublicIpInfo, pnn = info.ip.pnn | 0): PublicIpReport {
  return {
    address: info.ip.addr.address,
    pnn,
    interfaces: info.ifaces.map(interfaceReport),
    activeInterface: info.activeIdx < info.ifaces.length ? info.activeIdx : undefined,
  };
}
