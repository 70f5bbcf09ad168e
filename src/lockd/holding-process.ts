// A process that waits for the lock of all records of one database and holds it while that is frozen. It blocks in libtdb, so
// the owner of the lock is this process' only thread, as robust mutexes want it.
import { libtdbOpener } from "../tdb/libtdb.js";
import type { TdbFile } from "../tdb/tdb-file.js";
import { encodeFrame, Frame, FrameReader } from "./frames.js";
import { endProcess } from "./system-calls.js";

/** Serves one freeze after the other, until the daemon's end of the pipe closes. */
export function runHoldingProcess(): void {
  let held: { id: number; file: TdbFile } | undefined;
  const send = (frame: Buffer): void => {
    process.stdout.write(frame);
  };
  const hold = (id: number, flags: number, path: string): void => {
    let file: TdbFile | undefined;
    try {
      file = libtdbOpener.open({ path, flags, create: false });
      file.lockAll();
      held = { id, file };
      send(encodeFrame(Frame.GRANTED, id));
    } catch (error) {
      file?.close();
      send(encodeFrame(Frame.FAILED, id, 0, 0, String(error)));
    }
  };
  const release = (id: number): void => {
    if (held?.id !== id) return;
    held.file.unlockAll();
    held.file.close();
    held = undefined;
    send(encodeFrame(Frame.RELEASED, id));
  };
  const reader = new FrameReader((type, a, b, _c, payload) => {
    if (type === Frame.HOLD) hold(a, b, payload);
    else if (type === Frame.RELEASE) release(a);
    else throw new Error(`unknown frame ${type} from the daemon`);
  });
  process.stdin.on("data", (bytes: Buffer) => reader.push(bytes));
  process.stdin.on("end", () => endProcess(0));
  process.stdin.on("error", () => endProcess(0));
  process.stdout.on("error", () => endProcess(0));
}
