import { describe, expect, test } from 'vitest';
import { type AnyStateMachine, assign, createActor, createMachine, fromPromise, setup } from 'xstate';
import { groupMachine } from '../../machines/index.ts';
import { CHARTS } from '../../src/inspect/charts.ts';
import { describeChart } from '../../src/inspect/describe-chart.ts';
import { toMermaid } from '../../src/inspect/mermaid.ts';
import { toStatelyJson } from '../../src/inspect/stately-json.ts';

const NAMED = Object.entries(CHARTS);

const readAgain = (machine: AnyStateMachine): AnyStateMachine =>
  createMachine(JSON.parse(toStatelyJson(machine)));

describe('toStatelyJson', () => {
  test.each(NAMED)(
    'of the %s is read by XState as the same chart: states, events, guards, actions, delays',
    (_, machine) => {
      const copy = readAgain(machine);
      expect(describeChart(copy)).toStrictEqual(describeChart(machine));
      expect([...copy.events].sort()).toEqual([...machine.events].sort());
      expect(toMermaid(copy)).toBe(toMermaid(machine));
      expect(toStatelyJson(copy)).toBe(toStatelyJson(machine));
    },
  );

  test('has the descriptions of states and transitions', () => {
    const json = JSON.parse(toStatelyJson(groupMachine));
    expect(json.states.created.description).toBe('Nothing has started.');
    expect(json.on['session.yielded'][0].description).toMatch(/^The gate was closed/);
  });

  test('a machine that is made from it runs, with implementations by their names', () => {
    const machine = setup({
      guards: { many: (_, { least }: { least: number }) => least > 1 },
      actors: { work: fromPromise(async () => 'done') },
      delays: { soon: 10 },
      actions: { note: () => {} },
    }).createMachine({
      id: 'shop',
      initial: 'closed',
      states: {
        closed: {
          on: { open: { guard: { type: 'many', params: { least: 2 } }, target: 'busy', actions: 'note' } },
        },
        busy: {
          type: 'parallel',
          states: {
            till: { initial: 'idle', states: { idle: { on: { pay: 'paid' } }, paid: { type: 'final' } } },
            door: {
              invoke: { src: 'work', id: 'w', onDone: '.shut' },
              initial: 'ajar',
              states: { ajar: {}, shut: { type: 'final' }, last: { type: 'history', history: 'deep' } },
            },
          },
          onDone: { target: 'closed', reenter: true },
          after: { soon: { target: 'closed' } },
        },
      },
    });
    const copy = readAgain(machine);
    expect(describeChart(copy)).toStrictEqual(describeChart(machine));
    const asked: unknown[] = [];
    const provided = copy.provide({
      guards: { many: (_: unknown, params: unknown) => asked.push(params) > 0 },
      actors: { work: fromPromise(async () => 'done') },
      delays: { soon: 1_000_000 },
      actions: { note: () => void asked.push('note') },
    } as never);
    const actor = createActor(provided).start();
    actor.send({ type: 'open' });
    expect(asked).toEqual([{ least: 2 }, 'note']);
    actor.send({ type: 'pay' });
    expect(actor.getSnapshot().value).toEqual({ busy: { till: 'paid', door: 'ajar' } });
    actor.stop();
  });

  test('has nothing of a context, of an input, or of what a function knows', () => {
    const secret = String('sk-canary-77f0');
    const machine = createMachine({
      context: { secret },
      meta: { secret },
      invoke: {
        src: fromPromise(async () => secret),
        input: { secret },
        onDone: { actions: assign({ secret: () => secret }) },
      },
      entry: () => secret,
      on: {
        go: {
          guard: () => secret === '',
          actions: [
            { type: 'say', params: { words: 'hello' } },
            { type: 'tell', params: () => ({ secret }) },
          ],
        },
      },
    });
    const json = toStatelyJson(machine);
    expect(json).not.toContain('secret');
    expect(json).not.toContain(secret);
    expect(JSON.parse(json)).toEqual({
      id: '(machine)',
      entry: { type: 'inline' },
      invoke: { src: 'inline', onDone: { actions: { type: 'xstate.assign' } } },
      on: {
        go: {
          guard: { type: 'inline' },
          actions: [{ type: 'say', params: { words: 'hello' } }, { type: 'tell' }],
        },
      },
    });
  });
});

test.each([undefined, null, 'group', {}, { config: {} }])('%j is no machine: refused as that', given => {
  for (const draw of [toStatelyJson, toMermaid, describeChart])
    expect(() => draw(given as never)).toThrow('machine: expected a state machine, as createMachine returns');
});
