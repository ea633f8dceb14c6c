import type { Judge, Observation } from '../history.ts';
import { answers } from './answers.ts';
import { Bench } from './bench.ts';
import type { Concern, Court } from './concern.ts';
import { conversations } from './conversations.ts';
import { ends } from './ends.ts';
import { eventFields } from './event-fields.ts';
import { grammar } from './grammar.ts';
import { liveRuns } from './live-runs.ts';
import { money } from './money.ts';
import { pauses } from './pauses.ts';
import { records } from './records.ts';
import { rest } from './rest.ts';
import { retries } from './retries.ts';
import { starts } from './starts.ts';
import { views } from './views.ts';

/**
 * Reads a history and says what in it the specification forbids. One file per concern; each rule is labelled with the
 * invariant or the section that it reads. It shares no code with the engine.
 *
 * What the world owes it: `define` before the first observation, and once for each update that takes effect (before the
 * step ends in which the journal has its `group_updated`); a `journal` at the end of each step in which the file may have
 * changed, and after each crash; pictures after the world has come to a standstill in that step.
 */
const CONCERNS: readonly ((court: Court) => Concern)[] = [
  liveRuns,
  records,
  grammar,
  eventFields,
  starts,
  ends,
  pauses,
  retries,
  money,
  conversations,
  answers,
  views,
  rest,
];

export function createJudge(): Judge {
  let bench: Bench | undefined;
  const before: Observation[] = [];
  return {
    define(definition) {
      if (bench !== undefined) {
        bench.redefine(definition);
        return;
      }
      bench = new Bench(definition, CONCERNS);
      for (const observation of before) bench.see(observation);
    },
    see(observation) {
      if (bench === undefined) before.push(observation);
      else bench.see(observation);
    },
    step: () => bench?.step_() ?? [],
    end: () => bench?.end() ?? [],
  };
}
