// @module-tag processes
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../../../src/sdk/clock.ts';
import { parseDefinition } from '../../../../src/sdk/group/definition/definition.ts';
import { DefinitionError } from '../../../../src/sdk/group/document/diagnostics.ts';
import {
  SimulatedGround,
  simulatedWorkspaces,
} from '../../../support/simulated-workspaces/simulated-workspaces.ts';

const ground = new SimulatedGround();
ground.repository(resolve('.'));
const workspaces = simulatedWorkspaces(ground, { clock: systemClock, stepMs: 0 });

const definition = (config: object, session: object = {}) => ({
  version: 1,
  name: 'Delivery',
  config,
  sessions: [{ id: 'a', projectPath: '.', prompt: 'go', ...session }],
});

test('a placeholder in a line for the shell is warned of', async () => {
  const config = {
    workspace: { mode: 'worktree' },
    integrate: { mode: 'pr', pr: 'gh --body-file {bodyFile}' },
  };
  const { warnings } = await parseDefinition(definition(config) as never, { workspaces });
  expect(warnings).toMatchObject([
    { code: 'unknown_placeholder', suggestion: 'write "$SESSION_GROUPS_BODY_FILE"' },
  ]);
});

async function findingsOf(input: object): Promise<string[]> {
  try {
    await parseDefinition(input as never, { workspaces });
    return [];
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    return error.diagnostics.map(({ code, path }) => `${code} at ${path.join('.')}`);
  }
}

test.each<[string, object, object, string[]]>([
  [
    'a worktree that is merged',
    { workspace: { mode: 'worktree' }, integrate: { mode: 'merge', into: 'main' } },
    {},
    [],
  ],
  ['checks in the shared folder', { verify: { commands: ['npm test'] } }, {}, []],
  [
    'merging from the shared folder',
    { integrate: { mode: 'merge' } },
    {},
    ['integrate_in_shared at config.integrate.mode'],
  ],
  [
    'the same of one session',
    { workspace: { mode: 'worktree' }, integrate: { mode: 'merge' } },
    { workspace: { mode: 'shared' }, integrate: { mode: 'branch' } },
    ['integrate_in_shared at sessions.0.integrate.mode'],
  ],
  [
    'a branch of yours without merging',
    { workspace: { mode: 'worktree' }, integrate: { into: 'main' } },
    {},
    ['delivery_not_merged at config.integrate.into'],
  ],
  [
    'a branch of the groups',
    { workspace: { mode: 'worktree' }, integrate: { mode: 'merge', into: 'session-groups/x' } },
    {},
    ['reserved_branch at config.integrate.into'],
  ],
  ...['--force', 'a..b', 'a b', 'HEAD', 'refs/heads/main', 'x.lock', 'a/.b', 'a\u202e\n'].map(
    (into): [string, object, object, string[]] => [
      `${JSON.stringify(into)} as a branch of yours`,
      { workspace: { mode: 'worktree' }, integrate: { mode: 'merge', into } },
      {},
      ['invalid_branch at config.integrate.into'],
    ],
  ),
  [
    'a misspelt placeholder of the command for pull requests',
    {
      workspace: { mode: 'worktree' },
      integrate: { mode: 'pr', pr: ['gh', '--body={x}', '{branch}', '{brunch}'] },
    },
    {},
    ['unknown_placeholder at config.integrate.pr.3'],
  ],
  [
    'pull requests without a command',
    { workspace: { mode: 'worktree' }, integrate: { mode: 'pr' } },
    {},
    ['missing_pr_command at config.integrate.mode'],
  ],
  ['checks without commands', {}, { verify: { attempts: 2 } }, ['missing_checks at sessions.0.verify']],
])('%s', async (_, config, session, expected) => {
  expect(await findingsOf(definition(config, session))).toEqual(expected);
});

test('what the group asks of all sessions is told once, whichever of them cannot do it', async () => {
  const one = (id: string, more: object = {}) => ({ id, projectPath: '.', prompt: 'x', ...more });
  const folder = { workspace: { mode: 'shared' } };
  const told = async (config: object, ...sessions: object[]) => {
    const input = { version: 1, name: 'd', config, sessions };
    const error: unknown = await parseDefinition(input as never, { workspaces }).catch(reason => reason);
    if (!(error instanceof DefinitionError)) throw error;
    return error.diagnostics.map(({ message, path }) => `${path.join('.')}: ${message.split(' in ')[0]}`);
  };
  const merging = { workspace: { mode: 'worktree' }, integrate: { mode: 'merge' } };
  const fan = one('f', { ...folder, forEach: ['x', 'y'] });
  expect(await told(merging, fan)).toEqual(['config.integrate.mode: f works']);
  expect(await told(merging, one('a', folder), fan)).toEqual(['config.integrate.mode: a and f work']);
  const many = ['a', 'b', 'c', 'd', 'e'].map(id => one(id, folder));
  expect(await told(merging, ...many, fan)).toEqual(['config.integrate.mode: a, b, c and 3 more work']);
  const own = { ...folder, integrate: { mode: 'merge' } };
  expect(await told({}, one('a', own), one('f', { ...own, forEach: ['x', 'y'] }))).toEqual([
    'sessions.0.integrate.mode: a works',
    'sessions.1.integrate.mode: f works',
  ]);
  expect(await told({ workspace: { mode: 'checkout' } }, one('a'), one('b'))).toEqual([
    'config.workspace.mode: a and b have no repository to clone',
  ]);
});

test.each(['shared', 'worktree'] as const)(
  'a definition with the mode %s is as good once it has been parsed',
  async mode => {
    const first = await parseDefinition(definition({ workspace: { mode } }) as never);
    const second = await parseDefinition(first.definition);
    expect(second.definition).toEqual(first.definition);
  },
);
