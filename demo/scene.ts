// What the demo shows at a moment. story.ts changes it, terminal-view.ts and plain-view.ts show it.

export type NodeCondition = "starting" | "healthy" | "recovering" | "killed" | "returning";

export interface NodeScene {
  readonly pnn: number;
  readonly address: string;
  pid: number | undefined;
  condition: NodeCondition;
  /** Increments that its worker has had confirmed, and how many a second. */
  increments: number;
  perSecond: number;
}

/** One stop of the travelling record. */
export interface RecordStop {
  readonly pnn: number;
  readonly dmaster: number;
  readonly rsn: number;
  readonly value: string;
}

export interface Scene {
  readonly nodes: NodeScene[];
  leader: number | undefined;
  generation: number | undefined;
  vnnMap: readonly number[];
  /** The chapter that is being told. */
  chapter: string;
  journey: RecordStop[];
  counter: number;
  /** The record's value when it was last read, and what the workers had confirmed then. */
  counterRead: { readonly value: number; readonly confirmed: number };
  /** Increments a second of all workers, one value a tick, newest last. */
  rates: number[];
}

/** Shows the scene. */
export interface View {
  /** A new chapter begins. */
  chapter(title: string): void;
  /** Something worth a line of its own happened. */
  tell(text: string, mood?: "good" | "bad"): void;
  /** The scene has changed; called about ten times a second. */
  refresh(): void;
  /** Leaves the terminal in order. */
  end(): void;
}

export function hex(value: number | undefined): string {
  return value === undefined ? "-" : `0x${value.toString(16).padStart(8, "0")}`;
}

export function thousands(value: number): string {
  return Math.round(value).toLocaleString("en");
}
