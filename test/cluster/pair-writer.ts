// Commits transactions through one node after the other and knows what must be there afterwards: each sets the records "left"
// and "right" to its number, which is also the sequence number, and the number of the attempt. There must be one writer a database.
import { ControlStatus, type RecData, writeRecordHeader } from "../../src/protocol/index.js";
import type { LocalCluster } from "./local-cluster.js";
import { ProbeControlError } from "./node-probe.js";

export const SEQUENCE_NUMBER_KEY = "__db_sequence_number__\0";
const COMMIT_TIMEOUT_MS = 60_000;

export class PairWriter {
  /** Transactions that are certain: acknowledged, or seen in the sequence number. */
  certain = 0;
  /** Answers 0. */
  acknowledged = 0;
  /** What the last acknowledged transaction wrote, while it is the last one that is certain. */
  acknowledgedText: string | undefined;
  private attempts = 0;
  /** Answers 2: a recovery ended the commit. */
  endedByRecovery = 0;

  constructor(
    private readonly cluster: LocalCluster,
    readonly dbId: number,
  ) {}

  /** One attempt of the next transaction. Throws what the node answers, or ProbeLostError. */
  async commit(pnn: number): Promise<void> {
    const number = this.certain + 1;
    const text = `${number}, attempt ${++this.attempts}`;
    const sequence = Buffer.alloc(8);
    sequence.writeBigUInt64LE(BigInt(number));
    const records = [
      this.record("left", pnn, Buffer.from(text)),
      this.record("right", pnn, Buffer.from(text)),
      this.record(SEQUENCE_NUMBER_KEY, pnn, sequence),
    ];
    const probe = await this.cluster.node(pnn).probe();
    try {
      await probe.control("TRANS3_COMMIT", { dbId: this.dbId, records }, { timeoutMs: COMMIT_TIMEOUT_MS });
    } catch (error) {
      if (error instanceof ProbeControlError && error.status === ControlStatus.COMMIT_ENDED_BY_RECOVERY) {
        this.endedByRecovery++;
      }
      throw error;
    }
    this.acknowledged++;
    this.acknowledgedText = text;
    this.certain = number;
  }

  /** Asks a node which of the attempts came true. Throws when it is one that cannot be, or one too few. */
  async look(pnn: number): Promise<void> {
    const seen = await (await this.cluster.node(pnn).probe()).control("GET_DB_SEQNUM", this.dbId);
    const number = Number(seen);
    if (number !== this.certain && number !== this.certain + 1) {
      throw new Error(`node ${pnn} has sequence number ${number} after ${this.certain} certain transactions`);
    }
    if (number !== this.certain) this.acknowledgedText = undefined;
    this.certain = number;
  }

  private record(key: string, pnn: number, value: Buffer): RecData {
    const data = Buffer.alloc(24 + value.length);
    writeRecordHeader(data, 0, this.certain + 1, pnn, 0);
    value.copy(data, 24);
    return { reqid: 0, key: Buffer.from(key, "latin1"), data };
  }
}
