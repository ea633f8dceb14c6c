#!/usr/bin/env node
// Prints the path of a real Claude Code client for the tests, installing one if there is none:
//   1. SESSION_GROUPS_CLAUDE, whatever its version (another one than the tests know draws a warning);
//   2. `claude` on PATH, if it is exactly the version below;
//   3. that version from npm, in ${XDG_CACHE_HOME:-~/.cache}/session-groups/ (about 360 MB, once).
// Without one it fails: a test run that says "passed" without the real client would be a lie.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Pinned: the package declares Node 22, and npm on Node 20 would silently take an older one. */
const VERSION = '2.1.330';
const PACKAGE = '@anthropic-ai/claude-code';

console.log(ensureClaude());

function ensureClaude() {
  const named = process.env.SESSION_GROUPS_CLAUDE;
  if (named) {
    const version = versionOf(named);
    if (!version) fail(`SESSION_GROUPS_CLAUDE is ${named}, which is not a Claude Code that runs.`);
    if (version !== VERSION) console.error(`note: ${named} is ${version}; the tests know ${VERSION}`);
    return named;
  }
  const onPath = (process.env.PATH ?? '').split(delimiter).map(folder => join(folder, 'claude'));
  return onPath.find(path => existsSync(path) && versionOf(path) === VERSION) ?? cached();
}

function cached() {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'session-groups');
  const folder = join(cache, `claude-${VERSION}`);
  const path = join(folder, 'node_modules/.bin/claude');
  if (versionOf(path) === VERSION) return path;
  mkdirSync(cache, { recursive: true });
  // Aside first, so that a broken download or a second run at the same time leaves nothing half done.
  const aside = mkdtempSync(join(cache, 'installing-'));
  try {
    install(aside);
    rmSync(folder, { recursive: true, force: true });
    renameSync(aside, folder);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  if (versionOf(path) !== VERSION) fail(`${PACKAGE}@${VERSION} was installed in ${folder} but does not run.`);
  return path;
}

function install(folder) {
  console.error(`installing ${PACKAGE}@${VERSION} …`);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const options = ['--no-audit', '--no-fund', '--save-exact', '--loglevel=error'];
  const npm = spawnSync('npm', ['install', ...options, `${PACKAGE}@${VERSION}`], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
  });
  if (npm.error || npm.status !== 0) fail(`npm could not install ${PACKAGE}@${VERSION}.`);
  // Where npm is set up not to run install scripts, the package's own one is still to be run.
  const bin = join(folder, 'node_modules/.bin/claude');
  const script = join(folder, 'node_modules', PACKAGE, 'install.cjs');
  if (versionOf(bin) !== VERSION && existsSync(script)) {
    spawnSync(process.execPath, [script], { cwd: join(script, '..'), stdio: ['ignore', 2, 2] });
  }
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
