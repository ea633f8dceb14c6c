import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';

const PROMPT = 'PROMPT>';

/** A shell with job control in a real terminal: tmux, with a server of its own. */
export interface Terminal {
  /** Types text, and keys by their names (`Enter`, `C-c`). */
  type(...keys: string[]): void;
  /** Types a command line. */
  enter(line: string): void;
  /** Pastes text, as a user does with the mouse. */
  paste(text: string): void;
  /** The screen, without the empty lines below it. */
  screen(): string;
  /** Resolves once the screen has this. */
  shows(wanted: string | RegExp): Promise<void>;
  /** Resolves once the shell waits for a command, with nothing typed. */
  isBack(): Promise<void>;
  /** The pids of the shell's own children. */
  children(): number[];
  /** Whether the cursor is shown. */
  hasCursor(): boolean;
  close(): void;
}

export interface TerminalOptions {
  readonly columns: number;
  readonly rows: number;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

export function openTerminal({ columns, rows, cwd, env }: TerminalOptions): Terminal {
  const folder = mkdtempSync(join(tmpdir(), 'session-groups-tmux-'));
  const shellStart = join(folder, 'start');
  writeFileSync(shellStart, `PS1='${PROMPT} '\n`);
  const tmux = (...args: string[]): string =>
    execFileSync('tmux', ['-S', join(folder, 'socket'), '-f', '/dev/null', ...args], { encoding: 'utf8' });
  const given = { ...env, LC_ALL: 'C.UTF-8', CI: '', HISTFILE: '' };
  const variables = Object.entries(given).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  const size = ['-x', `${columns}`, '-y', `${rows}`];
  tmux('new-session', '-d', ...size, '-c', cwd, ...variables, `bash --noprofile --rcfile ${shellStart}`);
  const shell = Number(tmux('display-message', '-p', '#{pane_pid}'));
  const screen = () => tmux('capture-pane', '-p').trimEnd();
  const until = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 50 });
  return {
    screen,
    type: (...keys) => void tmux('send-keys', ...keys),
    enter(line) {
      tmux('send-keys', '-l', line);
      tmux('send-keys', 'Enter');
    },
    paste(text) {
      tmux('set-buffer', text);
      tmux('paste-buffer', '-p');
    },
    shows: wanted => until(() => expect(screen()).toMatch(wanted)),
    isBack: () => until(() => expect(screen().split('\n').at(-1)?.trim()).toBe(PROMPT)),
    children: () => childrenOf(shell),
    hasCursor: () => tmux('display-message', '-p', '#{cursor_flag}').trim() === '1',
    close() {
      tmux('kill-server');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap(thread =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter(Boolean)
      .map(Number),
  );
}

/** The letter of a process's state: `T` if it is stopped. */
export const stateOf = (pid: number): string | undefined =>
  /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
