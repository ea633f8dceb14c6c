import { CHART_ANSWERS } from './chart-answers.ts';
import { type Status, VERBS, type Verb, type VerbRow } from './verbs.ts';

const REFUSED = 'not_in_this_state';

/** What an interrupted group answers unlike its chart: a process that retries one pauses it first, none raises its budget. */
const INTERRUPTED: Partial<Record<Verb, string>> = { retry: 'unless_stopping', set_max_budget: REFUSED };

/** How a group with this status answers: `accepts`, `depends` (on its sessions), `already`, or the refusal's code. */
export function answerTo(verb: Verb, status: Status): string {
  const { request, acceptedIn = [], noEffectIn = [] }: VerbRow = VERBS[verb];
  if (status === 'interrupted' && INTERRUPTED[verb] !== undefined) return INTERRUPTED[verb];
  if (acceptedIn.includes(status)) return 'accepts';
  if (request === undefined || noEffectIn.includes(status)) return REFUSED;
  const answers: Partial<Record<string, string>> = CHART_ANSWERS[status];
  return answers[request] ?? REFUSED;
}

const POSSIBLE: ReadonlySet<string> = new Set(['accepts', 'depends', 'unless_stopping']);

/** Whether a group with this status may accept the verb. */
export const isPossible = (verb: Verb, status: Status): boolean => POSSIBLE.has(answerTo(verb, status));
