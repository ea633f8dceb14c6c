import { CHART_ANSWERS } from './chart-answers.ts';
import { type Status, VERBS, type Verb, type VerbRow } from './verbs.ts';

/**
 * Of a group whose process has died. The chart does not know that it can be, so this row alone is written by hand:
 * who takes such a group over carries these out. `unless_stopping`: not where a stop was under way. `offered`: the page
 * offers it, and the server refuses it all the same.
 */
const INTERRUPTED: Partial<Record<Verb, 'accepts' | 'unless_stopping' | 'offered'>> = {
  pause: 'unless_stopping',
  resume: 'accepts',
  stop: 'accepts',
  retry: 'unless_stopping',
  set_max_budget: 'offered',
  redefine: 'unless_stopping',
};

/**
 * How a group of this status answers the verb: it `accepts`, `depends` on what is in it, does so `already`, or refuses
 * with a code.
 */
export function answerTo(verb: Verb, status: Status): string {
  const { request, among = [], vain = [] }: VerbRow = VERBS[verb];
  if (status === 'interrupted') return INTERRUPTED[verb] ?? REFUSED;
  if (among.includes(status)) return 'accepts';
  if (request === undefined || vain.includes(status)) return REFUSED;
  const answers: Partial<Record<string, string>> = CHART_ANSWERS[status];
  return answers[request] ?? REFUSED;
}

const REFUSED = 'not_in_this_state';
const POSSIBLE: ReadonlySet<string> = new Set(['accepts', 'depends', 'unless_stopping']);

/** Whether the verb may lead anywhere in a group of this status. */
export const isPossible = (verb: Verb, status: Status): boolean => POSSIBLE.has(answerTo(verb, status));
