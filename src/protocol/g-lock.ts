// The data of a record of g_lock.tdb as Samba writes it. Its parts come and go: no data at all, watchers only, or all of it.
import { defineCodec, type StructCodec } from "./codec.js";
import { GLockState, GLockWatcher } from "./generated/structures.js";

const COUNT_SIZE = 4;
/** A shorter rest behind the watchers means that nobody holds the lock. */
const STATE_SIZE_MIN = 44;

export interface SambaGLock {
  /** Processes that wait for a change of the record. */
  watchers: GLockWatcher[];
  /** Holders and user data; null: nobody has ever held the lock, or the record is as good as deleted. */
  state: GLockState | null;
}

export const SambaGLock: StructCodec<SambaGLock> = defineCodec<SambaGLock>({
  name: "SambaGLock",
  exact: false,
  size(value) {
    if (value.watchers.length === 0 && value.state === null) return 0;
    const watchers = value.watchers.reduce((sum, watcher) => sum + GLockWatcher.size(watcher), COUNT_SIZE);
    return watchers + (value.state === null ? 0 : GLockState.size(value.state));
  },
  read(r) {
    if (r.remaining === 0) return { watchers: [], state: null };
    const count = r.count(1, "numWatchers");
    const watchers: GLockWatcher[] = [];
    while (watchers.length < count) watchers.push(GLockWatcher.read(r));
    return { watchers, state: r.remaining < STATE_SIZE_MIN ? null : GLockState.read(r) };
  },
  write(w, value) {
    if (value.watchers.length === 0 && value.state === null) return;
    w.u32(value.watchers.length);
    for (const watcher of value.watchers) GLockWatcher.write(w, watcher);
    if (value.state !== null) GLockState.write(w, value.state);
  },
});
