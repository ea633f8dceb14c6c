/**
 * An error of a session as one line, not cleaned: its code and the first line of its message, which says what went wrong;
 * what follows is output. `…` at the end: there is more.
 */
export function errorWords({ code, message }: { readonly code: string; readonly message: string }): string {
  const { first, rest } = parted(message);
  return `${code}: ${first}${rest === '' ? '' : ' …'}`;
}

/** What `errorWords` leaves out: the lines after the first; empty if there are none. */
export const restOfError = ({ message }: { readonly message: string }): string => parted(message).rest;

function parted(message: string): { readonly first: string; readonly rest: string } {
  const [first = '', ...rest] = message.trim().split(/\r\n?|\n/);
  return { first, rest: rest.join('\n').replace(/^\n+/, '') };
}
