import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Repository {
  readonly path: string;
  git(...args: string[]): string;
  /** Creates parent folders. */
  write(file: string, content: string | Buffer): void;
  commit(message?: string): void;
}

/** An empty git repository in a new folder, for tests that change it. */
export function repository(path: string, ...options: string[]): Repository {
  mkdirSync(path, { recursive: true });
  const made = repositoryAt(path);
  made.git('init', '-q', '-b', 'main', ...options);
  made.git('config', 'user.name', 'Tester');
  made.git('config', 'user.email', 'tester@example.com');
  return made;
}

/** A working tree that exists, or will. */
export function repositoryAt(path: string, ...options: string[]): Repository {
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', path, ...options, ...args], { stdio: 'pipe' }).toString();
  return {
    path,
    git,
    write(file, content) {
      mkdirSync(dirname(join(path, file)), { recursive: true });
      writeFileSync(join(path, file), content);
    },
    commit(message = 'work') {
      git('add', '-A');
      git('commit', '-q', '--allow-empty', '-m', message);
    },
  };
}
