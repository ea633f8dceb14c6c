// @module-tag processes
import { rmSync } from 'node:fs';
import { join } from 'node:path';
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

test('a lock of the user that is held for long is named: no branch has moved, and a resume goes on', async () => {
  const lock = join(yard.repo.path, '.git/refs/heads/main.lock');
  const group = await yard.group([yard.script('a', `echo a > f; : > '${lock}'`)], {
    ...trees,
    integrate: { mode: 'merge', into: 'main' },
  });
  const refusals: string[] = [];
  group.events$.subscribe(event => {
    if (event.type === 'delivery_refused') refusals.push(event.message);
  });
  const before = yard.repo.git('rev-parse', 'main');
  expect((await group.run()).reason).toBe('delivery_refused');
  expect(refusals).toEqual([
    expect.stringMatching(/main\.lock \(.*rm '.*main\.lock'\); no branch has moved: resume it to go on$/),
  ]);
  expect(yard.repo.git('rev-parse', 'main')).toBe(before);
  rmSync(lock);
  expect((await group.resume()).status).toBe('completed');
  expect(yard.repo.git('show', 'main:f')).toBe('a\n');
});

test('a repository that is gone for good keeps only its own group, until --discard gives it up', async () => {
  const gone = yard.another('gone');
  const lost = yard.script('a', 'echo a > f', { projectPath: gone.path });
  const other = async () => (await yard.ran([yard.script('b', 'true')], merging)).group;
  const before = await other();
  const first = (await yard.ran([lost], merging)).group;
  const after = await other();
  rmSync(gone.path, { recursive: true });
  const kept = await cli('group', 'prune', '--older-than', '0s');
  expect([kept.code, kept.lines]).toEqual([
    5,
    expect.arrayContaining([
      { type: 'deleted', groupId: before.id },
      { type: 'deleted', groupId: after.id },
      expect.objectContaining({
        ...{ type: 'error', code: 'unmerged_work', groupId: first.id },
        hint: expect.stringMatching(/gone for good, .*give up what cannot be read with --discard/),
      }),
    ]),
  ]);
  const given = await cli('group', 'prune', '--older-than', '0s', '--discard');
  expect([given.code, given.lines]).toEqual([0, [{ type: 'deleted', groupId: first.id }]]);
});
