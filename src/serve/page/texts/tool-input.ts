/**
 * A tool's input as text for a permission decision: no character in it can be invisible or reorder the text. A single
 * field has no label, as in `npm test`; several have their names.
 */
export function toolInputFields(
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

/** Replaces invisible and bidirectional control characters by their code points. Keeps line breaks and tabs. */
export function shown(text: string): string {
  return text.replace(UNSEEN, sign => `\\u{${sign.codePointAt(0)?.toString(16)}}`);
}
