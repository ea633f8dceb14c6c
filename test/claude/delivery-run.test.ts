import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { GroupEvent } from '../../src/sdk/group/journal/events.ts';
import { isEvent } from '../../src/sdk/group/journal/records.ts';
import { deferred } from '../../src/sdk/process/deferred.ts';
import { createFileStore } from '../../src/store/file-store.ts';
import { builtCli, type Running, startCli } from '../cli/built-cli.ts';
import { claudeExecutable, claudeVersion } from '../support/claude-bench.ts';
import {
  ALLOWED,
  answerTasks,
  commit,
  conversationOf,
  endsInConflict,
  read,
  sessionOf,
  type Task,
  write,
} from '../support/delivering-clients.ts';
import { agentProcesses, type GroupBench, groupBench } from '../support/group-bench.ts';
import { filesIn, fillRepository } from '../support/kills/workspace-world.ts';
import { silence } from '../support/messages-api/answers.ts';
import { lastUserText } from '../support/messages-api/request.ts';
import type { Repository } from '../support/repository.ts';

/*
 * A whole delivery with real clients, and what comes of it, printed:
 *
 *   npm run test:claude -- test/claude/delivery-run.test.ts
 *
 * Three sessions work in one repository at once, two of them in conflict; a fourth depends on both, in another one. The
 * engine is killed while three clients are in the middle of their work, and while it checks what it has merged.
 */

const SHARED = 'shared.ts';
const overwrite = (content: string) => [read(SHARED), write(SHARED, content)];
const conflicting = (id: string): Task => ({
  work: [...overwrite(`export const by = '${id}';\n`), commit(`${id}, by its agent`)],
  resolve: overwrite("export const by = ['one', 'two'];\n"),
});
const TASKS: Readonly<Record<string, Task>> = {
  one: conflicting('one'),
  two: conflicting('two'),
  three: { work: [write('three.ts', 'export {};\n'), commit('three, by its agent')] },
  client: { work: [write('client.ts', 'export {};\n'), commit('client, by its agent')] },
};
const AT_ONCE = ['one', 'two', 'three'];

let bench: GroupBench;
let api: Repository;
let lib: Repository;
const running: Running[] = [];
beforeEach(async () => {
  builtCli();
  bench = await groupBench();
  api = fillRepository(join(bench.folder, 'api'));
  lib = fillRepository(join(bench.folder, 'lib'));
});
afterEach(async () => {
  for (const { process, ended } of running.splice(0)) {
    process.kill('SIGKILL');
    await ended;
  }
  expect(bench.api.failures).toEqual([]);
  await bench.close();
});

const data = () => join(bench.folder, 'data');
/** While it is there, the check of a tree that has the work of `three` and of another one does not end. */
const held = () => join(bench.folder, 'held');

function definition(): object {
  const merged = `[ -e three.ts ] && ! grep -q 'at first' ${SHARED}`;
  return {
    version: 1,
    name: 'delivery',
    config: {
      model: 'sonnet',
      permissions: { allow: ALLOWED },
      workspace: { mode: 'worktree', include: ['.env'], setup: ['test -e .env'] },
      verify: {
        commands: [
          `while [ -e '${held()}' ] && ${merged}; do sleep 0.05; done`,
          `! grep -n '<<<<<<<' ${SHARED}`,
        ],
      },
      integrate: { mode: 'merge', onConflict: 'resolve' },
    },
    sessions: [
      ...AT_ONCE.map(id => ({ id, projectPath: api.path, prompt: `task-${id}: do it` })),
      {
        ...{ id: 'client', projectPath: lib.path, dependsOn: ['one', 'two'] },
        prompt: "task-client: use {{ sessions['one'].result }} and {{ sessions['two'].result }}",
      },
    ],
  };
}

function engine(...argv: string[]): Running {
  const cli = startCli([...argv, '--json'], bench.folder, {
    ...bench.env,
    SESSION_GROUPS_CLAUDE: claudeExecutable(),
    SESSION_GROUPS_DATA_DIR: data(),
    SESSION_GROUPS_WORK_DIR: join(bench.folder, 'work'),
  });
  running.push(cli);
  return cli;
}

async function killed(cli: Running, groupId: string): Promise<void> {
  cli.process.kill('SIGKILL');
  expect(await cli.ended).toBe(137);
  await vi.waitFor(() => expect(agentProcesses(groupId)).toEqual([]), { timeout: 60_000, interval: 20 });
}

const eventsOf = async (id: string): Promise<GroupEvent[]> =>
  (await createFileStore({ dataDir: data() }).read(id)).records.filter(isEvent);

