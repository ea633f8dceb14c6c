import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { foldJournal } from '../../../src/sdk/group/journal/fold.ts';
import type { JournalRecord } from '../../../src/sdk/group/journal/records.ts';
import type { SessionGroupInput } from '../../../src/sdk/group/types.ts';
import { findMarked } from '../../../src/sdk/process/process.ts';
import { createFileStore } from '../../../src/store/file-store.ts';
import { type Repository, repositoryAt } from '../repository.ts';
import type { World } from './matrix.ts';
import { filesIn, fillRepository } from './workspace-world.ts';

/** The time at which the group is created. */
export const START = Date.UTC(2026, 0, 1, 9, 30);
/** In each folder: the name of its group, so that several of them can be killed beside each other. */
const NAME = 'name';
const idOf = (name: string): string => `20260101-093000-${name}`;
const nameIn = (folder: string): string => readFileSync(join(folder, NAME), 'utf8');
/** From the top of this repository. */
const AGENT = 'test/fixtures/programs/logging-agent.sh';

/** What each agent does in its tree; it may do it twice, and each time from anywhere. */
const WORK = {
  one: `${conflicting('one')}
    [ -e one.ts ] || { echo one > one.ts; git add one.ts; git commit -qm 'one, by its agent' -- one.ts; }`,
  two: `${conflicting('two')}; echo two > two.ts`,
  // Its checks are red at first.
  three: 'if [ -e three.ts ]; then echo mended > three.ts; else echo broken > three.ts; fi',
  // It may take its secrets out of the ignored files.
  client: "echo client > client.ts; echo 'build/' > .gitignore",
};
type Id = keyof typeof WORK;
const IDS: readonly Id[] = ['one', 'two', 'three', 'client'];
const projectOf = (id: Id): string => (id === 'client' ? 'lib' : 'api');

/** Writes a file that another writes as well, or resolves it. */
function conflicting(word: string): string {
  return `if grep -q '<<<<<<<' shared.ts; then echo 'one and two' > shared.ts;
    elif ! grep -q ' and ' shared.ts; then echo ${word} > shared.ts; fi`;
}

/** Three sessions in one repository at once, two of them in conflict, and one in another repository that depends on both. */
export const definitionOf = (folder: string): SessionGroupInput => ({
  version: 1,
  name: nameIn(folder),
  config: {
    retry: { initialInterval: '10ms' },
    workspace: { mode: 'worktree', include: ['.env'], setup: ['mkdir -p build; echo ready > build/setup'] },
    verify: { commands: ['test -e build/setup', "! grep -rqs -e broken -e '<<<<<<<' three.ts shared.ts"] },
    integrate: { mode: 'merge', onConflict: 'resolve', into: 'main' },
  },
  sessions: IDS.map(id => ({
    ...{ id, projectPath: join(folder, projectOf(id)), prompt: 'go' },
    dependsOn: id === 'client' ? ['one', 'two'] : [],
    agent: {
      kind: 'command',
      command: ['sh', join(folder, 'agent.sh'), join(folder, 'agents.log'), id, 'work', WORK[id]],
    },
  })),
});

/**
 * The whole engine: agents, checks, merges, a conflict and the delivery.
 * @param name of the group: small letters, digits and hyphens; another one for each world of this machine.
 */
export const groupWorld = (name: string): World<End> => ({
  life: 'test/support/kills/group-life.ts',
  group: idOf(name),
  fill(folder) {
    writeFileSync(join(folder, NAME), name);
    mkdirSync(join(folder, 'home'));
    cpSync(AGENT, join(folder, 'agent.sh'));
    fillRepository(join(folder, 'api'));
    // Its user is on another branch, so that nothing of what is in front of them has to change.
    const lib = fillRepository(join(folder, 'lib'));
    lib.git('branch', 'work');
    lib.git('symbolic-ref', 'HEAD', 'refs/heads/work');
    cpSync(indexOf(lib), join(folder, 'index'));
  },
  endOf,
});

/** What must be the same however often the engine died. */
interface End {
  readonly status: string;
  readonly sessions: Readonly<Record<string, object>>;
  readonly repositories: Readonly<Record<string, object>>;
}

async function endOf(folder: string): Promise<End> {
  const group = idOf(nameIn(folder));
  const { records } = await createFileStore({ dataDir: join(folder, 'data') }).read(group);
  const fold = foldJournal(records);
  expectAttempts(records, readFileSync(join(folder, 'agents.log'), 'utf8').split('\n'));
  const lib = repositoryAt(join(folder, 'lib'));
  if (!readFileSync(indexOf(lib)).equals(readFileSync(join(folder, 'index'))))
    throw new Error("the user's index was written");
  const processes = findMarked(marker => marker.startsWith(`${group}:`));
  if (processes.length > 0) throw new Error(`processes are left: ${processes.map(commandOf).join('; ')}`);
  return {
    status: fold.status,
    sessions: Object.fromEntries([...fold.sessions].map(([id, { status, left }]) => [id, { status, left }])),
    repositories: {
      api: repositoryIn(folder, 'api', group, ['one', 'two', 'three']),
      lib: repositoryIn(folder, 'lib', group, ['client']),
    },
  };
}

function commandOf(pid: number): string {
  return `${pid} ${spawnSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim()}`;
}

/** I1 and I10, by the agents' own log; and nothing is counted that was not begun. */
function expectAttempts(records: readonly JournalRecord[], log: readonly string[]): void {
  const overlap = log.find(line => line.startsWith('overlap'));
  if (overlap !== undefined) throw new Error(`two agents of one session at once: ${overlap}`);
  const { sessions } = foldJournal(records);
  for (const id of IDS) {
    const starts = log.filter(line => line.startsWith(`start ${id} `)).length;
    const journalled = records.filter(
      record =>
        (record.type === 'session_started' || record.type === 'session_resumed') && record.sessionId === id,
    ).length;
    const { attempts } = sessions.get(id) ?? {};
    if (starts > journalled || attempts !== journalled)
      throw new Error(`${id} began ${starts} times, by the journal ${journalled}, and counts ${attempts}`);
  }
}

function repositoryIn(folder: string, name: string, group: string, sessions: readonly string[]): object {
  const { git, path } = repositoryAt(join(folder, name));
  const own = `refs/heads/session-groups/${group}`;
  for (const id of sessions) git('merge-base', '--is-ancestor', `${own}/${id}`, `${own}/_merged`);
  git('merge-base', '--is-ancestor', `${own}/_merged`, 'main');
  const refs = git('for-each-ref', '--format=%(refname) %(objectname)').split('\n');
  return {
    // Commits have other parents when others merge first; what they contain is the same.
    merged: git('ls-tree', '-r', `${own}/_merged`),
    main: git('ls-tree', '-r', 'main'),
    users: refs.filter(ref => !/^refs\/(heads\/)?session-groups\/|^refs\/heads\/main /.test(ref)),
    entries: git('ls-files', '-s'),
    status: git('status', '--porcelain', '--branch'),
    files: filesIn(path),
    trees: git('worktree', 'list').trim().split('\n').length,
    left: [
      ...readdirSync(join(path, '.git'), { recursive: true, encoding: 'utf8' }).filter(file =>
        file.endsWith('.lock'),
      ),
      ...readdirSync(join(folder, 'work', '.trash')),
      ...readdirSync(join(folder, 'work')).filter(entry => !entry.startsWith('.')),
    ],
    damage: git('fsck', '--no-dangling'),
  };
}

const indexOf = ({ path }: Repository): string => join(path, '.git', 'index');
