// Packets between nodes in a form in which two runs of one story can be compared: link by link, in order, without what differs from run
// to run (request ids, generations, srvids of streams) and without what comes at its own time (keepalives, polls, broadcasts of the
// leader).

export interface Packet {
  /** The nodes at the ends of the connection. */
  readonly from: number;
  readonly to: number;
  readonly operation: string;
  /** The node that made it; it may have been passed on. */
  readonly source: number;
  readonly reqid: number;
  readonly details: string;
}

const SUMMARY = /^(\w+) (\d+)>\S+ #(\d+) (.*)$/;

/** `summary` as packet-summary.ts makes it. Throws for another text. */
export function packetOf(from: number, to: number, summary: string): Packet {
  const [, operation, source, reqid, details] = SUMMARY.exec(summary) ?? [];
  if (operation === undefined || details === undefined) throw new Error(`not a packet: ${summary}`);
  return { from, to, operation, source: Number(source), reqid: Number(reqid), details };
}

/** What leaders and nodes ask again and again; how often depends on the time that everything else takes. */
const POLLS = /^(GET_NODEMAP|GET_CAPABILITIES|GET_RECMODE|GETVNNMAP|GET_RUNSTATE|GET_PNN) /;
/** Flags are pushed where two nodes happen to have different ones at the moment of a look. */
const FLAGS = /^MODIFY_FLAGS /;
const BROADCASTS = /^(LEADER|PUSH_NODE_FLAGS) /;

/** "PULL answered with status 0" and the like, in the order of each link; name of a link: "0>1", by `role` of its ends. */
export function sequences(
  packets: readonly Packet[],
  role: (pnn: number) => string = String,
): ReadonlyMap<string, readonly string[]> {
  const asked = new Map<string, string>();
  for (const { operation, from, to, reqid, details } of packets) {
    if (operation === "REQ_CONTROL") asked.set(`${from} ${to} ${reqid}`, details);
  }
  const links = new Map<string, string[]>();
  for (const packet of packets) {
    const { from, to, operation, reqid, details } = packet;
    const control = operation === "REPLY_CONTROL" ? asked.get(`${to} ${from} ${reqid}`) : details;
    if (control === undefined || operation === "REQ_KEEPALIVE") continue;
    if (operation.endsWith("_CONTROL") && (POLLS.test(control) || FLAGS.test(control))) continue;
    if (operation === "REQ_MESSAGE" && BROADCASTS.test(details)) continue;
    const link = `${role(from)}>${role(to)}`;
    const lines = links.get(link);
    const line = describe(packet, control);
    if (lines === undefined) links.set(link, [line]);
    else lines.push(line);
  }
  return new Map([...links].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function describe({ operation, source, from, details }: Packet, control: string): string {
  const name = control.split(" ", 1)[0];
  if (operation === "REQ_CONTROL") return `${name}`;
  // The answer to PING tells how many clients there are, the length of others that of a path.
  if (name === "PING" && operation === "REPLY_CONTROL") return "PING answered";
  if (operation === "REPLY_CONTROL") return `${name} answered ${/^status -?\d+/.exec(details)?.[0]}`;
  const text = details.replace(/gen 0x[0-9a-f]+ /, "").replace(/^RECOVERY 0x[0-9a-f]+ /, "records ");
  return `${operation}${source === from ? "" : ` of ${source}`} ${text}`;
}

/** Passes of the leader's loop without a packet that counts: the first may have begun before the last of those. */
const QUIET_PASSES = 3;
/** A leader that has found no reason for a recovery asks for this in each pass. */
const PASS = "GETVNNMAP ";

/** Tells, from look to look at all packets since the start, whether it is quiet. However slow the machine is: passes are counted, not time. */
export class QuietWatch {
  private counted = -1;
  private passesThen: ReadonlyMap<string, number> = new Map();

  isQuiet(packets: readonly Packet[]): boolean {
    let counted = 0;
    for (const lines of sequences(packets).values()) counted += lines.length;
    const passes = passesByLink(packets);
    if (counted !== this.counted) {
      this.counted = counted;
      this.passesThen = passes;
    }
    return [...passes].some(([link, count]) => count >= (this.passesThen.get(link) ?? 0) + QUIET_PASSES);
  }
}

function passesByLink(packets: readonly Packet[]): Map<string, number> {
  const passes = new Map<string, number>();
  for (const { operation, from, to, details } of packets) {
    if (operation !== "REQ_CONTROL" || !details.startsWith(PASS)) continue;
    const link = `${from}>${to}`;
    passes.set(link, (passes.get(link) ?? 0) + 1);
  }
  return passes;
}
