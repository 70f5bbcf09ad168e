// The command line of `npm run simulate`.
import { parseArgs } from "node:util";
import { type FaultKind, faultKinds } from "../faults/fault.js";
import { parseFaultKinds } from "../faults/schedule.js";
import { MUTATED_OPTION } from "../mutations/mutant.js";
import { OPERATIONS_PER_SECOND } from "../run/draw-run.js";

export interface SimulateArguments {
  readonly seed: number;
  readonly seeds: number;
  /** Each so many seeds: the share of one of several processes. */
  readonly stride: number;
  readonly nodes: readonly [min: number, max: number];
  readonly minutes: number;
  /** Of users, in a virtual second. */
  readonly operations: number;
  readonly faults: readonly FaultKind[];
  /** As it was given, for the command that replays a run. */
  readonly faultsText: string;
  readonly only: readonly number[] | undefined;
  readonly trace: boolean;
  readonly shrink: boolean;
  readonly jobs: number;
  readonly mutation: string | undefined;
  /** This process has the mutation in it. */
  readonly mutated: boolean;
  readonly listMutations: boolean;
  readonly help: boolean;
}

export class UsageError extends Error {
  override readonly name = "UsageError";
}

export const USAGE = `usage: npm run simulate -- [OPTION]...
Runs clusters of the real daemons on virtual time with seeded faults, and looks whether they keep their promises.

  --seed S           first seed (default 1)
  --seeds N          how many seeds (default 1)
  --nodes A[-B]      nodes of a cluster (default 3-7: the seed chooses)
  --minutes M        virtual minutes of a run (default 5)
  --operations N     operations of users in a virtual second, while nothing holds them up (default 100)
  --faults LIST      faults that happen, with commas: names, all, none, -NAME to leave one out (default all)
  --only I,J         of the faults that the seed draws only these, by their place
  --trace            print all that happens
  --no-shrink        do not look for a smaller run that fails too
  --jobs J           processes (default 1)
  --mutation NAME    take a rule out of the code, in memory, and see which seed is the first that notices
  --list-mutations   print the names of the mutations
  --help             this text

Faults: ${faultKinds.join(", ")}.
Exit status: 0 all promises were kept, 1 something was found, 2 wrong usage.
`;

/** Throws UsageError, UnknownFaultError. */
export function parseArguments(args: readonly string[]): SimulateArguments {
  const { values } = parsed(args);
  const [low, high] = (values.nodes ?? "3-7").split("-");
  const min = wholeNumber("--nodes", low);
  const max = high === undefined ? min : wholeNumber("--nodes", high);
  if (min < 1 || max < min) throw new UsageError(`--nodes ${values.nodes}: a number, or two like 3-7`);
  const minutes = Number(values.minutes ?? 5);
  if (!(minutes > 0)) throw new UsageError(`--minutes ${values.minutes}: a number greater than 0`);
  const seeds = wholeNumber("--seeds", values.seeds ?? "1");
  if (seeds === 0) throw new UsageError("--seeds 0: nothing would be looked at");
  const faultsText = values.faults ?? "all";
  return {
    seed: wholeNumber("--seed", values.seed ?? "1"),
    seeds,
    stride: Math.max(1, wholeNumber("--stride", values.stride ?? "1")),
    nodes: [min, max],
    minutes,
    operations: wholeNumber("--operations", values.operations ?? String(OPERATIONS_PER_SECOND)),
    faults: parseFaultKinds(faultsText),
    faultsText,
    only: values.only
      ?.split(",")
      .filter((word) => word !== "")
      .map((word) => wholeNumber("--only", word)),
    trace: values.trace ?? false,
    shrink: values["no-shrink"] !== true,
    jobs: Math.max(1, wholeNumber("--jobs", values.jobs ?? "1")),
    mutation: values.mutation,
    mutated: values[MUTATED_OPTION] ?? false,
    listMutations: values["list-mutations"] ?? false,
    help: values.help ?? false,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seed: { type: "string" },
        seeds: { type: "string" },
        stride: { type: "string" },
        nodes: { type: "string" },
        minutes: { type: "string" },
        operations: { type: "string" },
        faults: { type: "string" },
        only: { type: "string" },
        trace: { type: "boolean" },
        "no-shrink": { type: "boolean" },
        jobs: { type: "string" },
        mutation: { type: "string" },
        [MUTATED_OPTION]: { type: "boolean" },
        "list-mutations": { type: "boolean" },
        help: { type: "boolean" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(option: string, text: string | undefined): number {
  const number = Number(text);
  if (text === undefined || text === "" || !Number.isSafeInteger(number) || number < 0) {
    throw new UsageError(`${option} ${text ?? ""}: a whole number`);
  }
  return number;
}
