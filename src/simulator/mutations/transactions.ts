// Mutations of transactions on persistent and replicated databases.
import type { Mutation } from "./mutation.js";

const COMMITS = "src/databases/commits.ts";

export const transactionMutations: readonly Mutation[] = [
  {
    name: "commit-without-a-node",
    rule: "a transaction is done when all nodes have stored it; where one fails, a recovery decides",
    file: COMMITS,
    code: "    if (status !== 0) {\n",
    mutant: "    if (false) {\n",
  },
];