/** All that is the user's. The index is read before git may refresh it. */
function usersOf(repo: Repository): object {
  const { git, path } = repo;
  const inside = (name: string) => readFileSync(join(path, '.git', name), 'latin1');
  return {
    ...{ index: inside('index'), head: inside('HEAD'), config: inside('config') },
    hooks: readdirSync(join(path, '.git', 'hooks')),
    refs: usersRefs(repo),
    ...{
      files: filesIn(path),
      status: git('status', '--porcelain', '--branch'),
      stash: git('stash', 'list'),
    },
  };
}
const usersRefs = ({ git, path }: Repository): string[] =>
  git('for-each-ref', `--format=${basename(path)} %(refname) %(objectname:short)`)
    .trim()
    .split('\n')
    .filter(ref => !/ refs\/(heads\/)?session-groups\//.test(ref));

/** What the agents do and say, which is in the conversations. */
const AGENTS = /^(tool_|session_(progress|message|output))/;
function wordsOf({ seq, time, type, groupId: _, ...event }: GroupEvent): string {
  const words = Object.entries(event).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return `${seq} ${time.slice(11, 19)} ${type} ${words.join(' ')}`.replaceAll(bench.folder, '').slice(0, 200);
}

it('a group delivers although its engine is killed twice: checked, resolved by the author, merged in order', {
  timeout: 400_000,
}, async () => {
  const allHeld = deferred<void>();
  const holding = new Set<string>();
  let isKilled = false;
  answerTasks(bench, TASKS, (id, call, request) => {
    const last = (TASKS[id]?.work.length ?? 0) - 1;
    if (isKilled || call < last || endsInConflict(request)) return undefined;
    if (holding.add(id).size === AT_ONCE.length) allHeld.resolve();
    return silence();
  });
  const file = join(bench.folder, 'group.json');
  writeFileSync(file, JSON.stringify(definition()));
  writeFileSync(held(), '');
  const before = { api: usersOf(api), lib: usersOf(lib) };
  const refs = () => [...usersRefs(api), ...usersRefs(lib)].join('\n');
  const refsBefore = refs();
  /** How many events there were at each. */
  const kills: number[] = [];

  const first = engine('run', file);
  await allHeld.promise;
  const [id = ''] = readdirSync(join(data(), 'groups'));
  await killed(first, id);
  kills.push((await eventsOf(id)).length);
  isKilled = true;

  const second = engine('group', 'resume', id);
  const merges = (event: GroupEvent) => event.type === 'session_verifying' && event.merged === true;
  await vi.waitFor(async () => expect((await eventsOf(id)).some(merges), second.err()).toBe(true), {
    ...{ timeout: 120_000, interval: 20 },
  });
  await killed(second, id);
  kills.push((await eventsOf(id)).length);
  rmSync(held());

  const third = engine('group', 'resume', id);
  expect(await third.ended, `${third.out()}${third.err()}`).toBe(0);

  const events = await eventsOf(id);
  const of = <T extends GroupEvent['type']>(type: T) =>
    events.filter((event): event is Extract<GroupEvent, { type: T }> => event.type === type);
  const ids = Object.keys(TASKS);
  const sessions = (type: 'session_completed' | 'session_integrated') =>
    of(type).map(event => event.sessionId);
  expect(sessions('session_completed').sort()).toEqual([...ids].sort());
  expect(sessions('session_integrated').sort()).toEqual([...ids].sort());
  expect(sessions('session_integrated').at(-1), 'after both that it depends on').toBe('client');

  // The conflict, by the author's own conversation; and each session has had one.
  const [{ sessionId: author = '' } = {}, ...more] = of('session_conflict');
  expect(more).toEqual([]);
  const asked = bench.api.mainRequests;
  const told = asked.filter(endsInConflict);
  expect([...new Set(told.map(sessionOf))]).toEqual([author]);
  expect(lastUserText(told[0]?.body ?? { model: '', messages: [] })).toContain(` in ${SHARED}`);
  for (const session of ids) {
    const conversations = asked.filter(request => sessionOf(request) === session).map(conversationOf);
    const [started] = of('session_started').filter(({ sessionId }) => sessionId === session);
    expect([session, ...new Set(conversations)]).toEqual([session, started?.agentSessionId]);
  }

  // What was merged, and nothing else.
  const own = `session-groups/${id}`;
  for (const session of AT_ONCE)
    api.git('merge-base', '--is-ancestor', `${own}/${session}`, `${own}/_merged`);
  lib.git('merge-base', '--is-ancestor', `${own}/client`, `${own}/_merged`);
  expect(api.git('show', `${own}/_merged:${SHARED}`)).toBe("export const by = ['one', 'two'];\n");
  expect(api.git('ls-tree', '-r', '--name-only', `${own}/_merged`)).not.toContain('.env');
  expect({ api: usersOf(api), lib: usersOf(lib) }).toEqual(before);
  for (const { git } of [api, lib]) {
    expect(git('worktree', 'list').trim().split('\n')).toHaveLength(1);
    expect(git('fsck', '--no-dangling')).toBe('');
  }
  expect(agentProcesses(id)).toEqual([]);

  const lines = events.flatMap((event, at) => [
    ...(kills.includes(at) ? ['--- the engine is killed ---'] : []),
    ...(AGENTS.test(event.type) ? [] : [wordsOf(event)]),
  ]);
  const graph = ({ git }: Repository) => git('log', '--graph', '--format=%h %an: %s', `${own}/_merged`);
  const status = ({ git }: Repository) => git('status', '--short', '--branch');
  process.stdout.write(`Claude Code ${claudeVersion()}
${lines.join('\n')}

api$ git log --graph ${own}/_merged\n${graph(api)}
lib$ git log --graph ${own}/_merged\n${graph(lib)}
refs of the user before\n${refsBefore}\nand after\n${refs()}

api$ git status, as before\n${status(api)}
lib$ git status, as before\n${status(lib)}`);
});
