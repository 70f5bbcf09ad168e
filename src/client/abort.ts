// AbortSignal in the calls of this library: an aborted call rejects with the reason of its signal and leaves nothing behind.

/** Takes the listener off again. */
export type StopListening = () => void;

const NOTHING: StopListening = () => {};

/** Calls `aborted(reason)` once when `signal` is aborted. The signal must not be aborted yet. */
export function onAbort(signal: AbortSignal | undefined, aborted: (reason: unknown) => void): StopListening {
  if (signal === undefined) return NOTHING;
  const listener = (): void => aborted(signal.reason);
  signal.addEventListener("abort", listener, { once: true });
  return () => signal.removeEventListener("abort", listener);
}

/** Waits for `promise`, or rejects with the reason of `signal` at once when that is aborted; `promise` goes on unheard. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  if (signal.aborted) {
    promise.catch(() => {});
    return Promise.reject(signal.reason);
  }
  return new Promise<T>((resolve, reject) => {
    const stop = onAbort(signal, reject);
    promise.then(
      (value) => {
        stop();
        resolve(value);
      },
      (error: unknown) => {
        stop();
        reject(error);
      },
    );
  });
}
