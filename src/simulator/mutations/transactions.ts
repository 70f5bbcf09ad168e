// Mutations of transactions on persistent and replicated databases.
import type { Mutation } from "./mutation.js";

const COMMITS = "src/databases/commits.ts";
const UPDATES = "src/databases/record-updates.ts";

export const transactionMutations: readonly Mutation[] = [
  {
    name: "commit-without-a-node",
    rule: "a transaction is done when all nodes have stored it; where one fails, a recovery decides",
    file: COMMITS,
    code: "    if (status !== 0) {\n",
    mutant: "    if (false) {\n",
  },
  {
    name: "commit-done-by-recovery",
    rule: "a recovery during a commit leaves its outcome open: the client has to look",
    file: COMMITS,
    code: 'commit.call.fail("trans3 commit ended by recovery", ControlStatus.COMMIT_ENDED_BY_RECOVERY);',
    mutant: "commit.call.status(0);",
  },
  {
    name: "commit-not-interrupted",
    rule: "a recovery ends the commits under way: answers that come later count no more",
    file: COMMITS,
    code: "for (const commit of this.ofDatabase.values()) this.interrupt(commit);",
    mutant: "",
  },
  {
    name: "commit-without-its-client",
    rule: "when a client goes away during its commit, a recovery makes all nodes equal",
    file: COMMITS,
    code: `this.forget(commit);
      this.modules.forceRecovery(`,
    mutant: "this.forget(commit);\n      String(",
  },
  {
    name: "update-of-a-former-generation",
    rule: "an update that took longer than a recovery is refused",
    file: UPDATES,
    code: "if (call.generation !== state.generation) {",
    mutant: "if (false) {",
  },
  {
    name: "update-during-recovery",
    rule: "nothing is stored by a commit during a recovery",
    file: UPDATES,
    code: '      this.refuseAll(database, "recovery is active");\n      return;',
    mutant: "      return;",
  },
];
