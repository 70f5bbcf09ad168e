// What `ctdb --json` says of events and their scripts: asked for here, where the plain form is the output of ctdb-event. Called by
// event and scriptstatus.
import type { LocalContext } from "../command.js";
import { askEventDaemon } from "../companions/event-client.js";
import { listScripts, scriptDirectories } from "../companions/event-scripts.js";
import { Errno } from "../errors.js";
import { eventStatusFailureText, eventStatusJson } from "../print/events.js";

const REQUEST_ID = 1;

/** Reports how the scripts of an event ended; the exit status is that of `ctdb-event status`. */
export async function reportEventStatus(
  { place, terminal, reportJson }: LocalContext,
  component: string,
  event: string,
): Promise<number> {
  const request = { command: "STATUS", reqid: REQUEST_ID, status: { component, event } } as const;
  const reply = await askEventDaemon(place.eventSocket, request, terminal);
  if (reply?.scripts === undefined) {
    const result = reply?.result ?? Errno.EIO;
    terminal.complain(eventStatusFailureText(component, event, result));
    return Math.abs(result);
  }
  reportJson(eventStatusJson(component, event, reply.scripts.scripts));
  return Math.abs(reply.scripts.summary);
}

/** Reports the scripts of a component. */
export function reportScripts({ env, terminal, reportJson }: LocalContext, component: string): number {
  const { installed, own } = listScripts(scriptDirectories(env, component), terminal);
  const scripts = (list: typeof own, isInstalled: boolean) =>
    list.map(({ name, enabled }) => ({ name, enabled, installed: isInstalled }));
  reportJson({ component, scripts: [...scripts(installed, true), ...scripts(own, false)] });
  return 0;
}
