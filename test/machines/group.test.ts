import { describe, expect, test } from 'vitest';
import { initialTransition, transition } from 'xstate';
import type { GroupMachineEvent } from '../../machines/contract.ts';
import { groupMachine } from '../../machines/group.machine.ts';
import type { GroupStatus } from '../../machines/vocabulary.ts';
import { Roster } from '../../src/sdk/group/schedule/roster.ts';
import { type ExploredEvent, ExploredGroup, type ExploredSetup } from '../support/explored-group.ts';
import { plain } from '../support/random-dag.ts';
import { stateOf } from '../support/state-of.ts';
import { DELIVERY_ROWS } from './delivery-table.ts';
import { PATHS, REQUESTS, ROWS, STATES, setupOf } from './group-table.ts';

/** Follows the path, then lets the real chart take one event more: where it leads and what it asks of its host. */
function take(path: readonly ExploredEvent[], event: GroupMachineEvent, setup: Partial<ExploredSetup> = {}) {
  const group = new ExploredGroup({ sessions: [plain('a'), plain('b')], ...setup });
  const before = path.reduce((state, next) => group.step(state, next), group.initial);
  const [after, actions] = transition(groupMachine, before.chart, event);
  return { from: stateOf(before.chart.value), to: stateOf(after.value), does: actions.flatMap(nameOf) };
}

function nameOf({ type, params }: { readonly type: string; readonly params?: unknown }): string[] {
  const given = (params ?? {}) as {
    code?: string;
    type?: string;
    targetId?: string;
    to?: { id: string };
    event?: { type: string };
  };
  if (type === 'refuse') return [given.code ?? ''];
  if (type === 'journal') return [given.type ?? ''];
  if (type === 'xstate.sendTo') return [`${given.targetId ?? given.to?.id}: ${given.event?.type}`];
  return type.startsWith('xstate.') ? [] : [type];
}

describe("a group's chart goes as its table says", () => {
  test.each(STATES)('%s is where its path leads', state => {
    expect(take(PATHS[state], { type: 'budget.changed' }, setupOf(state)).from).toBe(state);
  });

  const requests = REQUESTS.flatMap(({ event, in: answers }) =>
    STATES.map(state => {
      const [to, answer, ...journalled]: readonly string[] = answers[state] ?? [state, 'not_in_this_state'];
      return { event, state, to, expected: [answer, ...journalled] };
    }),
  );
  test.each(requests)('$event.type in $state → $to, $expected.0 (I15)', ({ event, state, to, expected }) => {
    const { does, ...moved } = take(PATHS[state], event, setupOf(state));
    expect(moved.to).toBe(to);
    const answers = does.filter(
      name => !name.includes(':') && name !== 'journalNotes' && name !== 'startSession',
    );
    expect(answers).toEqual(expected);
  });

  test.each([...ROWS, ...DELIVERY_ROWS].map(row => [row.name, row] as const))(
    '%s',
    (_, { path, event, to, does, setup }) => {
      const taken = take(path, event, setup);
      expect([taken.to, taken.does]).toEqual([to, does]);
    },
  );

  test.each<[GroupStatus | undefined, string]>([
    [undefined, 'created'],
    ['paused', 'paused'],
    ['running', 'interrupted.running'],
    ['delivering', 'interrupted.running'],
    ['stopping', 'interrupted.stopping'],
    ['stopped', 'stopped'],
    ['completed', 'completed'],
    ['failed', 'failed'],
  ])('a group that was %s is %s again, and journals nothing by that', (restored, state) => {
    const { roster } = new ExploredGroup({ sessions: [plain('a')] }).initial.chart.context;
    if (!(roster instanceof Roster)) throw new Error('another roster');
    const again = new Roster(restored ? { ...roster.spec, restored } : roster.spec);
    const [chart, actions] = initialTransition(groupMachine, { roster: again });
    expect(stateOf(chart.value)).toBe(state);
    expect(actions.flatMap(nameOf).filter(name => name.startsWith('group_'))).toEqual([]);
  });

  test('and the requests of the table are all that the chart knows', () => {
    const plumbing =
      /^(budget|dependency|quota|admission|agent|journal|session\.(settled|yielded|ready|blocked)|merge|delivery|xstate)/;
    const known = groupMachine.events.filter(type => !plumbing.test(type));
    expect(REQUESTS.map(({ event }) => event.type).sort()).toEqual([...known].sort());
  });
});
