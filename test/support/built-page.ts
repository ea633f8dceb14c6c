import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CACHE = join(ROOT, '.cache');

let folder: string | undefined;

/**
 * The page that `serve` shows, built without checks: once per state of its sources, in a folder that appears
 * atomically, since test files build and run in parallel.
 */
export function builtPage(): string {
  folder ??= buildOf(newestSource());
  return folder;
}

function buildOf(state: number): string {
  const build = join(CACHE, `cli-page-${Math.round(state)}`);
  if (existsSync(build)) return build;
  mkdirSync(CACHE, { recursive: true });
  const making = join(mkdtempSync(join(CACHE, 'cli-making-page-')), 'page');
  buildPage(making);
  try {
    renameSync(making, build);
  } catch {
    rmSync(making, { recursive: true }); // another test file was faster
  }
  return build;
}

/** Builds the page into this folder. */
export function buildPage(into: string): void {
  const script = join(ROOT, 'scripts', 'build-page.mjs');
  execFileSync(process.execPath, [script, '--no-check', into], { cwd: ROOT, stdio: 'inherit' });
}

function newestSource(): number {
  const files = ['src/serve/page', 'src/words'].flatMap(name =>
    readdirSync(join(ROOT, name), { recursive: true, encoding: 'utf8' }).map(file => join(ROOT, name, file)),
  );
  return Math.max(...files.map(file => statSync(file).mtimeMs));
}
