// @module-tag long
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { CHARTS } from '../../src/inspect/charts.ts';
import { type ChartState, describeChart } from '../../src/inspect/describe-chart.ts';
import { toStatelyJson } from '../../src/inspect/stately-json.ts';
import { type ExtractedMachine, loadExtractor } from '../support/machine-extractor.ts';

const NAMED = Object.entries(CHARTS);

/** Without the values of its parameters. */
const plain = (name: string) => name.replace(/\(.*\)$/, '');

/** What the chart that runs has: its states and their transitions, in order. */
function rowsOf(state: ChartState): unknown[] {
  const { path, initial, description, tags, entry, exit, invokes, transitions, children } = state;
  return [
    {
      path,
      initial,
      description,
      tags,
      entry: entry.map(plain),
      exit: exit.map(plain),
      invokes: invokes.map(name => name.replace(/ as .*/, '')),
      transitions: sorted(
        transitions.flatMap(({ trigger, branches }) =>
          branches.map(({ guard, targets, actions, reenter, description: why }) => ({
            trigger,
            guard,
            targets,
            actions: actions.map(plain),
            reenter,
            description: why,
          })),
        ),
      ),
    },
    ...children.flatMap(rowsOf),
  ];
}

/** The same of what the extractor has read. */
function rowsRead(machine: ExtractedMachine): unknown[] {
  const services = machine.getAllServices();
  const targets = new Map(
    machine
      .getTransitionTargets()
      .map(({ fromPath, transitionPath, targetPath }) => [
        JSON.stringify([fromPath, transitionPath]),
        targetPath.map(path => path?.join('.')),
      ]),
  );
  return machine.getAllStateNodes().map(({ path, ast }) => {
    const inThis = <T extends { readonly path: string }>(all: readonly T[]) =>
      all.filter(one => one.path === path.join('.'));
    const invokes = inThis(services.map(({ src, statePath }) => ({ src, path: statePath.join('.') }))).map(
      ({ src }) => src,
    );
    const read = machine
      .getTransitions()
      .map(transition => ({ ...transition, path: transition.fromPath.join('.') }));
    const transitions = inThis(read).map(({ config, fromPath, transitionPath }) => ({
      trigger: triggerOf(transitionPath, invokes),
      guard: config.guard?.name,
      targets: targets.get(JSON.stringify([fromPath, transitionPath])) ?? [],
      actions: config.actions?.map(({ name }) => name) ?? [],
      reenter: config.reenter?.value ?? false,
      description: config.description?.value,
    }));
    return {
      path: path.join('.'),
      initial: ast.initial?.value,
      description: ast.description?.value,
      tags: ast.tags?.map(({ value }) => value) ?? [],
      entry: ast.entry?.map(({ name }) => name) ?? [],
      exit: ast.exit?.map(({ name }) => name) ?? [],
      invokes,
      transitions: sorted(transitions),
    };
  });
}

function triggerOf([kind, key, end]: readonly (string | number)[], invokes: readonly string[]): string {
  if (kind === 'invoke') return `${invokes[Number(key)]} ${end === 'onDone' ? 'is done' : 'has failed'}`;
  if (kind === 'after') return `after ${key}`;
  return kind === 'always' ? 'always' : String(key);
}

/** The order of branches counts, that of triggers does not. */
const sorted = <T extends { readonly trigger: string }>(transitions: readonly T[]): readonly T[] =>
  [...transitions].sort((a, b) => (a.trigger < b.trigger ? -1 : Number(a.trigger > b.trigger)));

describe("@xstate/machine-extractor, with which Stately's tools read sources,", () => {
  const { extract, close } = loadExtractor();
  afterAll(close);
  const readOf = (text: string): unknown[] => {
    const machines = extract(text)?.machines ?? [];
    expect(machines).toHaveLength(1);
    return machines.flatMap(machine => (machine ? rowsRead(machine) : []));
  };

  test.each(NAMED)(
    'sees all of the source of the %s: states, events, guards, actions, targets, descriptions',
    (name, machine) => {
      const path = fileURLToPath(new URL(`../../machines/${name}.machine.ts`, import.meta.url));
      expect(readOf(readFileSync(path, 'utf8'))).toEqual(rowsOf(describeChart(machine).root));
    },
  );

  test.each(NAMED)('sees all of what `toStatelyJson` writes of the %s', (_, machine) => {
    expect(readOf(`createMachine(${toStatelyJson(machine)})`)).toEqual(rowsOf(describeChart(machine).root));
  });

  test('does not see what is not written out: why each chart is one literal', () => {
    const source = (on: string, more = '') =>
      `const SHARED = [{ guard: 'g', target: 'b' }] as const;\nconst inside = some.createStateConfig({ on: { y: 'a' } });
       s.createMachine({ initial: 'a', states: { a: { on: { x: ${on} } }, b: ${more || '{}'} } });`;
    const written = "[{ guard: 'g', target: 'b' }]";
    const count = (text: string) => extract(text)?.machines[0]?.getTransitions().length;
    expect(count(source(written, "{ on: { y: 'a' } }"))).toBe(2);
    expect(count(source('SHARED'))).toBe(0); // a constant `as const`
    expect(count(source('[...SHARED]'))).toBe(0); // a list spread into another
    expect(count(source(written, 'inside'))).toBe(1); // a state made by `createStateConfig`
    expect(count(source(written, 'imported'))).toBe(1); // a state of another file
  });
});
