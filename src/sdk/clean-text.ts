/**
 * Text from agents and files is untrusted. Before it reaches a terminal, escape sequences, other control characters
 * and direction overrides are removed, so that it can neither move the cursor nor disguise its order.
 */

/**
 * Sequences that end: CSI, OSC and other strings, and those of two characters; the rest of the others is text. No part
 * can match where the next one begins, so the time is linear (that of `stripVTControlCharacters` is not).
 */
const SEQUENCES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\n\r\u0007\u001b\u0090\u0098\u009c-\u009f]*(?:\u0007|\u001b\\|\u009c)|\u001b[ -/]*[0-Z\\`-~]/g;
const DIRECTION_MARKS = /\p{Bidi_Control}/gu;
const CONTROLS_BUT_LAYOUT = /(?![\n\t])\p{Cc}/gu;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const HIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]|\p{Bidi_Control}/u;

/** Whether characters of a text stand next to each other once it is cleaned, and not before. */
export const hasHidden = (text: string): boolean => HIDDEN.test(text);

/** Removes control characters; line breaks and tabs stay. */
export function cleanBlock(text: string): string {
  return text
    .replace(SEQUENCES, '')
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(CONTROLS_BUT_LAYOUT, '')
    .replace(DIRECTION_MARKS, '');
}

/** The same, on one line, with whitespace collapsed. */
export function cleanLine(text: string): string {
  return cleanBlock(text).replace(/\s+/g, ' ').trim();
}
