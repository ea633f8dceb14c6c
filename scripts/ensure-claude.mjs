#!/usr/bin/env node
// Prints the path of a real Claude Code client for the tests, installing one if there is none:
//   1. SESSION_GROUPS_CLAUDE, whatever its version;
//   2. `claude` on PATH, if it is exactly the wanted version;
//   3. that version from npm, in ${XDG_CACHE_HOME:-~/.cache}/session-groups/ (about 360 MB, once).
// Wanted is CLAUDE_VERSION: a version such as 2.1.197, or `newest`, the newest that the registry gives; without it, the last
// known good one. With `--version` it prints only the wanted version. Stderr says which client is used.
// Fails without a client: a run that says "passed" without the real one would be misleading.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cachedPackage } from './cached-package.mjs';

/**
 * The newest version with which every test has passed. It decides in CI; a newer one is only reported. Always named in
 * full: the package declares Node 22, and npm on Node 20 would silently take an older one.
 */
const LAST_KNOWN_GOOD = '2.1.332';
const PACKAGE = '@anthropic-ai/claude-code';

const wanted = wantedVersion(process.env.CLAUDE_VERSION || LAST_KNOWN_GOOD);
console.log(process.argv[2] === '--version' ? wanted : ensureClaude());

function wantedVersion(word) {
  if (word !== 'newest')
    return isVersion(word) ? word : fail(`CLAUDE_VERSION is ${word}, which is no version.`);
  const options = { encoding: 'utf8', timeout: 60_000, stdio: ['ignore', 'pipe', 'ignore'] };
  const newest = spawnSync('npm', ['view', PACKAGE, 'version'], options).stdout?.trim();
  if (isVersion(newest)) return newest;
  console.error(`note: the registry does not say which version is the newest; taking ${LAST_KNOWN_GOOD}.`);
  return LAST_KNOWN_GOOD;
}

function ensureClaude() {
  const named = process.env.SESSION_GROUPS_CLAUDE;
  const path = named || onPath() || cached();
  const version = versionOf(path);
  if (!version) fail(`SESSION_GROUPS_CLAUDE is ${path}, which is not a working Claude Code client.`);
  console.error(`Claude Code ${version}: ${path}`);
  return path;
}

function onPath() {
  const paths = (process.env.PATH ?? '').split(delimiter).map(folder => join(folder, 'claude'));
  return paths.find(path => existsSync(path) && versionOf(path) === wanted);
}

function cached() {
  const inside = folder => join(folder, 'node_modules/.bin/claude');
  const works = folder => versionOf(inside(folder)) === wanted;
  const folder = cachedPackage({
    name: PACKAGE,
    version: wanted,
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
  return folder === undefined ? fail(`${PACKAGE}@${wanted} could not be installed.`) : inside(folder);
}

function versionOf(path) {
  const asked = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 30_000 });
  return /^(\d+\.\d+\.\d+)/.exec(asked.stdout ?? '')?.[1];
}

function isVersion(word) {
  return /^\d+\.\d+\.\d+$/.test(word ?? '');
}

function fail(reason) {
  console.error(`${reason}
The tests in test/claude need a real Claude Code: let npm reach its registry, or set SESSION_GROUPS_CLAUDE to the path of
one. They are not skipped.`);
  process.exit(1);
}
