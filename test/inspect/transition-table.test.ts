import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { groupMachine, sessionMachine } from '../../machines/index.ts';
import { toTransitionTable } from '../../src/inspect/transition-table.ts';

describe('toTransitionTable', () => {
  it('gives a row per state and event, with the branches in the order in which they are tried', () => {
    expect(toTransitionTable(groupMachine)).toContain(
      '|  | run | \\[budgetStillExhausted\\] · / refuse(budget\\_exhausted); active / accept, journal(group\\_started), changeLimit',
    );
  });

  it('says what a state and a transition are there for', () => {
    const table = toTransitionTable(groupMachine);
    expect(table).toContain('| **active** |  | Agents may be at work. |\n');
    expect(table).toContain('park, describeQuota (The gate was closed by whoever met');
  });

  it('says which state is entered again', () => {
    expect(toTransitionTable(sessionMachine)).toContain('|  | after grace | interrupting.killing ↻ |');
  });

  it('joins events with the same result, but not eventless transitions', () => {
    const machine = createMachine({
      initial: 'a',
      states: { a: { always: { target: 'b', guard: () => false }, on: { x: 'b', y: 'b' } }, b: {} },
    });
    expect(toTransitionTable(machine)).toBe(
      [
        '| state | event | result |',
        '| --- | --- | --- |',
        '| **a** | always | \\[inline\\] b |',
        '|  | x, y | b |',
        '| **b** |  |  |',
        '',
      ].join('\n'),
    );
  });

  it('has the same number of cells in every row, whatever the names', () => {
    const machine = createMachine({ initial: 'a|b', states: { 'a|b': { on: { 'c|d': 'a|b' } } } });
    for (const row of toTransitionTable(machine).trimEnd().split('\n')) {
      expect(row.replaceAll('\\|', '').split('|')).toHaveLength(5);
    }
  });
});
