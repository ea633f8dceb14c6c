import { stripVTControlCharacters } from 'node:util';

/**
 * Text from agents and files is untrusted. Before it reaches a terminal, escape sequences, other control characters
 * and direction overrides are removed, so that it can neither move the cursor nor disguise its order.
 */

const DIRECTION_MARKS = /\p{Bidi_Control}/gu;
const CONTROLS_BUT_LAYOUT = /(?![\n\t])\p{Cc}/gu;

/** Removes control characters; line breaks and tabs stay. */
export function cleanBlock(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(CONTROLS_BUT_LAYOUT, '')
    .replace(DIRECTION_MARKS, '');
}

/** The same, on one line, with whitespace collapsed. */
export function cleanLine(text: string): string {
  return cleanBlock(text).replace(/\s+/g, ' ').trim();
}
