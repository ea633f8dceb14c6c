import { expect, test } from 'vitest';
import { createActor, createMachine } from 'xstate';
import { budgetMachine } from '../../machines/budget.machine.ts';
import type { BudgetNews } from '../../machines/vocabulary.ts';

const DOLLAR = 1_000_000;

/** The real chart over totals that the test sets, limit 10 USD; `said` is what it told its host and its parent. */
function budgetChart(used: number, certain?: number, announced?: BudgetNews) {
  const said: string[] = [];
  const budget = {
    usedMicroUsd: used * DOLLAR,
    ...(certain === undefined ? {} : { certainMicroUsd: certain * DOLLAR }),
    limitMicroUsd: 10 * DOLLAR,
    warnAtMicroUsd: 8 * DOLLAR,
    action: 'pause' as const,
    announced,
    setLimit(limitMicroUsd: number) {
      this.limitMicroUsd = limitMicroUsd;
    },
  };
  const note = (name: string) => () => {
    said.push(name);
  };
  const chart = budgetMachine.provide({
    actions: {
      journalWarning: note('warning'),
      journalExceeded: note('exceeded'),
      journalChange: note('change'),
    },
  });
  const parent = createActor(
    createMachine({
      invoke: { id: 'budget', src: chart, input: { budget } },
      on: { 'budget.exceeded': { actions: note('reported') }, 'budget.changed': {} },
    }),
  ).start();
  const child = parent.getSnapshot().children.budget;
  return {
    said,
    state: () => child?.getSnapshot().value,
    /** The host has seen these totals cross a threshold. */
    crosses(type: 'budget.warning' | 'budget.exceeded', nowUsed: number, nowCertain: number) {
      Object.assign(budget, { usedMicroUsd: nowUsed * DOLLAR, certainMicroUsd: nowCertain * DOLLAR });
      child?.send({ type });
    },
    takesOver: () => child?.send({ type: 'group.takenOver' }),
    change: (limit: number) => child?.send({ type: 'budget.change', limitMicroUsd: limit * DOLLAR }),
  };
}

test('an estimate over the limit only warns while the certain part is not near it', () => {
  const { said, state, crosses } = budgetChart(0, 0);
  crosses('budget.exceeded', 11.97, 0.21);
  expect(state()).toBe('doubtful');
  crosses('budget.exceeded', 12.5, 7.99);
  expect(said).toEqual(['warning']);
  crosses('budget.exceeded', 12.5, 8);
  expect(state()).toBe('exceeded');
  expect(said).toEqual(['warning', 'exceeded', 'reported']);
});

test('what is certain ends it at the limit, not before', () => {
  const { said, state, crosses } = budgetChart(0, 0);
  crosses('budget.warning', 9.9, 9.9);
  expect(state()).toBe('warned');
  crosses('budget.exceeded', 10, 10);
  expect(state()).toBe('exceeded');
  expect(said).toEqual(['warning', 'exceeded', 'reported']);
});

test('a warning that was given does not keep the doubtful one from being given', () => {
  const { said, crosses } = budgetChart(0, 0);
  crosses('budget.warning', 8, 1);
  crosses('budget.exceeded', 10, 1);
  expect(said).toEqual(['warning', 'warning']);
});

test.each([
  [1, 1, 'within'],
  [9, 9, 'warned'],
  [9, 1, 'warned'],
  [11, 1, 'doubtful'],
  [11, 8, 'exceeded'],
  [11, 11, 'exceeded'],
  [11, undefined, 'exceeded'], // a host that does not tell them apart
])('at the start, %s used and %s certain is %s, and says nothing', (used, certain, state) => {
  const chart = budgetChart(used, certain);
  expect(chart.state()).toBe(state);
  expect(chart.said).toEqual([]);
});

test('a new limit is judged like the first', () => {
  const { said, state, change } = budgetChart(6, 1);
  change(5);
  expect(state()).toBe('doubtful');
  change(1);
  expect(state()).toBe('exceeded');
  change(100);
  expect(state()).toBe('within');
  expect(said).toEqual(['change', 'warning', 'change', 'exceeded', 'reported', 'change']);
});

test.each([
  [9, 9, 'nothing', 'warned', ['warning']],
  [11, 1, 'nothing', 'doubtful', ['warning']],
  [11, 1, 'warning', 'doubtful', ['warning']],
  [11, 11, 'nothing', 'exceeded', ['exceeded']],
  [11, 11, 'estimate', 'exceeded', ['exceeded']],
] as const)(
  '%s used and %s certain with %s journalled: said when it is taken over',
  (used, certain, announced, state, news) => {
    const chart = budgetChart(used, certain, announced);
    expect([chart.state(), chart.said]).toEqual(['owing', []]);
    chart.takesOver();
    expect([chart.state(), chart.said]).toEqual([state, news]);
    chart.takesOver();
    expect(chart.said).toEqual(news);
  },
);

test.each([
  [1, 1, 'nothing', 'within'],
  [9, 9, 'warning', 'warned'],
  [9, 9, 'exceeded', 'warned'], // corrected since
  [11, 1, 'estimate', 'doubtful'],
  [11, 11, 'exceeded', 'exceeded'],
] as const)(
  '%s used and %s certain with %s journalled: nothing to be said',
  (used, certain, announced, state) => {
    const chart = budgetChart(used, certain, announced);
    chart.takesOver();
    expect([chart.state(), chart.said]).toEqual([state, []]);
  },
);
