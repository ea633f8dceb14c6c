/** A group whose owner may be alive, in words. Like format.ts, this file imports no values, so that a browser can load it. */

/** After "if you are sure that its process has ended …". */
export const TAKE_OVER_RISK =
  'if it has not, both run the group, with two agents in each project and records that cannot be read any more';

/** Its process belongs to another machine or container. */
export const UNCHECKED = 'Whether it still runs there cannot be seen from here.';

/** @param unreadable why its lock cannot be read. */
export const unreadableWords = (unreadable: string): string =>
  `it is not known whether it runs: ${unreadable}`;
