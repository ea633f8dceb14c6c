import type { IconName } from '../dom/icons.ts';
import type { GroupModel } from './group-model.ts';

/** A button of a group. `refused` says why it makes no sense now; the server has the last word in any case. */
export interface Verb {
  readonly name: 'run' | 'pause' | 'resume' | 'stop' | 'retry' | 'budget' | 'archive';
  readonly label: string;
  readonly icon: IconName;
  refused(model: GroupModel): string | undefined;
}

const only =
  (statuses: readonly string[], words: Readonly<Record<string, string>>, otherwise: string) =>
  ({ totals: { status } }: GroupModel): string | undefined =>
    statuses.includes(status) ? undefined : (words[status] ?? otherwise);

const SETTLED = 'Everything in it has settled';
const NOT_STARTED = 'It has not started yet';

export const VERBS: readonly Verb[] = [
  { name: 'run', label: 'Run', icon: 'play', refused: only(['created'], {}, 'It has started already') },
  {
    name: 'pause',
    label: 'Pause',
    icon: 'bars',
    refused: only(
      ['running'],
      {
        created: NOT_STARTED,
        pausing: 'It is pausing already',
        paused: 'It is paused already',
        stopping: 'It is being stopped',
        interrupted: 'Nobody runs it: resume it first',
      },
      SETTLED,
    ),
  },
  {
    name: 'resume',
    label: 'Resume',
    icon: 'play',
    refused: model =>
      exhausted(model)
        ? 'The budget is used up: raise it to go on'
        : only(
            ['paused', 'interrupted'],
            {
              created: 'It has not started yet: run it',
              running: 'It is running',
              pausing: 'It is still pausing',
              stopping: 'It is being stopped',
            },
            `${SETTLED}: retry runs again what failed`,
          )(model),
  },
  {
    name: 'stop',
    label: 'Stop',
    icon: 'square',
    refused: only(
      ['running', 'pausing', 'paused', 'interrupted'],
      { created: NOT_STARTED, stopping: 'It is being stopped already', stopped: 'It is stopped already' },
      SETTLED,
    ),
  },
  {
    name: 'retry',
    label: 'Retry',
    icon: 'again',
    refused: model =>
      only(
        ['paused', 'stopped', 'failed'],
        { completed: 'Nothing in it failed', created: NOT_STARTED, interrupted: 'Resume it first' },
        'Possible once it is paused or settled',
      )(model) ??
      (model.totals.failed + model.totals.stopped + model.totals.skipped === 0
        ? 'No session failed, was stopped or skipped'
        : undefined),
  },
  {
    name: 'budget',
    label: 'Raise budget',
    icon: 'raise',
    refused: only(
      ['created', 'running', 'pausing', 'paused', 'stopping', 'stopped', 'failed', 'interrupted'],
      {},
      SETTLED,
    ),
  },
  {
    name: 'archive',
    label: 'Archive',
    icon: 'box',
    refused: model =>
      model.archived
        ? 'It is archived already'
        : only(['created', 'stopped', 'completed', 'failed'], {}, 'It can still go on: stop it first')(model),
  },
];

/** Whether the limit keeps the group from going on. */
export function exhausted({ totals, detail }: GroupModel): boolean {
  const { limitUsd, totalCostUsd, status } = totals;
  const rests = ['paused', 'interrupted'].includes(status);
  return (
    rests && limitUsd !== undefined && totalCostUsd >= limitUsd && detail.budget.onBudgetExceeded !== 'warn'
  );
}

/** Whether agents of it may be at work. */
export const isLive = (status: string): boolean => ['running', 'pausing', 'stopping'].includes(status);
