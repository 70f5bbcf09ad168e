// What one operation costs the daemons: CPU time by thread and kind, and how often they were switched to. For `npm run bench -- --costs`.
import { readdirSync, readFileSync } from "node:fs";
import koffi from "koffi";

const clockGettime: (clock: number, time: Uint8Array) => number = koffi
  .load("libc.so.6")
  .func("clock_gettime", "int", ["int", "void *"]);
const time = Buffer.alloc(16);

/** The kernel's number of the CPU clock of any process. */
const cpuClockOf = (pid: number): number => (~pid << 3) | 2;

/** CPU time of a process so far, us. */
function processUs(pid: number): number {
  if (clockGettime(cpuClockOf(pid), time) !== 0) throw new Error(`the daemon ${pid} has ended`);
  return Number(time.readBigInt64LE(0)) * 1e6 + Number(time.readBigInt64LE(8)) / 1e3;
}

interface Usage {
  readonly cpuUs: number;
  /** Ticks of 10 ms, of which only the relation is used: main threads outside and in the kernel, all other threads. */
  readonly userTicks: number;
  readonly systemTicks: number;
  readonly otherTicks: number;
  /** Of the main threads. */
  readonly switches: number;
}

function usageOf(pids: readonly number[]): Usage {
  let [cpuUs, userTicks, systemTicks, otherTicks, switches] = [0, 0, 0, 0, 0];
  for (const pid of pids) {
    cpuUs += processUs(pid);
    for (const tid of readdirSync(`/proc/${pid}/task`).map(Number)) {
      // Behind the name in brackets, which may hold anything: fields 3 and on.
      const fields = readFileSync(`/proc/${pid}/task/${tid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
      const [user, system] = [Number(fields[11]), Number(fields[12])];
      if (tid !== pid) {
        otherTicks += user + system;
        continue;
      }
      userTicks += user;
      systemTicks += system;
      const status = readFileSync(`/proc/${pid}/task/${tid}/status`, "utf8");
      for (const [, count] of status.matchAll(/ctxt_switches:\s+(\d+)/g)) switches += Number(count);
    }
  }
  return { cpuUs, userTicks, systemTicks, otherTicks, switches };
}

export interface Costs {
  /** CPU time of the daemons in one second, us: main threads outside the kernel, in the kernel, and V8's own threads. */
  readonly userUs: number;
  readonly systemUs: number;
  readonly otherThreadsUs: number;
  /** How often a main thread began to run in one second. */
  readonly switches: number;
}

/** Watches the daemons from `fromMs` until `untilMs` of a load. */
export async function watchCosts(pids: readonly number[], fromMs: number, untilMs: number): Promise<Costs> {
  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  await pause(fromMs);
  const before = usageOf(pids);
  const start = performance.now();
  await pause(untilMs - fromMs);
  const after = usageOf(pids);
  const seconds = (performance.now() - start) / 1000;
  const user = after.userTicks - before.userTicks;
  const system = after.systemTicks - before.systemTicks;
  const other = after.otherTicks - before.otherTicks;
  const usOfTick = (after.cpuUs - before.cpuUs) / seconds / Math.max(user + system + other, 1);
  return {
    userUs: user * usOfTick,
    systemUs: system * usOfTick,
    otherThreadsUs: other * usOfTick,
    switches: (after.switches - before.switches) / seconds,
  };
}

/** One line: the costs of an operation when `perSecond` of them were done. */
export function costsText(costs: Costs, perSecond: number): string {
  const each = (value: number): string => (value / perSecond).toFixed(1);
  return (
    `an operation costs ${each(costs.userUs + costs.systemUs)} us CPU, ${each(costs.userUs)} of it outside the kernel, ` +
    `${each(costs.otherThreadsUs)} us in V8's own threads, ${each(costs.switches)} switches`
  );
}
