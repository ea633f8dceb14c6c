import { counted } from '../sdk/format.ts';
import { pauseWords } from './wait-words.ts';

/** What of a group waits for a person. */
export interface Attention {
  /** How many permission requests are open. Default: none. */
  readonly approvals?: number;
  /** Why it is paused. Absent if it is not. */
  readonly paused?: string;
}

/** `2 approvals`, `the budget is used up`; empty if nothing waits. */
export const attentionWords = ({ approvals = 0, paused }: Attention): string =>
  [...(approvals > 0 ? [counted(approvals, 'approval')] : []), ...(paused ? [pauseWords(paused)] : [])].join(
    ', ',
  );
