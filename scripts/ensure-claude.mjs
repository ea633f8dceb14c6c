#!/usr/bin/env node
// Prints the path of a real Claude Code client for the tests, installing one if there is none:
//   1. SESSION_GROUPS_CLAUDE, whatever its version (any other than the pinned one prints a warning);
//   2. `claude` on PATH, if it is exactly the version below;
//   3. that version from npm, in ${XDG_CACHE_HOME:-~/.cache}/session-groups/ (about 360 MB, once).
// Fails without one: a run that says "passed" without the real client would be misleading.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cachedPackage } from './cached-package.mjs';

/** Pinned: the package declares Node 22, and npm on Node 20 would silently take an older one. */
const VERSION = '2.1.330';
const PACKAGE = '@anthropic-ai/claude-code';

console.log(ensureClaude());

function ensureClaude() {
  const named = process.env.SESSION_GROUPS_CLAUDE;
  if (named) {
    const version = versionOf(named);
    if (!version) fail(`SESSION_GROUPS_CLAUDE is ${named}, which is not a working Claude Code client.`);
    if (version !== VERSION)
      console.error(`note: ${named} is version ${version}; the tests are pinned to ${VERSION}`);
    return named;
  }
  const onPath = (process.env.PATH ?? '').split(delimiter).map(folder => join(folder, 'claude'));
  return onPath.find(path => existsSync(path) && versionOf(path) === VERSION) ?? cached();
}

function cached() {
  const inside = folder => join(folder, 'node_modules/.bin/claude');
  const works = folder => versionOf(inside(folder)) === VERSION;
  const folder = cachedPackage({
    name: PACKAGE,
    version: VERSION,
    folder: 'claude',
    works,
    // If npm is configured to skip install scripts, the package's own one still has to run.
    finish(aside) {
      const script = join(aside, 'node_modules', PACKAGE, 'install.cjs');
      if (!works(aside) && existsSync(script)) {
        spawnSync(process.execPath, [script], { cwd: join(script, '..'), stdio: ['ignore', 2, 2] });
      }
    },
  });
  return folder === undefined ? fail(`${PACKAGE}@${VERSION} could not be installed.`) : inside(folder);
}

function versionOf(path) {
  const asked = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 30_000 });
  return /^(\d+\.\d+\.\d+)/.exec(asked.stdout ?? '')?.[1];
}

function fail(reason) {
  console.error(`${reason}
The tests in test/claude need a real Claude Code ${VERSION}: let npm reach its registry, or set
SESSION_GROUPS_CLAUDE to the path of one. They are not skipped.`);
  process.exit(1);
}
