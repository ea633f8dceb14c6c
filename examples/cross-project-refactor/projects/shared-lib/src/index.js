/** Cuts a text down to so many characters. */
export function shorten(text, length) {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
