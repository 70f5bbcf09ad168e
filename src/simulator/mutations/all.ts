// The mutations that the simulator has to notice, by name.
import { clusterMutations } from "./cluster.js";
import { type Mutation, UnknownMutationError } from "./mutation.js";
import { recordMutations } from "./records.js";
import { recoveryMutations } from "./recovery.js";
import { transactionMutations } from "./transactions.js";
import { vacuumMutations } from "./vacuum.js";

export const mutations: readonly Mutation[] = [
  ...recordMutations,
  ...vacuumMutations,
  ...recoveryMutations,
  ...transactionMutations,
  ...clusterMutations,
];

/** Throws UnknownMutationError. */
export function mutationOf(name: string): Mutation {
  const found = mutations.find((mutation) => mutation.name === name);
  if (found === undefined) throw new UnknownMutationError(name, mutations);
  return found;
}
