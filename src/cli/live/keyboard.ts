import type { KeyInput } from './keys.ts';
import { keyReader, LEAVE_PASTES, MARK_PASTES } from './paste.ts';

/** A terminal whose keys can be read. */
export interface Keyboard {
  /** Reads keys until `suspend` or `close`. @param onReady called once they count; at once where there is no terminal. */
  read(onReady: () => void): void;
  /**
   * Gives the terminal back.
   * @param isOurs false: a shell has it already, so its mode is left alone; to change it would stop this job. Default: true.
   */
  suspend(isOurs?: boolean): void;
  /** Takes what has been typed up to now, then gives the terminal back for good, and lets the process exit. */
  close(): Promise<void>;
}

const NO_KEYBOARD: Keyboard = { read: onReady => onReady(), suspend() {}, async close() {} };

/**
 * The keys of a terminal, one by one; without one, nothing.
 *
 * @param write writes to the terminal.
 *
 * KEYBOARD-1 nothing typed from `read` to `close` reaches the shell, and what was typed before is no key.
 * KEYBOARD-2 before `read`, after `suspend` and after `close`, the terminal is as it was; in the background, nothing is read from
 *    it, and its mode is not touched.
 * KEYBOARD-3 what is pasted is no key, if the terminal marks it.
 */
export function keyboardOf(
  input: KeyInput,
  write: (text: string) => void,
  onKey: (key: string) => void,
): Keyboard {
  if (input.isTTY !== true || !input.setRawMode || !input.on) return NO_KEYBOARD;
  let isReading = false;
  let isOpen = true;
  let isReady = false;
  /** Another has changed the mode since it was set. */
  let isStale = false;
  let keysOf = keyReader();
  const listener = (bytes: unknown) => {
    const keys = keysOf(String(bytes));
    if (isReady) for (const key of keys) onKey(key);
  };
  const suspend = (isOurs = true) => {
    if (!isReading) return;
    isReading = false;
    isReady = false;
    input.off?.('data', listener);
    isStale = !isOurs;
    if (isOurs) {
      write(LEAVE_PASTES);
      input.setRawMode?.(false);
    }
    input.pause?.();
  };
  return {
    suspend,
    read(onReady) {
      if (isReading || !isOpen) return;
      isReading = true;
      keysOf = keyReader();
      if (isStale) input.setRawMode?.(false);
      isStale = false;
      input.setRawMode?.(true);
      write(MARK_PASTES);
      input.on?.('data', listener);
      input.resume?.();
      void inputRead().then(() => {
        if (!isReading) return;
        isReady = true;
        onReady();
      });
    },
    async close() {
      isOpen = false;
      if (isReading) await inputRead();
      suspend();
    },
  };
}

/** What the terminal has sent, and what signals have come, is heard by then. */
export async function inputRead(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise(resolve => setImmediate(resolve));
}
