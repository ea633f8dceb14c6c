#!/usr/bin/env node
// Creates a folder to run this example in: `node setup.mjs [FOLDER]`, by default a new temporary folder.
// Each project becomes its own git repository, next to a folder `group` with the three definitions,
// and their template.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));

/** Fills the folder, which must be new or empty, and gives its path. */
export function setUp(folder = mkdtempSync(join(tmpdir(), 'session-groups-example-'))) {
  if (existsSync(folder) && readdirSync(folder).length > 0) throw new Error(`${folder} is not empty`);
  mkdirSync(join(folder, 'group'), { recursive: true });
  for (const name of ['session-groups.yaml', 'demo.yaml', 'audit.yaml', 'templates'])
    cpSync(join(here, name), join(folder, 'group', name), { recursive: true });
  for (const name of readdirSync(join(here, 'projects'))) {
    const project = join(folder, name);
    cpSync(join(here, 'projects', name), project, { recursive: true });
    makeRepository(project);
  }
  return folder;
}

function makeRepository(project) {
  const author = ['-c', 'user.name=Example', '-c', 'user.email=example@example.invalid'];
  for (const args of [
    ['init', '-q', '-b', 'main'],
    ['add', '-A'],
    ['commit', '-q', '-m', 'Start'],
  ]) {
    const done = spawnSync('git', [...author, '-c', 'commit.gpgsign=false', ...args], {
      cwd: project,
      encoding: 'utf8',
    });
    if (done.error?.code === 'ENOENT') throw new Error('the example needs git');
    if (done.status !== 0)
      throw new Error(`git ${args[0]} failed in ${project}: ${done.error ?? done.stderr}`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [named] = process.argv.slice(2);
  const folder = setUp(named === undefined ? undefined : resolve(named));
  console.log(folder);
  console.error(
    `\nCreated three repositories. Next:\n  cd ${join(folder, 'group')}\n  session-groups plan session-groups.yaml`,
  );
}
