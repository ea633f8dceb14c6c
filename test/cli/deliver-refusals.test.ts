// @module-tag processes
import { afterEach, beforeEach, expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { openServeWorld } from '../serve/serve-world.ts';
import { openYard, type Yard } from '../support/delivering.ts';
import { FakeIo } from './fakes.ts';

let yard: Yard;
beforeEach(() => {
  yard = openYard();
});
afterEach(() => yard.close());

async function cli(...argv: string[]) {
  const io = new FakeIo({ env: yard.env, cwd: yard.folder, now: Date.now });
  const code = await main([...argv, '--json'], io);
  return { code, lines: io.stdout.lines.map(line => JSON.parse(line)) };
}

/** The refusal that ends a command; undefined if there is none. */
async function refusalOf(...argv: string[]) {
  const { code, lines } = await cli(...argv);
  const { type, ...error } = lines.at(-1) ?? {};
  return type === 'error' ? { exit: code, code: error.code, message: error.message } : undefined;
}

const trees = { workspace: { mode: 'worktree', keep: 'always' } } as const;
const merging = { ...trees, integrate: { mode: 'merge' } } as const;

/** Groups by how they answer a request to deliver, and what that names. */
const SITUATIONS: readonly [
  answer: string,
  open: () => Promise<{ readonly id: string }>,
  into: readonly string[],
  code: string | undefined,
][] = [
  [
    'has not started',
    async () => {
      const group = await yard.group([yard.script('a', 'true')], merging);
      await group.dispose();
      return group;
    },
    ['--into', 'main'],
    'not_in_this_state',
  ],
  [
    'has a conflict left',
    async () =>
      (await yard.ran([yard.script('b', 'echo b > f'), yard.script('c', 'echo c > f')], merging)).group,
    ['--into', 'main'],
    'not_in_this_state',
  ],
  [
    'has merged nothing',
    async () => (await yard.ran([yard.script('a', 'echo a > f')], trees)).group,
    ['--into', 'main'],
    'nothing_to_deliver',
  ],
  [
    'has merged, and names no branch',
    async () => (await yard.ran([yard.script('a', 'echo a > f')], merging)).group,
    [],
    'branch_required',
  ],
  [
    'has failed with something merged',
    async () =>
      (
        await yard.ran(
          [
            yard.script('a', 'echo a > f'),
            yard.script('b', 'true', { verify: { commands: ['exit 1'], attempts: 1 } }),
          ],
          merging,
        )
      ).group,
    ['--into', 'main'],
    undefined,
  ],
];

test.each(SITUATIONS)(
  'a group that %s answers a dry run as it answers the command',
  async (_, open, into, code) => {
    const { id } = await open();
    const before = yard.repo.git('for-each-ref');
    const dry = await refusalOf('group', 'integrate', id, ...into, '--dry-run');
    expect(dry?.code).toBe(code);
    expect(yard.repo.git('for-each-ref')).toBe(before);
    const world = await openServeWorld(
      { store: yard.store, env: yard.env },
      { store: yard.store, env: yard.env },
    );
    const query = into.length > 0 ? `?into=${into[1]}` : '';
    const { json } = await world.api(`/groups/${id}/delivery${query}`);
    await world.close();
    expect(json.refusal?.code).toBe(code);
    expect(await refusalOf('group', 'integrate', id, ...into)).toEqual(dry);
  },
);

test('--undo --dry-run is refused as --undo is, where no delivery has stopped part-way', async () => {
  const { group } = await yard.ran([yard.script('a', 'echo a > f')], merging);
  const dry = await refusalOf('group', 'integrate', group.id, '--undo', '--dry-run');
  expect(dry).toMatchObject({ exit: 5, code: 'not_in_this_state' });
  expect(await refusalOf('group', 'integrate', group.id, '--undo')).toEqual(dry);
});
