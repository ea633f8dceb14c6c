export interface Deferred<T> {
  readonly promise: Promise<T>;
  /** Only the first call counts, of either. */
  resolve(value: T): void;
  reject(reason: unknown): void;
}

/** A promise that is settled from outside (`Promise.withResolvers` needs Node 22). */
export function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<T>((...settle) => {
    [resolve, reject] = settle;
  });
  return { promise, resolve, reject };
}
