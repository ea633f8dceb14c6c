import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { budgetMachine, groupMachine, quotaMachine, sessionMachine } from '../../machines/index.ts';
import { type ChartState, describeChart } from '../../src/inspect/describe-chart.ts';
import { toMermaid } from '../../src/inspect/mermaid.ts';
import { mermaidProblems } from './mermaid-grammar.ts';

const OURS = { group: groupMachine, session: sessionMachine, budget: budgetMachine, quota: quotaMachine };

describe('toMermaid', () => {
  it.each(Object.entries(OURS))(
    'draws the %s machine in valid Mermaid, in full and in brief',
    (_, machine) => {
      expect(mermaidProblems(toMermaid(machine))).toEqual([]);
      expect(mermaidProblems(toMermaid(machine, { brief: true }))).toEqual([]);
      expect(toMermaid(machine)).toBe(toMermaid(machine));
    },
  );

  it.each(Object.entries(OURS))('shows every state of the %s machine', (_, machine) => {
    const text = toMermaid(machine, { brief: true });
    for (const name of Object.keys(machine.root.states)) expect(text).toMatch(new RegExp(`\\b${name}\\b`));
  });

  it('shows events with guards and actions, the edges that are taken at once, and those taken after a while', () => {
    expect(toMermaid(groupMachine)).toContain('created --> active : run / accept,');
    expect(toMermaid(groupMachine)).toContain(
      'active_running --> atRest_settled_completed : always [succeeded] / journal(group_completed)',
    );
    expect(toMermaid(groupMachine)).toContain('active_running : always [canStart] / admit, startSession');
    expect(toMermaid(groupMachine)).toContain('in_any_state : run / refuse(not_in_this_state)');
    expect(toMermaid(sessionMachine)).toContain(
      'interrupting_asking --> interrupting_terminating : after grace',
    );
    expect(toMermaid(sessionMachine)).toContain('preparing --> live : prepare is done');
    expect(toMermaid(sessionMachine)).toContain('live_working : entry / countAttempt, startAttempt');
  });

  it('shows every transition that has a target', () => {
    for (const machine of Object.values(OURS)) {
      const states = [...within(describeChart(machine).root)];
      const branches = states.flatMap(({ transitions }) => transitions.flatMap(t => t.branches));
      const leading = branches.filter(({ targets }) => targets.length > 0);
      const firsts = states.filter(({ initial }) => initial !== undefined);
      expect(arrowsOf(toMermaid(machine))).toHaveLength(leading.length + firsts.length);
    }
  });

  it('declares each state in the state that it is in, before an arrow names it', () => {
    for (const machine of Object.values(OURS)) {
      for (const brief of [true, false]) {
        const inside: string[] = [];
        const places = new Map<string, string>();
        for (const line of toMermaid(machine, { brief })
          .split('\n')
          .map(text => text.trim())) {
          const [, opened] = /^state (\w+) \{$/.exec(line) ?? [];
          const [, from, to] = /^(\w+|\[\*\]) --> (\w+)/.exec(line) ?? [];
          for (const id of [from, to, /^state ".*" as (\w+)$/.exec(line)?.[1]]) {
            if (id !== undefined && !places.has(id)) places.set(id, inside.at(-1) ?? '');
          }
          if (opened !== undefined) inside.push(opened);
          if (line === '}') inside.pop();
        }
        for (const { path } of within(describeChart(machine).root)) {
          if (path === '') continue;
          const [id, parent] = [path, path.split('.').slice(0, -1).join('.')].map(p =>
            p.replaceAll('.', '_'),
          );
          expect([path, places.get(id ?? '')]).toEqual([path, parent]);
        }
      }
    }
  });

  it('says in a note what a state with children does, for which the language has no lines', () => {
    const text = toMermaid(groupMachine);
    const [, note] = /note right of active\n(.*?)end note\n/s.exec(text) ?? [];
    expect(note).toContain('    Agents may be at work.\n    session.send [takesMessage] / accept');
    expect(text).toContain('active_pausing : Live sessions are being interrupted#59; nothing starts.');
  });

  it('draws the smallest machine', () => {
    const machine = createMachine({
      id: 'door',
      initial: 'shut',
      states: { shut: { on: { push: 'open' } }, open: {} },
    });
    expect(toMermaid(machine)).toBe(
      ['stateDiagram-v2', '%% door', '  [*] --> shut', '  shut --> open : push', ''].join('\n'),
    );
  });

  it("escapes Mermaid's special characters", () => {
    const machine = createMachine({
      initial: 'a',
      states: { a: { on: { 'x: y; "#1" %% <b>{}': { target: 'end' } } }, end: {} },
    });
    const text = toMermaid(machine);
    expect(mermaidProblems(text)).toEqual([]);
    expect(text).toContain('a --> s_end : x#58; y#59; #34;#35;1#34; #37;#37; #60;b#62;#123;#125;');
    expect(text).toContain('state "end" as s_end');
  });

  it('distinguishes names that differ only in characters that ids cannot have', () => {
    const machine = createMachine({ initial: 'a b', states: { 'a b': {}, 'a-b': {}, a_b: {} } });
    const text = toMermaid(machine);
    expect(mermaidProblems(text)).toEqual([]);
    expect(text).toContain('state "a b" as s_a_32_b');
    expect(text).toContain('state "a-b" as s_a_45_b');
  });

  it('draws nested states and parallel regions', () => {
    const machine = createMachine({
      initial: 'on',
      states: {
        on: {
          type: 'parallel',
          states: {
            light: { initial: 'dim', states: { dim: { on: { up: 'full' } }, full: {} } },
            sound: { initial: 'low', states: { low: {} } },
          },
          on: { off: 'off' },
        },
        off: {},
      },
    });
    const text = toMermaid(machine);
    expect(mermaidProblems(text)).toEqual([]);
    expect(text).toContain('on_light_dim --> on_light_full : up');
    expect(text).toContain('on --> off : off');
    expect(text.split('\n').map(line => line.trim())).toContain('--');
  });
});

function* within(state: ChartState): Generator<ChartState> {
  yield state;
  for (const child of state.children) yield* within(child);
}

function arrowsOf(text: string): string[] {
  return text.split('\n').filter(line => line.includes(' --> '));
}
