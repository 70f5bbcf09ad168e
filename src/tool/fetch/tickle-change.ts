// The common course of addtickle and deltickle: one connection with its own complaint, or a list all at once.
import { connectionsFromArguments } from "../arguments/connections.js";
import type { ClusterContext } from "../command.js";

export interface TickleChange {
  readonly control: "TCP_ADD_DELAYED_UPDATE" | "TCP_REMOVE";
  /** What to say when the control for a single connection failed. */
  readonly failureText: string;
  /** `add` or `remove`, for a list. */
  readonly verb: string;
}

export async function changeTickles(context: ClusterContext, change: TickleChange): Promise<number> {
  const { cluster, targetPnn, terminal, args } = context;
  const { fromInput, connections } = connectionsFromArguments(args, terminal);
  const outcomes = await Promise.all(
    connections.map((connection) => cluster.tryControl(change.control, connection, targetPnn)),
  );
  const failures = outcomes.filter((outcome) => !outcome.ok);
  const first = failures[0];
  if (first === undefined || first.ok) return 0;
  if (fromInput) {
    terminal.complain(`Failed to ${change.verb} ${failures.length} tickles`);
    return 1;
  }
  cluster.complainAbout(change.control, targetPnn, first);
  terminal.complain(change.failureText);
  return first.result;
}
