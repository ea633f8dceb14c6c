/**
 * Text of others for review: what would not be seen, or would change how the rest is seen, is shown as a name. Line
 * feeds and tabs stay. Linear; loaded by the page too.
 *
 * VISIBLE-1 what is shown contains no control character, no override of direction and nothing invisible; what can be
 *    seen in the text is shown as it is.
 */
const HIDDEN = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** A hidden character as `<U+202E>`, so that no font and no terminal can hide it. */
export const visible = (text: string): string =>
  text.replace(HIDDEN, hidden => {
    const code = hidden.codePointAt(0) ?? 0;
    return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
  });
