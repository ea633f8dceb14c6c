/** What the keyboard of a terminal is, as far as keys are read one by one. */
export interface KeyInput {
  readonly isTTY?: boolean | undefined;
  setRawMode?(raw: boolean): unknown;
  on?(event: 'data', listener: (bytes: unknown) => void): unknown;
  off?(event: 'data', listener: (bytes: unknown) => void): unknown;
  resume?(): unknown;
  pause?(): unknown;
}

/** In raw mode the terminal sends this instead of a SIGINT. */
export const CTRL_C = '\u0003';

/**
 * Hears each key as it is pressed, until the returned function is called; nothing where no person types. The
 * terminal is given back as it was, and a process that has nothing else to do may end meanwhile.
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
