// A mutation takes one rule out of the code under simulation, by patching it in memory for one process: whether the simulator notices
// shows what it is worth.

export interface Mutation {
  readonly name: string;
  /** The rule that it breaks, in a few words. */
  readonly rule: string;
  /** Patches the code; the result puts it right again. */
  apply(): () => void;
}

export class UnknownMutationError extends Error {
  override readonly name = "UnknownMutationError";
  constructor(name: string, known: readonly Mutation[]) {
    super(`there is no mutation "${name}"; there are: ${known.map((mutation) => mutation.name).join(", ") || "none"}`);
  }
}

/** Replaces a method of a class; `make` gets the method that was there. */
export function replaceMethod<T extends object, K extends keyof T>(
  prototype: T,
  name: K,
  make: (original: T[K]) => T[K],
): () => void {
  const original = prototype[name];
  prototype[name] = make(original);
  return () => {
    prototype[name] = original;
  };
}
