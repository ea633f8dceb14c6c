import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** The lines of stdout, if they are JSON. */
  readonly lines: readonly Record<string, unknown>[];
}

export interface StartedCommand {
  readonly process: ChildProcess;
  /** Resolves once it has written this text to either stream `times` times, counted since the start. */
  says(text: string, times?: number): Promise<void>;
  readonly ended: Promise<Said>;
}

/** The command line of some version, in one folder. */
export interface CommandLine {
  start(...argv: string[]): StartedCommand;
  /** Runs it to its end, whatever its exit code. */
  run(...argv: string[]): Promise<Said>;
  /** Kills everything that is still running. */
  close(): Promise<void>;
}

const TIMEOUT_MS = 20_000;

/** @param bin a program for node. */
export function commandLine(bin: string, cwd: string, env: Record<string, string | undefined>): CommandLine {
  const started = new Set<StartedCommand>();
  const start = (...argv: string[]): StartedCommand => {
    const command = startCommand([bin, ...argv], cwd, env);
    started.add(command);
    void command.ended.then(() => started.delete(command));
    return command;
  };
  return {
    start,
    run: (...argv) => start(...argv).ended,
    async close() {
      const left = [...started];
      for (const { process } of left) process.kill('SIGKILL');
      await Promise.all(left.map(({ ended }) => ended));
    },
  };
}

function startCommand(
  argv: readonly string[],
  cwd: string,
  env: Record<string, string | undefined>,
): StartedCommand {
  const child = spawn(process.execPath, argv, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  const listeners = new Set<() => void>();
  const heard = (): void => {
    for (const listener of listeners) listener();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    heard();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
    heard();
  });
  const ended = new Promise<Said>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const lines = out.startsWith('{') ? out.trimEnd().split('\n') : [];
      resolve({
        code: code ?? (signal === null ? -1 : 128 + constants.signals[signal]),
        out,
        err,
        lines: lines.map(line => JSON.parse(line)),
      });
      heard();
    });
  });
  return {
    process: child,
    ended,
    says: (text, times = 1) =>
      new Promise((resolve, reject) => {
        const over = (): boolean => child.exitCode !== null || child.signalCode !== null;
        const failed = (why: string): void =>
          reject(new Error(`${argv.slice(1).join(' ')}: ${why} before printing ${text}\n${out}${err}`));
        const timer = setTimeout(() => settle(() => failed('took too long')), TIMEOUT_MS);
        const settle = (how: () => void): void => {
          clearTimeout(timer);
          listeners.delete(look);
          how();
        };
        const look = (): void => {
          if (`${out}${err}`.split(text).length > times) settle(resolve);
          else if (over()) settle(() => failed('ended'));
        };
        listeners.add(look);
        look();
      }),
  };
}
