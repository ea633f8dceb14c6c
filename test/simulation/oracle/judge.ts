import type { Judge, Observation } from '../history.ts';
import { Bench } from './bench.ts';
import type { Concern, Court } from './concern.ts';
import { announcements } from './concerns/announcements.ts';
import { conversations } from './concerns/conversations.ts';
import { durations } from './concerns/durations.ts';
import { ends } from './concerns/ends.ts';
import { eventFields } from './concerns/event-fields.ts';
import { fanOuts } from './concerns/fan-outs.ts';
import { followers } from './concerns/followers.ts';
import { gone } from './concerns/gone.ts';
import { grammar } from './concerns/grammar.ts';
import { liveRuns } from './concerns/live-runs.ts';
import { messages } from './concerns/messages.ts';
import { money } from './concerns/money.ts';
import { pauses } from './concerns/pauses.ts';
import { records } from './concerns/records.ts';
import { rest } from './concerns/rest.ts';
import { retries } from './concerns/retries.ts';
import { starts } from './concerns/starts.ts';
import { views } from './concerns/views.ts';
import { bases } from './delivery/bases.ts';
import { branches } from './delivery/branches.ts';
import { commands } from './delivery/commands.ts';
import { scope } from './delivery/scope.ts';
import { trees } from './delivery/trees.ts';
import { work } from './delivery/work.ts';
import { answers } from './requests/answers.ts';
import { lost } from './requests/lost.ts';
import { outcomes } from './requests/outcomes.ts';
import { owners } from './requests/owners.ts';
import { statuses } from './requests/statuses.ts';

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
  followers,
  grammar,
  announcements,
  eventFields,
  starts,
  ends,
  pauses,
  retries,
  money,
  conversations,
  messages,
  fanOuts,
  answers,
  outcomes,
  owners,
  lost,
  statuses,
  views,
  durations,
  rest,
  gone,
  bases,
  branches,
  scope,
  trees,
  work,
  commands,
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
