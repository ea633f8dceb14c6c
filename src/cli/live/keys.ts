/** The keyboard of a terminal. */
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

/** In raw mode, the terminal sends these instead of signals. */
export const CTRL_C = '\u0003';
export const CTRL_Z = '\u001A';

const NAMES: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  ' ': 'space',
  '\u001B': 'escape',
  '\u001B[A': 'up',
  '\u001B[B': 'down',
  '\u001B[C': 'right',
  '\u001B[D': 'left',
  '\u001BOA': 'up',
  '\u001BOB': 'down',
  '\u001BOC': 'right',
  '\u001BOD': 'left',
  '\u001B[H': 'home',
  '\u001B[F': 'end',
  '\u001B[1~': 'home',
  '\u001B[4~': 'end',
  '\u001B[5~': 'pageup',
  '\u001B[6~': 'pagedown',
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal begins its sequences with one
const KEY = /\u001B\[[0-9;]*[A-Za-z~]|\u001BO[A-Za-z]|[\s\S]/gu;
const CONTROLS: ReadonlySet<string> = new Set([CTRL_C, CTRL_Z]);

/**
 * What a terminal has sent at once, as keys: a name (`up`, `enter`) or the character itself. Different characters at once
 * were pasted, not typed: of those, only Ctrl-C and Ctrl-Z count.
 */
export function keysIn(text: string): string[] {
  const keys = (text.match(KEY) ?? []).map(key => NAMES[key] ?? key);
  const isPasted = new Set(keys).size > 1;
  return isPasted ? keys.filter(key => CONTROLS.has(key)) : keys;
}

/** A terminal whose keys can be read. */
export interface Keyboard {
  /** Reads keys until `suspend` or `close`. @param onReady called once they count; at once where there is no terminal. */
  read(onReady: () => void): void;
  /** Gives the terminal back. */
  suspend(): void;
  /** Takes what has been typed up to now, then gives the terminal back for good, and lets the process exit. */
  close(): Promise<void>;
}

const NO_KEYBOARD: Keyboard = { read: onReady => onReady(), suspend() {}, async close() {} };

/**
 * The keys of a terminal, one by one; without one, nothing.
 *
 * KEYBOARD-1 nothing typed from `read` to `close` reaches the shell, and what was typed before is no key.
 * KEYBOARD-2 before `read`, after `suspend` and after `close`, the terminal is as it was.
 */
export function keyboardOf(input: KeyInput, onKey: (key: string) => void): Keyboard {
  if (input.isTTY !== true || !input.setRawMode || !input.on) return NO_KEYBOARD;
  let isReading = false;
  let isOpen = true;
  let isReady = false;
  const listener = (bytes: unknown) => {
    if (!isReady) return;
    for (const key of keysIn(String(bytes))) onKey(key);
  };
  const suspend = () => {
    if (!isReading) return;
    isReading = false;
    isReady = false;
    input.off?.('data', listener);
    input.setRawMode?.(false);
    input.pause?.();
  };
  return {
    suspend,
    read(onReady) {
      if (isReading || !isOpen) return;
      isReading = true;
      input.setRawMode?.(true);
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
