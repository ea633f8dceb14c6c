import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { constants } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import { buildPage } from '../support/built-page.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CACHE = join(ROOT, '.cache');

let bin: string | undefined;

/**
 * The executable as shipped, but without type checks (`npm run build` has them): built once for each state of the
 * sources, in a folder that appears atomically, because test files build and run in parallel.
 */
export function builtCli(): string {
  bin ??= join(buildOf(newestSource()), 'src', 'cli', 'bin.js');
  return bin;
}

/** A copy of it in which a piece of a module is another one. */
export function patchedCli(
  module: string,
  piece: string,
  other: string,
): { readonly bin: string; remove(): void } {
  const build = mkdtempSync(join(CACHE, 'cli-patched-'));
  const from = dirname(dirname(dirname(builtCli())));
  cpSync(from, build, { recursive: true, filter: path => basename(path) !== 'bundle' });
  const file = join(build, 'src', module);
  const text = readFileSync(file, 'utf8');
  if (!text.includes(piece)) throw new Error(`${module} has no ${piece}`);
  writeFileSync(file, text.replace(piece, other));
  return {
    bin: join(build, 'src', 'cli', 'bin.js'),
    remove: () => rmSync(build, { recursive: true, force: true }),
  };
}

function buildOf(state: number): string {
  const build = join(CACHE, `cli-build-${Math.round(state)}`);
  if (existsSync(build)) return build;
  mkdirSync(CACHE, { recursive: true });
  const making = mkdtempSync(join(CACHE, 'cli-making-'));
  const compiler = join(ROOT, 'node_modules', '.bin', 'tsc');
  const options = ['-p', 'tsconfig.build.json', '--noCheck', '--outDir', making];
  execFileSync(compiler, options, { cwd: ROOT, stdio: 'inherit' });
  buildPage(join(making, 'src', 'serve', 'page'));
  const script = join(ROOT, 'scripts', 'build-cli.mjs');
  execFileSync(process.execPath, [script, making], { cwd: ROOT, stdio: 'inherit' });
  try {
    renameSync(making, build);
  } catch {
    rmSync(making, { recursive: true }); // another test file was first
  }
  removeOld();
  return build;
}

const OLD_MS = 60 * 60_000;

function removeOld(): void {
  for (const name of readdirSync(CACHE)) {
    const path = join(CACHE, name);
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (name.startsWith('cli-') && age > OLD_MS) rmSync(path, { recursive: true, force: true });
  }
}

/** A running command line. */
export interface Running {
  readonly process: ChildProcess;
  readonly out: () => string;
  readonly err: () => string;
  /** Resolves once this appears on either stream. */
  says(text: string): Promise<void>;
  /** The exit code; for a signal, 128 plus its number. */
  readonly ended: Promise<number>;
}

/** The environment of the tests, without variables that change the output. */
export const cliEnv = (env: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
  ...process.env,
  LC_ALL: 'C.UTF-8',
  CI: '',
  ...env,
});

/** @param bin another executable than ours. */
export function startCli(
  argv: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
  bin = builtCli(),
): Running {
  const child = spawn(process.execPath, [bin, ...argv], {
    cwd,
    env: cliEnv(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    texts.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    texts.err += text;
  });
  return {
    process: child,
    out: () => texts.out,
    err: () => texts.err,
    says: text =>
      vi.waitFor(
        () => {
          if (!`${texts.out}${texts.err}`.includes(text)) throw new Error(`not said: ${text}\n${texts.err}`);
        },
        { timeout: 60_000, interval: 20 },
      ),
    ended: new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) =>
        resolve(code ?? (signal === null ? -1 : 128 + constants.signals[signal])),
      );
    }),
  };
}

function newestSource(): number {
  const folders = ['src', 'machines'].map(name => join(ROOT, name));
  const files = folders.flatMap(folder =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(name => join(folder, name)),
  );
  return Math.max(...files.map(file => statSync(file).mtimeMs));
}
