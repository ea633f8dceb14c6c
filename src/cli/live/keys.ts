/** The keyboard of a terminal, read key by key. */
export interface KeyInput {
  readonly isTTY?: boolean | undefined;
  setRawMode?(raw: boolean): unknown;
  on?(event: 'data', listener: (bytes: unknown) => void): unknown;
  off?(event: 'data', listener: (bytes: unknown) => void): unknown;
  resume?(): unknown;
  pause?(): unknown;
  /** What comes through it, where it is no terminal. */
  [Symbol.asyncIterator]?(): AsyncIterator<unknown>;
}

/** In raw mode the terminal sends this instead of SIGINT. */
export const CTRL_C = '\u0003';

/**
 * Calls `onKey` for each key until the returned function is called, which restores the terminal and lets the process
 * exit. Does nothing without a terminal.
 */
export function listenForKeys(input: KeyInput, onKey: (key: string) => void): () => void {
  if (input.isTTY !== true || !input.setRawMode || !input.on) return () => {};
  const listener = (bytes: unknown) => {
    for (const key of String(bytes)) onKey(key);
  };
  input.setRawMode(true);
  input.on('data', listener);
  input.resume?.();
  let listening = true;
  return () => {
    if (!listening) return;
    listening = false;
    input.off?.('data', listener);
    input.setRawMode?.(false);
    input.pause?.();
  };
}
