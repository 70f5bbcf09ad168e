// I11: what the nodes of a quiet cluster agree on.
import type { NodeDump, Violation } from "./dump.js";

/** `nodes` are the active ones. */
export function checkAgreement(nodes: readonly NodeDump[]): Violation[] {
  const violations: Violation[] = [];
  const report = (text: string): void => {
    violations.push({ invariant: "I11", text });
  };
  const [first] = nodes;
  if (first === undefined) return violations;
  for (const node of nodes) {
    const who = `node ${node.pnn}`;
    if (node.recovering) report(`${who} is in recovery`);
    if (node.generation !== first.generation) {
      report(`${who} has generation ${node.generation}, node ${first.pnn} ${first.generation}`);
    }
    if (node.vnnMap.join() !== first.vnnMap.join()) {
      report(`${who} has the VNN map ${node.vnnMap.join(" ")}, node ${first.pnn} ${first.vnnMap.join(" ")}`);
    }
    for (const database of node.databases.values()) {
      const { name, generation, locksCurrent, locksPending } = database;
      if (generation !== undefined && generation !== node.generation) {
        report(`${name} has generation ${generation} on ${who}, which has ${node.generation}`);
      }
      // A frozen database counts as a lock that is held.
      if (locksCurrent !== 0 || locksPending !== 0) {
        report(`${name} on ${who}: ${locksCurrent} locks are held, ${locksPending} waited for`);
      }
    }
    for (const name of first.databases.keys()) if (!node.databases.has(name)) report(`${who} does not have ${name}`);
    for (const name of node.databases.keys()) {
      if (!first.databases.has(name)) report(`node ${first.pnn} does not have ${name}`);
    }
  }
  return violations;
}
