// The mutations that the simulator has to notice, by name.
import { type Mutation, UnknownMutationError } from "./mutation.js";

export const mutations: readonly Mutation[] = [];

/** Throws UnknownMutationError. */
export function mutationOf(name: string): Mutation {
  const found = mutations.find((mutation) => mutation.name === name);
  if (found === undefined) throw new UnknownMutationError(name, mutations);
  return found;
}
