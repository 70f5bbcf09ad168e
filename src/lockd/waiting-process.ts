// The process in which the daemon waits for record locks: one for all databases and records, each wait a blocked thread.

import { encodeFrame, Frame, FrameReader } from "./frames.js";
import { findHolders } from "./holders.js";
import { endProcess } from "./system-calls.js";
import { WaitTable } from "./wait-table.js";

/** Serves until the daemon's end of the pipe closes. */
export function runWaitingProcess(): void {
  const send = (frame: Buffer): void => {
    process.stdout.write(frame);
  };
  const failedOpens = new Map<number, string>();
  const table = new WaitTable({
    granted: (id, ownerThread) => send(encodeFrame(Frame.GRANTED, id, ownerThread)),
    failed: (id, reason) => send(encodeFrame(Frame.FAILED, id, 0, 0, reason)),
  });
  const reader = new FrameReader((type, a, b, c, payload) => {
    switch (type) {
      case Frame.OPEN:
        try {
          table.open(a, payload, b, c === 1);
          failedOpens.delete(a);
        } catch (error) {
          failedOpens.set(a, `cannot open ${payload}: ${String(error)}`);
        }
        break;
      case Frame.CLOSE:
        table.close(a);
        failedOpens.delete(a);
        break;
      case Frame.WAIT: {
        const reason = failedOpens.get(b);
        if (reason === undefined) table.wait(a, b, c);
        else send(encodeFrame(Frame.FAILED, a, 0, 0, reason));
        break;
      }
      case Frame.RELEASE:
        table.release(a);
        break;
      case Frame.FIND_HOLDERS: {
        const path = table.pathOf(b);
        const holders = path === undefined ? [] : findHolders(path, c === 0 ? undefined : c - 1);
        send(encodeFrame(Frame.HOLDERS, a, 0, 0, JSON.stringify(holders)));
        break;
      }
      default:
        throw new Error(`unknown frame ${type} from the daemon`);
    }
  });
  process.stdin.on("data", (bytes: Buffer) => reader.push(bytes));
  process.stdin.on("end", () => endProcess(0));
  process.stdin.on("error", () => endProcess(0));
  process.stdout.on("error", () => endProcess(0));
}
