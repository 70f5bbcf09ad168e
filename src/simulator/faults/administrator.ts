// What an administrator does with the ctdb tool: a short-lived client on a node that sends one control. Used by faults.
import type { Client } from "../../client/index.js";
import type { ControlName, ControlRequest } from "../../protocol/index.js";
import type { World } from "../world.js";

const RETRY_MS = 1000;

async function send<N extends ControlName>(
  world: World,
  pnn: number,
  name: N,
  request: ControlRequest<N>,
): Promise<boolean> {
  const process = world.client(pnn, "ctdb");
  const ended = new Promise<undefined>((resolve) => process.process.onEnd(() => resolve(undefined)));
  try {
    const client: Client | undefined = await Promise.race([process.connect(), ended]);
    if (client === undefined) return false;
    await Promise.race([client.control(name, request), ended]);
    return process.alive;
  } catch (error) {
    world.note(`ctdb on node ${pnn}: ${String(error)}`);
    return false;
  } finally {
    if (process.alive) process.kill();
  }
}

/** Sends the control once to the daemon of a node; whatever comes of it. Resolves when it is over. */
export async function control<N extends ControlName>(
  world: World,
  pnn: number,
  name: N,
  request: ControlRequest<N>,
): Promise<void> {
  if (world.node(pnn).ctdb !== undefined) await send(world, pnn, name, request);
}

/**
 * Sends the control until it is executed, or the daemon is not there: another one begins anew. `before`: what the administrator did
 * first, and waits for.
 */
export function insist<N extends ControlName>(
  world: World,
  pnn: number,
  name: N,
  request: ControlRequest<N>,
  before: Promise<void> = Promise.resolve(),
): void {
  const node = world.node(pnn);
  const daemon = node.ctdb;
  const again = async (): Promise<void> => {
    await before;
    while (daemon !== undefined && node.ctdb === daemon) {
      if (await send(world, pnn, name, request)) return;
      await world.sleep(RETRY_MS);
    }
  };
  void again();
}
