import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deferred } from '../../src/sdk/process/deferred.ts';
import {
  ALLOWED,
  answerTasks,
  commit,
  conversationOf,
  endsInConflict,
  ownWorkspaces,
  read,
  run,
  sessionOf,
  type Task,
  treeOf,
  write,
} from '../support/delivering-clients.ts';
import { agentProcesses, type GroupBench, groupBench, type Watched } from '../support/group-bench.ts';
import { silence, toolUse } from '../support/messages-api/answers.ts';
import { conversationText, lastUserText } from '../support/messages-api/request.ts';
import { type Repository, repository } from '../support/repository.ts';

let bench: GroupBench;
let repo: Repository;
beforeEach(async () => {
  bench = await groupBench();
  repo = repository(join(bench.folder, 'repo'));
  repo.write('auth.ts', 'export const auth = false;\n');
  repo.commit('first');
});
afterEach(async () => {
  expect(bench.api.failures).toEqual([]);
  await bench.close();
});

/** A group whose sessions have a tree each. */
const group = (ids: readonly string[], config: object = {}): Promise<Watched> =>
  bench.create(
    {
      name: 'workspaces',
      config: { workspace: { mode: 'worktree' }, permissions: { allow: ALLOWED }, ...config },
      sessions: ids.map(id => ({ id, projectPath: repo.path, prompt: `task-${id}: do it` })),
    },
    ownWorkspaces(bench),
  );

const of = (id: string) => bench.api.mainRequests.filter(request => sessionOf(request) === id);
const conversationsOf = (id: string) => [...new Set(of(id).map(conversationOf))];
const treesOf = (id: string) => [...new Set(of(id).map(({ body }) => treeOf(body)))];
/** What the client said of the session's last calls, in order. */
const said = (id: string): string[] =>
  (of(id).at(-1)?.body.messages ?? [])
    .flatMap(({ content }) => (typeof content === 'string' ? [] : content))
    .flatMap(block => (block.type === 'tool_result' ? [JSON.stringify(block.content)] : []));

