/**
 * What a tool is to do, as text to judge it by: nothing in it can hide or change its order. One field stands by
 * itself, as in `npm test`; several have their names.
 */
export function askedWords(
  input: Readonly<Record<string, unknown>>,
): readonly { readonly name?: string; readonly words: string }[] {
  const fields = Object.entries(input);
  const [only] = fields;
  if (fields.length === 1 && typeof only?.[1] === 'string') return [{ words: shown(only[1]) }];
  return fields.map(([name, value]) => ({
    name: shown(name),
    words: shown(typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '')),
  }));
}

const UNSEEN = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Characters that are not seen, or turn others round, as their numbers. Line breaks and tabs stay. */
export function shown(text: string): string {
  return text.replace(UNSEEN, sign => `\\u{${sign.codePointAt(0)?.toString(16)}}`);
}
