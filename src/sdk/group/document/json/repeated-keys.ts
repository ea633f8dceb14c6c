import {
  CLOSE_LIST,
  CLOSE_MAP,
  COLON,
  COMMA,
  endOfString,
  keyText,
  OPEN_LIST,
  OPEN_MAP,
  QUOTE,
} from './json-scan.ts';

/**
 * The offsets of keys that their map already has, in a text that `JSON.parse` accepts; it keeps the last value and says
 * nothing.
 * @param most how many are looked for.
 */
export function repeatedKeys(text: string, most: number): number[] {
  const found: number[] = [];
  /** The keys so far of each map that is open; undefined for a list. */
  const open: (Set<string> | undefined)[] = [];
  let awaitsKey = false;
  for (let at = 0; at < text.length && found.length < most; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      const keys = awaitsKey ? open.at(-1) : undefined;
      if (keys !== undefined) {
        const key = keyText(text, at, end);
        if (keys.has(key)) found.push(at);
        keys.add(key);
      }
      at = end - 1;
    } else if (code === COMMA) awaitsKey = true;
    else if (code === COLON) awaitsKey = false;
    else if (code === OPEN_MAP || code === OPEN_LIST) {
      open.push(code === OPEN_MAP ? new Set() : undefined);
      awaitsKey = true;
    } else if (code === CLOSE_MAP || code === CLOSE_LIST) open.pop();
  }
  return found;
}
