import { describe, expect, test } from 'vitest';
import { budgetMachine, groupMachine, quotaMachine, sessionMachine } from '../../machines/index.ts';
import { type ChartState, describeChart } from '../../src/inspect/describe-chart.ts';

const MACHINES = { group: groupMachine, session: sessionMachine, budget: budgetMachine, quota: quotaMachine };

function* within(state: ChartState): Generator<ChartState> {
  for (const child of state.children) {
    yield child;
    yield* within(child);
  }
}

describe.each(Object.entries(MACHINES))('the %s machine', (_, machine) => {
  const states = [...within(describeChart(machine).root)];

  test('says of each state what it is, in a sentence', () => {
    expect(states.length).toBeGreaterThan(3);
    const without = states.filter(({ description = '' }) => !/^[A-Z].*\.$/s.test(description));
    expect(without.map(({ path }) => path)).toEqual([]);
  });

  test('names every guard and action, for whoever reads it in an inspector', () => {
    const named = states.flatMap(({ entry, exit, transitions }) => [
      ...entry,
      ...exit,
      ...transitions.flatMap(({ branches }) =>
        branches.flatMap(({ guard, actions }) => [...(guard === undefined ? [] : [guard]), ...actions]),
      ),
    ]);
    expect(named.filter(name => name === 'inline')).toEqual([]);
  });
});
