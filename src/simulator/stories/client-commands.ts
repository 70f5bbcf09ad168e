// `client NAME NODE [COUNT]` makes clients; "NAME: VERB ... [&]" has them do something.
import { clusterVerbs } from "./cluster-verbs.js";
import type { Command, Step } from "./command.js";
import { BadCommandError } from "./errors.js";
import { recordVerbs } from "./record-verbs.js";
import type { Verbs } from "./verb.js";
import type { Words } from "./words.js";

const CLIENTS_MAX = 1000;

export const verbs: Verbs = { ...recordVerbs, ...clusterVerbs };

export const client: Command = {
  usage: "client NAME NODE [COUNT]",
  parse: (words) => {
    const [name, node] = [words.plain("a name"), words.node()];
    const count = words.more ? words.number("how many") : 1;
    if (count < 1 || count > CLIENTS_MAX) throw new BadCommandError(`there can be 1 to ${CLIENTS_MAX} of them`);
    return ({ scene }) => scene.addCast(name, node(scene), count);
  },
};

/** A command of the client `name`, of which `words` are the rest. `&` at the end: it is not waited for. */
export function parseClientCommand(name: string, words: Words, line: string): Step {
  const background = words.optionalLast("&");
  const word = words.plain("what the client does");
  const verb = verbs[word];
  if (verb === undefined) {
    throw new BadCommandError(`clients do not ${word}; they ${Object.keys(verbs).join(", ")}`);
  }
  const action = verb.parse(words);
  return ({ scene }) => scene.perform(line, scene.cast(name), action, background);
}
