// Mutations of the vacuuming.
import type { Mutation } from "./mutation.js";

const REMOVAL = "src/vacuum/record-removal.ts";
const COPIES = "src/vacuum/copy-removal.ts";

export const vacuumMutations: readonly Mutation[] = [
  {
    name: "vacuum-removes-owned-records",
    rule: "a node does not remove the record that it owns because another one says so",
    file: COPIES,
    code: `        if (recordHeaderRsn(value, 0) > record.rsn) return false;
        if ((recordHeaderFlags(value, 0) & RO_FLAGS) !== 0) return false;
        if (recordHeaderDmaster(value, 0) === this.modules.ownPnn) return false;`,
    mutant: "        if ((recordHeaderFlags(value, 0) & RO_FLAGS) !== 0) return false;",
  },
  {
    name: "vacuum-asks-nobody",
    rule: "the lmaster removes a record last, after all other nodes have removed their copies",
    file: REMOVAL,
    code: 'if (((scheduled.flags | this.storedFlags) & RecordFlag.MIGRATED_WITH_DATA) !== 0) return "ask";',
    mutant: "",
  },
  {
    name: "vacuum-hands-nothing-over",
    rule: "the owner of an empty record hands it to its lmaster, which alone may remove it: else it stays for ever",
    file: REMOVAL,
    code: 'if (this.lmasterOf(key) !== this.ownPnn) return "handOver";',
    mutant: 'if (this.lmasterOf(key) !== this.ownPnn) return "busy";',
  },
  {
    name: "fetch-keeps-its-place",
    rule: "a record that was fetched makes room for the next one",
    file: "src/vacuum/record-fetcher.ts",
    code: "    this.inFlight.delete(reqid);\n    if (ok)",
    mutant: "    if (ok)",
  },
  {
    name: "vacuum-forgets-owner",
    rule: "only the owner of a record removes it",
    file: REMOVAL,
    code: "if (recordHeaderDmaster(value, 0) !== this.ownPnn || recordHeaderRsn(value, 0) !== rsn)",
    mutant: "if (false)",
  },
];
