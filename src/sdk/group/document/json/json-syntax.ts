/**
 * Finds where a text stops being valid JSON. `JSON.parse` decides whether it is valid; its error messages contain no
 * position that is reliable across Node versions, so this finds it, without recursion.
 */
export function findJsonError(text: string): { offset: number; message: string } | undefined {
  const open: ('{' | '[')[] = [];
  let expects: 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'comma' | 'end' = 'value';
  let offset = 0;
  const afterValue = () => (open.length === 0 ? 'end' : 'comma');
  for (;;) {
    offset = skip(text, offset, SPACE);
    const character = text[offset];
    if (character === undefined) {
      return expects === 'end' ? undefined : { offset, message: 'unexpected end of JSON' };
    }
    const top = open.at(-1);
    if (expects === 'end') return { offset, message: 'text after the end of the JSON value' };
    if (expects === 'value' || expects === 'value or ]') {
      if (character === ']' && expects === 'value or ]') {
        open.pop();
        expects = afterValue();
        offset += 1;
      } else if (character === '{' || character === '[') {
        open.push(character);
        expects = character === '{' ? 'key or }' : 'value or ]';
        offset += 1;
      } else {
        const end = skip(text, offset, character === '"' ? STRING : LITERAL);
        if (end === offset) return { offset, message: unexpected(character, 'a value') };
        offset = end;
        expects = afterValue();
      }
    } else if (expects === 'key' || expects === 'key or }') {
      if (character === '}' && expects === 'key or }') {
        open.pop();
        expects = afterValue();
        offset += 1;
      } else {
        const end = character === '"' ? skip(text, offset, STRING) : offset;
        if (end === offset) return { offset, message: unexpected(character, 'a key in double quotes') };
        offset = end;
        expects = 'colon';
      }
    } else if (expects === 'colon') {
      if (character !== ':') return { offset, message: unexpected(character, 'a colon') };
      expects = 'value';
      offset += 1;
    } else if (character === ',') {
      expects = top === '{' ? 'key' : 'value';
      offset += 1;
    } else if (character === (top === '{' ? '}' : ']')) {
      open.pop();
      expects = afterValue();
      offset += 1;
    } else {
      return { offset, message: unexpected(character, `a comma or ${top === '{' ? '}' : ']'}`) };
    }
  }
}

const SPACE = /[ \t\r\n]*/y;
// Unrolled, so that a string of megabytes causes neither backtracking nor deep recursion.
const PLAIN = '[^"\\\\\\u0000-\\u001f]*';
const STRING = new RegExp(`"${PLAIN}(?:\\\\(?:["\\\\/bfnrt]|u[0-9A-Fa-f]{4})${PLAIN})*"`, 'y');
const LITERAL = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;

function skip(text: string, offset: number, pattern: RegExp): number {
  pattern.lastIndex = offset;
  return pattern.test(text) ? pattern.lastIndex : offset;
}

function unexpected(character: string, wanted: string): string {
  const found =
    character === '/' || character === '#'
      ? 'a comment, which JSON does not allow'
      : JSON.stringify(character);
  return `not valid JSON: expected ${wanted}, found ${found}`;
}
