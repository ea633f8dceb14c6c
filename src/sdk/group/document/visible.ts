/**
 * Makes text of files and agents safe for a terminal. Invariant: the output contains no character that a terminal
 * interprets, so a hostile file can't move the cursor, recolour a report or reverse its reading order.
 */

/** The text with control characters, bidirectional overrides and lone surrogates made visible; tabs stay. */
export function visible(text: string): string {
  return text.replace(HIDDEN, character => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    if (code === 0x7f) return '\u2421';
    if (code >= 0xd800 && code <= 0xdfff) return '\ufffd';
    return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
  });
}

/** A value for a message: on one line, at most 60 characters. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return visible(text.length > 60 ? `${text.slice(0, 58)}…"` : text);
}

/** `sessions[2].dependsOn[0].when`; a key that isn't a plain word is put in brackets and quotes. */
export function shownPath(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, segment) => {
    if (typeof segment === 'number') return `${text}[${segment}]`;
    if (!/^[A-Za-z_$][\w$-]*$/.test(segment)) return `${text}[${shown(segment)}]`;
    return text === '' ? segment : `${text}.${segment}`;
  }, '');
}

const HIDDEN = new RegExp(
  [
    '[\\u0000-\\u0008\\u000a-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff]',
    '[\\ud800-\\udbff](?![\\udc00-\\udfff])',
    '(?<![\\ud800-\\udbff])[\\udc00-\\udfff]',
  ].join('|'),
  'g',
);
