// Robust mutexes locked by pool threads: a thread locks a mutex, says so, holds it until it is told to unlock it.
import { existsSync } from "node:fs";
import { Socket } from "node:net";
import koffi from "koffi";
import { FUTEX_OWNER_DIED, FUTEX_TID_MASK } from "../tdb/mutex-layout.js";
import { libcFunction, type ScriptCall, ThreadScript } from "./thread-script.js";

const libc = koffi.load("libc.so.6");
const pipe: (fds: Int32Array) => number = libc.func("pipe", "int", ["void *"]);
const semInit: (semaphore: number, shared: number, value: number) => number = libc.func("sem_init", "int", [
  "uint64",
  "int",
  "uint32",
]);
const semPost: (semaphore: number) => number = libc.func("sem_post", "int", ["uint64"]);
const tryLockMutex: (mutex: number) => number = libc.func("pthread_mutex_trylock", "int", ["uint64"]);
const makeConsistent: (mutex: number) => number = libc.func("pthread_mutex_consistent", "int", ["uint64"]);
const unlockMutex: (mutex: number) => number = libc.func("pthread_mutex_unlock", "int", ["uint64"]);

const LOCK = libcFunction("pthread_mutex_lock");
const CONSISTENT = libcFunction("pthread_mutex_consistent");
const UNLOCK = libcFunction("pthread_mutex_unlock");
const WRITE = libcFunction("write");
const SEM_WAIT = libcFunction("sem_wait");

const EOWNERDEAD = 130;
const CALLS = 5;
const SEMAPHORE_BYTES = 64;
const DATA_BYTES = SEMAPHORE_BYTES + 8;

/** Takes a mutex for this (the main) thread if it is free; a dead owner's mutex is made usable again. */
export function tryMutex(mutex: number): boolean {
  const result = tryLockMutex(mutex);
  if (result === EOWNERDEAD) return makeConsistent(mutex) === 0;
  return result === 0;
}

export function unlockOwnMutex(mutex: number): void {
  unlockMutex(mutex);
}

/** The thread that owns a mutex, if that thread is one of this process; else 0. */
export function ownThreadOf(lockWord: number): number {
  const tid = lockWord & FUTEX_TID_MASK;
  if (tid === 0 || (lockWord & FUTEX_OWNER_DIED) !== 0) return 0;
  return existsSync(`/proc/self/task/${tid}`) ? tid : 0;
}

/** One thread's lock. */
interface Slot {
  readonly script: ThreadScript;
  onLocked: () => void;
}

export class MutexThreads {
  private readonly slots: Slot[] = [];
  private readonly free: Slot[] = [];
  private readonly writeEnd: number;

  constructor() {
    const fds = new Int32Array(2);
    if (pipe(fds) !== 0) throw new Error("no pipe for the threads");
    this.writeEnd = fds[1] ?? -1;
    const reader = new Socket({ fd: fds[0] ?? -1, readable: true, writable: false });
    reader.on("data", (bytes: Buffer) => {
      for (let i = 0; i + 4 <= bytes.length; i += 4) this.slots[bytes.readUInt32LE(i)]?.onLocked();
    });
  }

  /**
   * A thread locks the mutex, however long it takes; then `onLocked` is called, and the thread holds the mutex until
   * the function that `lock` returned is called. `onEnd`: the thread is free again.
   */
  lock(mutex: number, onLocked: () => void, onEnd: () => void): () => void {
    const slot = this.free.pop() ?? this.newSlot();
    const { script } = slot;
    slot.onLocked = onLocked;
    semInit(script.data, 0, 0);
    const calls: ScriptCall[] = [
      { call: LOCK, args: [mutex] },
      { call: CONSISTENT, args: [mutex] },
      { call: WRITE, args: [this.writeEnd, script.data + SEMAPHORE_BYTES, 4] },
      { call: SEM_WAIT, args: [script.data] },
      { call: UNLOCK, args: [mutex] },
    ];
    script.run(calls, () => {
      this.free.push(slot);
      onEnd();
    });
    return () => {
      semPost(script.data);
    };
  }

  private newSlot(): Slot {
    const slot: Slot = { script: new ThreadScript(CALLS, DATA_BYTES), onLocked: () => {} };
    slot.script.dataView.setUint32(SEMAPHORE_BYTES, this.slots.length, true);
    this.slots.push(slot);
    return slot;
  }
}
