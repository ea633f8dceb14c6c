import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BUILD = join(ROOT, '.cache', 'cli-build');
const BIN = join(BUILD, 'src', 'cli', 'bin.js');

let built = false;

/** The executable as it is shipped: built once when it is older than the sources, unchecked (that is `npm run build`). */
export function builtCli(): string {
  const isStale = () => !existsSync(BIN) || statSync(BIN).mtimeMs < newestSource();
  if (!built && isStale()) {
    const compiler = join(ROOT, 'node_modules', '.bin', 'tsc');
    const options = ['-p', 'tsconfig.build.json', '--noCheck', '--outDir', BUILD];
    execFileSync(compiler, options, { cwd: ROOT, stdio: 'inherit' });
  }
  built = true;
  return BIN;
}

/** A running command line. */
export interface Running {
  readonly process: ChildProcess;
  readonly out: () => string;
  readonly err: () => string;
  /** Resolves once it writes this to either stream. */
  says(text: string): Promise<void>;
  /** The exit code, or 128 and more for a signal, as a shell reports it. */
  readonly ended: Promise<number>;
}

export function startCli(argv: readonly string[], cwd: string, env: Record<string, string> = {}): Running {
  const child = spawn(process.execPath, [builtCli(), ...argv], {
    cwd,
    env: { ...process.env, LC_ALL: 'C.UTF-8', CI: '', ...env },
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
        { timeout: 15_000, interval: 20 },
      ),
    ended: new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve(code ?? (signal === null ? -1 : 128)));
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