describe('sessions of the real client in worktrees', () => {
  it('work at once in one repository; what they have committed, or only written, is merged', async () => {
    const bothAsked = deferred<void>();
    const asked = new Set<string>();
    answerTasks(
      bench,
      {
        a: { work: [write('a.ts', 'a\n'), commit('a, by its agent')] },
        b: { work: [write('b.ts', 'b\n')] },
      },
      async id => {
        // None goes on before both are there.
        if (asked.add(id).size === 2) bothAsked.resolve();
        await bothAsked.promise;
        return undefined;
      },
    );
    const { group: made, all } = await group(['a', 'b'], { integrate: { mode: 'merge' } });
    const { status, sessions } = await made.run();
    expect([status, sessions]).toMatchObject([
      'completed',
      {
        a: { result: 'result of a', changedFiles: ['a.ts'] },
        b: { result: 'result of b', changedFiles: ['b.ts'] },
      },
    ]);
    const merged = `session-groups/${made.id}/_merged`;
    expect(repo.git('ls-tree', '--name-only', merged)).toBe('a.ts\nauth.ts\nb.ts\n');
    expect(repo.git('log', '--format=%s', merged), said('a').join('\n')).toContain('a, by its agent');
    expect(
      all('session_integrated')
        .map(({ sessionId }) => sessionId)
        .sort(),
    ).toEqual(['a', 'b']);
    expect(repo.git('status', '--porcelain')).toBe('');
    expect(repo.git('log', '--format=%s', 'main')).toBe('first\n');
    expect(agentProcesses(made.id)).toEqual([]);
  });

  it.each([
    ['is there when it is resumed', false],
    ['that was deleted in the pause is made again where it was', true],
  ] as const)('the tree of a paused session %s, and the conversation goes on', async (_, isDeleted) => {
    const half = deferred<void>();
    let resumed = false;
    const work = [
      write('half.ts', 'half\n'),
      run('cat half.ts'),
      read('half.ts'),
      write('half.ts', 'whole\n'),
    ];
    answerTasks(bench, { a: { work } }, (_id, call) => {
      if (resumed || call !== 1) return undefined;
      half.resolve();
      return silence();
    });
    const { group: made, all } = await group(['a']);
    const whole = made.run();
    await half.promise;
    await made.pause();
    expect(await whole).toMatchObject({ status: 'paused', sessions: { a: { status: 'paused' } } });
    const [{ path = '' } = {}] = all('workspace_ready');
    expect(readFileSync(join(path, 'half.ts'), 'utf8')).toBe('half\n');
    if (isDeleted) rmSync(path, { recursive: true });
    resumed = true;
    expect(await made.resume()).toMatchObject({
      status: 'completed',
      sessions: { a: { result: 'result of a', changedFiles: ['half.ts'] } },
    });
    expect(conversationsOf('a')).toEqual([all('session_started')[0]?.agentSessionId]);
    expect(treesOf('a')).toEqual([path]);
    expect(said('a')[1], 'what it reads after the pause').toBe('"half"');
    expect(repo.git('show', `session-groups/${made.id}/a:half.ts`)).toBe('whole\n');
    expect(all('session_warning').map(({ message }) => message)).toEqual(
      isDeleted ? [expect.stringContaining('made again from its last checkpoint')] : [],
    );
  });

  it('a conflict is resolved by the conversation that made the change', async () => {
    const task = (id: string): Task => ({
      work: [read('auth.ts'), write('auth.ts', `export const auth = '${id}';\n`), commit(`auth of ${id}`)],
      resolve: [run('git diff'), read('auth.ts'), write('auth.ts', "export const auth = ['a', 'b'];\n")],
    });
    answerTasks(bench, { a: task('a'), b: task('b') });
    const { group: made, all } = await group(['a', 'b'], {
      integrate: { mode: 'merge', onConflict: 'resolve' },
      verify: { commands: ["! grep -n '<<<<<<<' auth.ts"] },
    });
    expect((await made.run()).status).toBe('completed');
    const [{ sessionId: author = '', with: others = [] } = {}, ...more] = all('session_conflict');
    expect([[author, ...others].sort(), more]).toEqual([['a', 'b'], []]);
    const told = bench.api.mainRequests.filter(endsInConflict);
    expect(told.map(sessionOf)).toEqual([author]);
    const [request] = told;
    expect(request && lastUserText(request.body)).toContain(`conflict with ${others[0]} in auth.ts`);
    expect(request && conversationText(request.body)).toContain(`task-${author}: do it`);
    expect(conversationsOf(author)).toEqual([
      all('session_started').find(({ sessionId }) => sessionId === author)?.agentSessionId,
    ]);
    // Not the answer to its Read: a resumed client of 2.1.197 says of any file that it is as it was when last read.
    expect(said(author).at(-3), 'what it is shown').toMatch(/<<<<<<<.*'[ab]'.*>>>>>>>/);
    const merged = `session-groups/${made.id}/_merged`;
    expect(repo.git('show', `${merged}:auth.ts`)).toBe("export const auth = ['a', 'b'];\n");
    for (const id of ['a', 'b'])
      repo.git('merge-base', '--is-ancestor', `session-groups/${made.id}/${id}`, merged);
    expect(repo.git('show', 'main:auth.ts')).toBe('export const auth = false;\n');
  });

  it('cannot leave their tree, nor use the stash that all trees share', async () => {
    const agent = (more: object) => () =>
      toolUse('Agent', { description: 'd', prompt: 'apart', subagent_type: 'general-purpose', ...more });
    const stashes = ['git stash', 'git stash list', 'true && git stash pop', 'git -C . stash'];
    const work = [
      () => toolUse('EnterWorktree', { name: 'elsewhere' }),
      agent({ isolation: 'worktree' }),
      ...[...stashes, 'git -C . stash push'].map(run),
      agent({}),
      write('a.ts', 'a\n'),
      run('git -C . status --short'),
    ];
    answerTasks(bench, { a: { work } });
    const { group: made } = await group(['a'], {
      permissions: { allow: [...ALLOWED, 'Bash(true)', 'Agent', 'EnterWorktree'] },
    });
    expect(await made.run()).toMatchObject({
      status: 'completed',
      sessions: { a: { changedFiles: ['a.ts'] } },
    });
    const offered = of('a').flatMap(({ body }) => body.tools?.map(({ name }) => name) ?? []);
    expect(offered).toContain('Bash');
    expect(offered).not.toContain('EnterWorktree');
    const [entered, isolated, ...rest] = said('a');
    expect(entered).toContain('No such tool available: EnterWorktree');
    expect(isolated).toContain('denied');
    expect(rest.slice(0, stashes.length + 1).filter(words => !words.includes('denied'))).toEqual([]);
    expect(rest.at(-1), 'other commands of git are not').toContain('?? a.ts');
    expect(repo.git('worktree', 'list')).not.toContain('.claude');
    expect(existsSync(join(repo.path, '.claude'))).toBe(false);
  });
});
