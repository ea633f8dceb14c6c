import { spawnSync } from 'node:child_process';
import { chmodSync, statSync } from 'node:fs';
import { expect } from 'vitest';

/**
 * Makes a file or folder read-only until the returned function is called. Permissions do not apply to root: then it uses
 * the immutable attribute, and a file system without one fails the test.
 */
export function makeReadOnly(path: string): () => void {
  if (process.getuid?.() !== 0) {
    const { mode } = statSync(path);
    chmodSync(path, mode & 0o555);
    return () => chmodSync(path, mode);
  }
  expect(spawnSync('chattr', ['+i', path]), 'chattr +i as root').toMatchObject({ status: 0 });
  return () => void spawnSync('chattr', ['-i', path]);
}
