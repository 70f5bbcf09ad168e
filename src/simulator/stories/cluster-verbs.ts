// What clients do with the whole cluster: transactions, locks by name, messages; and what is done to their processes.
import { BadCommandError } from "./errors.js";
import { describeValue } from "./records.js";
import { optionalLimit, type Verb, type Verbs } from "./verb.js";

const SRVID_BASE = 0x7357_0000_0000_0000n;

/** KEY=VALUE; without a value the record is deleted. */
const transaction: Verb = {
  usage: "transaction DB KEY=VALUE... [within DURATION]",
  parse: (words) => {
    const limit = optionalLimit(words);
    const database = words.text("a database");
    const changes: Array<readonly [string, string]> = [];
    while (words.more) {
      const word = words.text("KEY=VALUE");
      const sign = word.indexOf("=");
      if (sign < 1) throw new BadCommandError(`KEY=VALUE expected, not ${word}`);
      changes.push([word.slice(0, sign), word.slice(sign + 1)]);
    }
    return async (actor) => {
      const change = (transaction: { store(key: string, value: string): void }): void => {
        for (const [key, value] of changes) transaction.store(key, value);
      };
      await actor.database(database).transaction(change, limit);
      return "committed";
    };
  },
};

const glock: Verb = {
  usage: "glock NAME [within DURATION]",
  parse: (words) => {
    const limit = optionalLimit(words);
    const name = words.text("a name");
    return async (actor) => {
      const client = await actor.connect();
      actor.gLocks.set(name, await client.gLock(name, limit));
      return "has it";
    };
  },
};

const gunlock: Verb = {
  usage: "gunlock NAME",
  parse: (words) => {
    const name = words.text("a name");
    return async (actor) => {
      const held = actor.gLocks.get(name);
      if (held === undefined) throw new BadCommandError(`${actor.name} has not locked ${name}`);
      await held.release();
      return "done";
    };
  },
};

/** Logs each message, or counts them. */
const listen: Verb = {
  usage: "listen NUMBER [counting]",
  parse: (words) => {
    const srvid = SRVID_BASE + BigInt(words.number("a number"));
    const counting = words.optional("counting");
    return async (actor, scene) => {
      const client = await actor.connect();
      await client.onMessage(srvid, (data) => {
        if (counting) actor.heard++;
        else scene.log.say(`${actor.name} hears ${describeValue(data)}`);
      });
      return "listens";
    };
  },
};

/** Many messages, one a millisecond, or more slowly if the daemon does not take them. */
const flood: Verb = {
  usage: "flood NODE NUMBER COUNT SIZE",
  parse: (words) => {
    const [node, number] = [words.node(), words.number("a number")];
    const count = words.number("how many");
    const data = Buffer.alloc(words.bytes(), "x");
    return async (actor, scene) => {
      const client = await actor.connect();
      const { pnn } = node(scene);
      for (let sent = 0; sent < count; sent++) {
        client.sendMessage(pnn, SRVID_BASE + BigInt(number), data);
        await actor.process.sleep(1);
        await client.drained();
      }
      return "all sent";
    };
  },
};

const message: Verb = {
  usage: "message NODE NUMBER TEXT",
  parse: (words) => {
    const [node, number, text] = [words.node(), words.number("a number"), words.text("a text")];
    return async (actor, scene) => {
      const client = await actor.connect();
      client.sendMessage(node(scene).pnn, SRVID_BASE + BigInt(number), Buffer.from(text));
      return "sent";
    };
  },
};

const kill: Verb = {
  usage: "kill",
  parse: () => (actor) => {
    actor.process.kill();
    return "is killed";
  },
};

/** What it has locked stays locked. */
const pause: Verb = {
  usage: "pause DURATION",
  parse: (words) => {
    const ms = words.durationMs();
    return (actor) => {
      actor.process.pause(ms);
      return "stands still";
    };
  },
};

export const clusterVerbs: Verbs = { transaction, glock, gunlock, listen, message, flood, kill, pause };
