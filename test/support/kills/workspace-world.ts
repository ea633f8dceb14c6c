import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Repository, repository } from '../repository.ts';
import type { World } from './matrix.ts';

const REPOSITORIES = ['lib', 'api'];

/** The git layer, with an engine in small. */
export const workspaceWorld: World<End> = {
  life: 'test/support/kills/workspace-life.ts',
  group: '20260101-093000-kills',
  fill(folder) {
    mkdirSync(join(folder, 'home'));
    for (const name of REPOSITORIES) fillRepository(join(folder, name));
  },
  endOf,
};

/** What must be the same however often the engine died. */
interface End {
  readonly [repository: string]: {
    readonly refs: string;
    readonly status: string;
    readonly files: Readonly<Record<string, string>>;
    readonly trees: string;
    readonly left: readonly string[];
    readonly damage: string;
  };
}

function endOf(place: string): End {
  return Object.fromEntries(
    REPOSITORIES.map(name => {
      const path = join(place, name);
      const git = (...args: string[]) => spawnSync('git', ['-C', path, ...args], { encoding: 'utf8' });
      const refs = git('for-each-ref', '--format=%(refname) %(objectname)').stdout;
      const end = {
        // Checkpoints are taken whenever an engine takes over.
        refs: refs.replaceAll(/^refs\/session-groups\/.*\n/gm, ''),
        status: git('status', '--porcelain', '--branch').stdout,
        files: filesIn(path),
        trees: git('worktree', 'list').stdout.replaceAll(place, '').replaceAll(/ +/g, ' '),
        left: [
          ...readdirSync(join(path, '.git'), { recursive: true, encoding: 'utf8' }).filter(
            file => /[.]lock$|session-groups$/.test(file) && !file.includes('refs'),
          ),
          ...readdirSync(join(place, 'work', '.trash')),
        ],
        damage: git('fsck', '--no-dangling').stderr,
      };
      return [name, end];
    }),
  );
}

/** Files at the top, by name. */
export function filesIn(path: string): Record<string, string> {
  const names = readdirSync(path).filter(name => name !== '.git');
  return Object.fromEntries(names.map(name => [name, readFileSync(join(path, name), 'utf8')]));
}

/** A repository whose user has changes of every kind, which are the user's alone. */
export function fillRepository(path: string): Repository {
  const repo = repository(path);
  const date = '2026-01-01T00:00:00Z';
  process.env.GIT_AUTHOR_DATE = date;
  process.env.GIT_COMMITTER_DATE = date;
  try {
    for (const name of ['shared.ts', 'lib.ts', 'user.ts', 'staged.ts'])
      repo.write(name, `${name} at first\n`);
    repo.write('.gitignore', '.env\nbuild/\n');
    repo.commit('first');
    repo.git('branch', 'release');
  } finally {
    delete process.env.GIT_AUTHOR_DATE;
    delete process.env.GIT_COMMITTER_DATE;
  }
  repo.write('.env', 'SECRET=1\n');
  repo.write('notes.txt', 'untracked\n');
  repo.write('user.ts', 'changed by the user\n');
  repo.write('staged.ts', 'staged by the user\n');
  repo.git('add', 'staged.ts');
  return repo;
}
