// What the helper program of a group of nodes reports. Called by lvs and natgw.
import type { ClusterContext } from "../command.js";
import { helperProgram } from "../helper-place.js";
import { runHelper } from "../helper-program.js";
import { groupJson } from "../print/groups.js";

/** Runs the helper `name` with the command's arguments; its output goes to the terminal as it is, or as JSON. */
export async function reportGroup(
  { args, env, place, terminal, options, reportJson }: ClusterContext,
  name: "ctdb_lvs" | "ctdb_natgw",
  description: string,
): Promise<number> {
  const override = env[name === "ctdb_lvs" ? "CTDB_LVS_HELPER" : "CTDB_NATGW_HELPER"];
  const program = helperProgram(place, name, override);
  if (!options.json) return runHelper(program, args, description, env, terminal);
  let text = "";
  const result = await runHelper(program, args, description, env, terminal, (part) => {
    text += part;
  });
  const document = groupJson(args[0] ?? "", text);
  // Without a leader there is nothing to print, and the exit status says so; any other failure has been told on standard error.
  if (document !== undefined && (result === 0 || args[0] === "leader")) reportJson(document);
  return result;
}
