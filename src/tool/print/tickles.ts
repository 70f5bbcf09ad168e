// Prints the tickle list of a public address (gettickles).

import type { SockAddr } from "../../protocol/sock-addr.js";
import { endpointText } from "../arguments/addresses.js";
import type { Printer } from "../command.js";
import { machineLine } from "./machine-line.js";

export interface TicklesReport {
  readonly address: string;
  readonly connections: readonly { readonly source: SockAddr; readonly destination: SockAddr }[];
}

export const ticklesPrinter: Printer<TicklesReport> = {
  plain({ address, connections }) {
    const lines = connections.map(
      ({ source, destination }) => `SRC: ${endpointText(source)}   DST: ${endpointText(destination)}\n`,
    );
    return `Connections for IP: ${address}\nNum connections: ${connections.length}\n${lines.join("")}`;
  },
  machine({ connections }, separator) {
    const lines = connections.map(({ source, destination }) =>
      machineLine([source.address, source.port, destination.address, destination.port], separator),
    );
    return machineLine(["Source IP", "Port", "Destination IP", "Port"], separator) + lines.join("");
  },
  json: ({ address, connections }) => ({
    address,
    connections: connections.map(({ source, destination }) => ({
      source: { address: source.address, port: source.port },
      destination: { address: destination.address, port: destination.port },
    })),
  }),
};
