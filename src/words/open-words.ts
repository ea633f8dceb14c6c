import { counted } from '../sdk/format.ts';

/** Of a session whose conversation a person went on with. */
export const openedWords = (times: number): string =>
  `opened by hand ${times === 1 ? 'once' : counted(times, 'time')}, which is not in its cost`;
