// Stories that are played on real processes and in the simulator, and the packets of each that must be the same.
import type { Database, DatabaseType } from "../../../src/client/index.js";
import { type Packet, sequences } from "./packet-sequences.js";
import type { Stage } from "./stage.js";

/** What is compared: lines by link. */
export type Lines = Readonly<Record<string, readonly string[]>>;

const ALL = [0, 1, 2];
/** To both others, in two turns: nobody else sends so many of them. */
const BROADCASTS_OF_A_LEADER = 4;

function linesOf(packets: readonly Packet[], role?: (pnn: number) => string): Lines {
  return Object.fromEntries(sequences(packets, role));
}

/** Packets since a quiet moment. */
async function since(stage: Stage, act: () => Promise<void>): Promise<Packet[]> {
  await stage.quiet();
  const before = new Map<string, number>();
  const link = ({ from, to }: Packet): string => `${from}>${to}`;
  for (const packet of stage.packets()) before.set(link(packet), (before.get(link(packet)) ?? 0) + 1);
  await act();
  await stage.quiet();
  const passed = new Map<string, number>();
  return stage.packets().filter((packet) => {
    const place = passed.get(link(packet)) ?? 0;
    passed.set(link(packet), place + 1);
    return place >= (before.get(link(packet)) ?? 0);
  });
}

/** From now on node 0 leads, and nobody else may. */
async function letNode0Lead(stage: Stage): Promise<void> {
  for (const pnn of [1, 2]) await (await stage.client(pnn)).control("SET_RECMASTERROLE", 0);
  const broadcasts = (): number =>
    stage.packets().filter(({ from, details }) => from === 0 && details.startsWith("LEADER ")).length;
  const before = broadcasts();
  await stage.until("node 0 leads", async () => broadcasts() >= before + BROADCASTS_OF_A_LEADER);
  await stage.healthy(ALL);
}

async function databasesOn(stage: Stage, name: string, type: DatabaseType): Promise<Database[]> {
  const databases: Database[] = [];
  for (const pnn of ALL) databases.push(await (await stage.client(pnn)).attach(name, { type }));
  return databases;
}

/** All nodes own some, and have old copies of others. */
async function storeRecords(stage: Stage): Promise<void> {
  for (const [number, database] of (await databasesOn(stage, "kept.tdb", "volatile")).entries()) {
    for (const key of ["a", "b", "c", "d", "e", "f"].slice(number)) {
      await database.withRecord(key, (record) => record.store(Buffer.from(`${key} of node ${number}`)));
    }
  }
}

export const stories: Readonly<Record<string, (stage: Stage) => Promise<Lines>>> = {
  "three nodes start: the recovery that makes them one cluster": async (stage) => {
    await stage.quiet();
    const packets = stage.packets();
    // Whoever gets the cluster lock leads; how many recoveries it takes depends on when the nodes come up.
    const leader = packets.findLast(({ details }) => details.startsWith("START_RECOVERY "))?.from ?? -1;
    const role = (pnn: number): string => (pnn === leader ? "leader" : "other");
    const others = ALL.filter((pnn) => pnn !== leader);
    const result: Record<string, readonly string[]> = {};
    for (const [number, other] of others.entries()) {
      const between = packets.filter(({ from, to }) => [from, to].every((pnn) => pnn === leader || pnn === other));
      for (const [link, lines] of sequences(between, role)) {
        const begin = lines.findLastIndex((line) => line.startsWith("START_RECOVERY"));
        const end = lines.findLastIndex((line) => line.startsWith("END_RECOVERY"));
        result[`${number} ${link}`] = lines.slice(Math.max(0, begin - 1), end + 1);
      }
    }
    return result;
  },

  "a record goes from node to node": async (stage) => {
    const databases = await databasesOn(stage, "travels.tdb", "volatile");
    const packets = await since(stage, async () => {
      for (const key of ["a", "b", "c"]) {
        for (const [number, database] of [...databases, ...databases].entries()) {
          await database.withRecord(key, (record) => record.store(Buffer.from(`value ${number}`)));
        }
      }
    });
    return linesOf(packets.filter(({ operation }) => /CALL|DMASTER/.test(operation)));
  },

  "a node dies, and the others recover": async (stage) => {
    await letNode0Lead(stage);
    await storeRecords(stage);
    const packets = await since(stage, async () => {
      await stage.kill(2);
      await stage.healthy([0, 1]);
    });
    return linesOf(packets.filter(({ from, to }) => from !== 2 && to !== 2));
  },

  "a transaction on a replicated database": async (stage) => {
    const databases = await databasesOn(stage, "replicated.tdb", "replicated");
    // The database of locks is made by the first transaction.
    await databasesOn(stage, "g_lock.tdb", "volatile");
    const packets = await since(stage, async () => {
      for (const database of databases) {
        await database.transaction((transaction) => transaction.store("key", Buffer.from("value")));
      }
    });
    return linesOf(packets);
  },

  "a node is stopped, and goes on": async (stage) => {
    await letNode0Lead(stage);
    await storeRecords(stage);
    const client = await stage.client(1);
    const packets = await since(stage, async () => {
      await client.control("STOP_NODE", undefined);
      await stage.quiet();
      await client.control("CONTINUE_NODE", undefined);
      await stage.healthy(ALL);
    });
    return linesOf(packets);
  },
};
