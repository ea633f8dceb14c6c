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
 * were pasted, not typed, also where the terminal does not mark that: of those, only Ctrl-C and Ctrl-Z count.
 */
export function keysIn(text: string): string[] {
  const keys = (text.match(KEY) ?? []).map(key => NAMES[key] ?? key);
  const isPasted = new Set(keys).size > 1;
  return isPasted ? keys.filter(key => CONTROLS.has(key)) : keys;
}
