// What clients do with records: attach, lock, store, read; and what foreign processes do with the files behind the daemon's back.
import type { AttachOptions } from "../../client/index.js";
import { Operation, replyCallData } from "../../protocol/index.js";
import { describeValue } from "./records.js";
import { databaseAndKey, optionalLimit, type Verb, type Verbs } from "./verb.js";

const TRAVERSED_MAX = 20;

const attach: Verb = {
  usage: "attach DB [persistent|replicated|readonly|sticky]",
  parse: (words) => {
    const name = words.text("a database");
    const how = words.more ? words.oneOf("persistent", "replicated", "readonly", "sticky") : undefined;
    const options: AttachOptions =
      how === undefined ? {} : how === "readonly" || how === "sticky" ? { [how]: true } : { type: how };
    return async (actor, scene) => {
      scene.log.knowDatabase(name);
      const client = await actor.connect();
      actor.attached(await client.attach(name, options));
      return "done";
    };
  },
};

const lock: Verb = {
  usage: "lock DB KEY [within DURATION]",
  parse: (words) => {
    const limit = optionalLimit(words);
    const [database, key] = databaseAndKey(words);
    return async (actor) => {
      const record = await actor.database(database).fetchLock(key, limit);
      actor.locked(record, database, key);
      return `has it, rsn ${record.rsn}, ${describeValue(record.value)}`;
    };
  },
};

const store: Verb = {
  usage: "store DB KEY VALUE",
  parse: (words) => {
    const [database, key] = databaseAndKey(words);
    const value = Buffer.from(words.text("a value"));
    return (actor) => {
      actor.record(database, key).store(value);
      return "done";
    };
  },
};

const remove: Verb = {
  usage: "remove DB KEY",
  parse: (words) => {
    const [database, key] = databaseAndKey(words);
    return (actor) => {
      actor.record(database, key).delete();
      return "done";
    };
  },
};

const unlock: Verb = {
  usage: "unlock DB KEY",
  parse: (words) => {
    const [database, key] = databaseAndKey(words);
    return (actor) => {
      actor.record(database, key).release();
      actor.unlocked(database, key);
      return "done";
    };
  },
};

const put: Verb = {
  usage: "put DB KEY VALUE [within DURATION]",
  parse: (words) => {
    const limit = optionalLimit(words);
    const [database, key] = databaseAndKey(words);
    const value = Buffer.from(words.text("a value"));
    return async (actor) => {
      await actor.database(database).withRecord(key, (record) => record.store(value), limit);
      return "done";
    };
  },
};

const drop: Verb = {
  usage: "drop DB KEY",
  parse: (words) => {
    const [database, key] = databaseAndKey(words);
    return async (actor) => {
      await actor.database(database).withRecord(key, (record) => record.delete());
      return "done";
    };
  },
};

const read: Verb = {
  usage: "read DB KEY [within DURATION]",
  parse: (words) => {
    const limit = optionalLimit(words);
    const [database, key] = databaseAndKey(words);
    return async (actor) => describeValue(await actor.database(database).read(key, limit));
  },
};

/** Asks the daemon for a read-only copy without a look at the file, as a client does that has none. */
const fetchReadOnly: Verb = {
  usage: "fetch-read-only DB KEY",
  parse: (words) => {
    const [name, key] = databaseAndKey(words);
    return (actor) => {
      const database = actor.database(name);
      return new Promise((resolve, reject) => {
        database.link.callFetch(database.id, Buffer.from(key), true, {
          replyOperation: Operation.REPLY_CALL,
          deadlineMs: Number.POSITIVE_INFINITY,
          onReply: (packet) => resolve(describeValue(replyCallData(packet))),
          onTimeout: () => {},
          onLost: reject,
        });
      });
    };
  },
};

/** Adds one to a counter, as often as it says. */
const count: Verb = {
  usage: "count DB KEY [TIMES]",
  parse: (words) => {
    const [database, key] = databaseAndKey(words);
    const times = words.more ? words.number("how often") : 1;
    return async (actor) => {
      for (let done = 0; done < times; done++) {
        await actor.database(database).withRecord(key, (record) => {
          record.store(Buffer.from(String(Number(record.value?.toString() ?? "0") + 1)));
        });
      }
      return "done";
    };
  },
};

const fill: Verb = {
  usage: "fill DB PREFIX COUNT SIZE",
  parse: (words) => {
    const [database, prefix] = [words.text("a database"), words.text("a prefix")];
    const records = words.number("how many");
    const value = Buffer.alloc(words.bytes(), "x");
    return async (actor) => {
      for (let index = 0; index < records; index++) {
        await actor.database(database).withRecord(`${prefix}${index}`, (record) => record.store(value));
      }
      return "done";
    };
  },
};

const traverse: Verb = {
  usage: "traverse DB",
  parse: (words) => {
    const database = words.text("a database");
    return async (actor) => {
      const found: string[] = [];
      for await (const { key, value } of actor.database(database).traverse()) {
        if (value !== undefined) found.push(`${key.toString()} ${describeValue(value)}`);
      }
      found.sort();
      return found.length > TRAVERSED_MAX || found.length === 0 ? `${found.length} records` : found.join(", ");
    };
  },
};

/** A process locks the chain of a key in the file, as an smbd does that is at work there; the daemon is not asked. */
const hold: Verb = {
  usage: "hold DB KEY",
  parse: (words) => {
    const [database, key] = databaseAndKey(words);
    return (actor) => {
      const taken = actor.file(database).chainLockNonblock(Buffer.from(key));
      return taken ? "holds the chain" : "the chain is held by another";
    };
  },
};

const letGo: Verb = {
  usage: "let-go DB KEY",
  parse: (words) => {
    const [database, key] = databaseAndKey(words);
    return (actor) => {
      actor.file(database).chainUnlock(Buffer.from(key));
      return "done";
    };
  },
};

export const recordVerbs: Verbs = {
  attach,
  lock,
  store,
  remove,
  unlock,
  put,
  drop,
  read,
  "fetch-read-only": fetchReadOnly,
  count,
  fill,
  traverse,
  hold,
  "let-go": letGo,
};
