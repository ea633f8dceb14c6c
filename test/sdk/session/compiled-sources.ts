import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * Compiles source files, and what they import, for fixture programs that run under plain node. Returns the folder that
 * mirrors the tree; it is inside the package, so that packages are found from it.
 */
export function compiledSources(...files: string[]): string {
  const cache = `${root}/node_modules/.cache`;
  mkdirSync(cache, { recursive: true });
  const outDir = mkdtempSync(`${cache}/session-groups-test-`);
  const options = ['--ignoreConfig', '--rootDir', '.', '--target', 'es2023', '--module', 'nodenext'];
  const more = ['--rewriteRelativeImportExtensions', '--noCheck', '--types', 'node', '--outDir', outDir];
  execFileSync(`${root}/node_modules/.bin/tsc`, [...options, ...more, ...files], { cwd: root });
  return outDir;
}
