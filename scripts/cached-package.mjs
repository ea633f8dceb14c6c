// Installs one version of an npm package once, into a folder of its own in ${XDG_CACHE_HOME:-~/.cache}/session-groups/.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * @param works whether the package in a folder runs; called before and after the installation.
 * @param finish completes the installation in a folder if npm alone does not.
 * @returns the folder; undefined if the package could not be installed.
 */
export function cachedPackage({ name, version, folder: called, works, finish = () => {} }) {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'session-groups');
  const folder = join(cache, `${called}-${version}`);
  if (works(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  // Installed aside first, so that a broken download or a concurrent run never leaves a partial folder.
  const aside = mkdtempSync(join(cache, 'installing-'));
  try {
    console.error(`installing ${name}@${version} …`);
    writeFileSync(join(aside, 'package.json'), '{ "private": true }\n');
    const options = ['--no-audit', '--no-fund', '--save-exact', '--loglevel=error'];
    const npm = spawnSync('npm', ['install', ...options, `${name}@${version}`], {
      cwd: aside,
      stdio: ['ignore', 2, 2],
    });
    if (npm.error || npm.status !== 0) return undefined;
    finish(aside);
    rmSync(folder, { recursive: true, force: true });
    renameSync(aside, folder);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return works(folder) ? folder : undefined;
}
