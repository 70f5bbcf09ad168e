// A mutation takes one rule out of the code under simulation: whether the simulator notices shows what it is worth. The source of one
// file is changed in memory while the simulator is bundled; what stands on the disk is never touched.

export interface Mutation {
  readonly name: string;
  /** The rule that it breaks, and what happens without it. */
  readonly rule: string;
  /** Below the checkout. */
  readonly file: string;
  /** A piece of that file that stands there exactly once. */
  readonly code: string;
  /** What stands there instead. */
  readonly mutant: string;
}

export class UnknownMutationError extends Error {
  override readonly name = "UnknownMutationError";
  constructor(name: string, known: readonly Mutation[]) {
    super(`there is no mutation "${name}"; there are: ${known.map((mutation) => mutation.name).join(", ")}`);
  }
}

/** The code that a mutation changes is not what it was when the mutation was written. */
export class StaleMutationError extends Error {
  override readonly name = "StaleMutationError";
  constructor({ name, file }: Mutation, times: number) {
    super(`mutation ${name}: its code stands ${times} times in ${file}; write it anew`);
  }
}

/** The source of the mutation's file with the mutation. Throws StaleMutationError. */
export function mutate(mutation: Mutation, source: string): string {
  const pieces = source.split(mutation.code);
  if (pieces.length !== 2) throw new StaleMutationError(mutation, pieces.length - 1);
  return pieces.join(mutation.mutant);
}
