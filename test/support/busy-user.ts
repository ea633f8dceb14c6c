import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Repository } from './repository.ts';

/** What a user does all the time. Each has to succeed. */
const COMMANDS = [
  ['status', '--porcelain'],
  ['fetch', '-q', '--prune', 'origin'],
  ['pack-refs', '--all'],
  ['branch', '-f', 'mine', 'HEAD'],
  ['checkout', '-q', 'other'],
  ['checkout', '-q', 'main'],
  ['gc', '-q'],
  ['worktree', 'list'],
] as const;

/** Fills a repository with files, branches and an origin beside it, for a busy user. */
export function fillForUser(repo: Repository): void {
  for (let file = 0; file < 300; file += 1)
    repo.write(`src/${file % 10}/${file}.txt`, `${file}\n`.repeat(20));
  repo.commit('first');
  repo.git('branch', 'other');
  const origin = join(repo.path, '..', 'origin.git');
  repo.git('clone', '-q', '--bare', '.', origin);
  repo.git('remote', 'add', 'origin', origin);
}

/** Works in the repository until it is told to end; each command at least once. @returns what has failed. */
export async function busyUser(repo: Repository, until: AbortSignal): Promise<string[]> {
  const failures: string[] = [];
  for (let runs = 0; !until.aborted || runs < COMMANDS.length; runs += 1) {
    const args = COMMANDS[runs % COMMANDS.length] ?? [];
    const git = spawn('git', ['-C', repo.path, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    git.stderr.on('data', chunk => {
      errors += chunk;
    });
    const [code] = await once(git, 'close');
    if (code !== 0) failures.push(`${args.join(' ')}: ${errors}`);
  }
  return failures;
}
