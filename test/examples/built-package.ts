import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * A project that has this package in its `node_modules`, compiled from the sources as they are, and the
 * examples beside it. It lies in the repository, so that the package's dependencies are found.
 */
export function projectWithPackage(): string {
  const cache = join(ROOT, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const project = mkdtempSync(join(cache, 'session-groups-host-'));
  writeFileSync(join(project, 'package.json'), '{ "name": "host", "private": true, "type": "module" }\n');
  const installed = join(project, 'node_modules', 'session-groups');
  mkdirSync(installed, { recursive: true });
  for (const name of ['package.json', 'schema.json', 'templates']) {
    cpSync(join(ROOT, name), join(installed, name), { recursive: true });
  }
  const options = ['-p', 'tsconfig.build.json', '--noCheck', '--outDir', join(installed, 'dist')];
  execFileSync(join(ROOT, 'node_modules', '.bin', 'tsc'), options, { cwd: ROOT, stdio: 'inherit' });
  cpSync(join(ROOT, 'examples'), join(project, 'examples'), { recursive: true });
  return project;
}
