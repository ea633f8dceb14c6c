import { spawn } from 'node:child_process';
import xterm from '@xterm/headless';

/**
 * A program on a terminal, as a person has it: `script` gives it a terminal of its own, and an emulator draws what it
 * writes there.
 */
export interface PseudoTerminal {
  /** What is on the screen, without colours. */
  screen(): string;
  type(keys: string): void;
  /** Resolves with the screen once it shows this; rejects if the program ends before, or after a minute. */
  shows(wanted: string | RegExp): Promise<string>;
  /** The exit code, once everything that it wrote has been drawn. */
  readonly ended: Promise<number | null>;
  /** All screens so far, in their order. */
  readonly frames: readonly Frame[];
  /** Ends the program, if it still runs. */
  close(): Promise<void>;
}

export interface Frame {
  /** Since the program was started. */
  readonly atMs: number;
  /** From the top; each is made of runs in one style. */
  readonly lines: readonly (readonly Run[])[];
}

export interface Run {
  readonly text: string;
  readonly column: number;
  /** Of the sixteen of a terminal; undefined: that of the text. */
  readonly color?: number | undefined;
  readonly bold: boolean;
  readonly dim: boolean;
}

export interface TerminalOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly columns?: number;
  readonly rows?: number;
}

const PATIENCE_MS = 60_000;

/** @param line for `sh`. */
export function openTerminal(line: string, options: TerminalOptions): PseudoTerminal {
  const { columns: cols = 100, rows = 30, cwd, env } = options;
  const terminal = new xterm.Terminal({ cols, rows, allowProposedApi: true });
  const child = spawn('script', ['-qec', `stty cols ${cols} rows ${rows}; ${line}`, '/dev/null'], {
    cwd,
    // Node warns of an empty NO_COLOR.
    env: { ...env, TERM: 'xterm-256color', LC_ALL: 'C.UTF-8', CI: '', NO_COLOR: undefined },
  });
  const began = performance.now();
  const frames: Frame[] = [];
  const watchers = new Set<() => void>();
  const tell = () => {
    for (const watcher of [...watchers]) watcher();
  };
  let drawn = Promise.resolve();
  const draw = (bytes: Buffer) =>
    new Promise<void>(resolve => {
      terminal.write(bytes, () => {
        frames.push({ atMs: performance.now() - began, lines: linesOf(terminal) });
        tell();
        resolve();
      });
    });
  child.stdout.on('data', (bytes: Buffer) => {
    drawn = drawn.then(() => draw(bytes));
  });
  child.stdin.on('error', () => {}); // it may have ended meanwhile
  let isOver = false;
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', code => {
      void drawn.then(() => {
        isOver = true;
        tell();
        resolve(code);
      });
    });
  });
  const screen = () => textOf(linesOf(terminal));
  const has = (wanted: string | RegExp) =>
    typeof wanted === 'string' ? screen().includes(wanted) : wanted.test(screen());
  return {
    screen,
    ended,
    frames,
    type: keys => void child.stdin.write(keys),
    shows: wanted =>
      new Promise((resolve, reject) => {
        const done = (settle: () => void) => {
          watchers.delete(look);
          clearTimeout(patience);
          settle();
        };
        const failed = (why: string) =>
          done(() => reject(new Error(`${why} without showing ${wanted}:\n${screen()}`)));
        const look = () => {
          if (has(wanted)) done(() => resolve(screen()));
          else if (isOver) failed('it ended');
        };
        const patience = setTimeout(() => failed('a minute has passed'), PATIENCE_MS);
        watchers.add(look);
        look();
      }),
    async close() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

export const textOf = (lines: Frame['lines']): string =>
  lines.map(runs => runs.map(({ text }) => text).join('')).join('\n');

function linesOf(terminal: xterm.Terminal): Run[][] {
  const { active } = terminal.buffer;
  const lines = Array.from({ length: terminal.rows }, (_, row) =>
    runsOf(active.getLine(active.viewportY + row), terminal.cols),
  );
  return lines.slice(0, lines.findLastIndex(runs => runs.length > 0) + 1);
}

function runsOf(line: xterm.IBufferLine | undefined, columns: number): Run[] {
  const runs: (Run & { text: string })[] = [];
  for (let column = 0; column < columns; column++) {
    const cell = line?.getCell(column);
    if (cell === undefined || cell.getWidth() === 0) continue;
    const text = cell.getChars() || ' ';
    const style = {
      color: cell.isFgDefault() ? undefined : cell.getFgColor(),
      bold: cell.isBold() !== 0,
      dim: cell.isDim() !== 0,
    };
    const last = runs.at(-1);
    const isSame = last?.color === style.color && last?.bold === style.bold && last?.dim === style.dim;
    if (last !== undefined && isSame) last.text += text;
    else runs.push({ text, column, ...style });
  }
  const end = runs.at(-1);
  if (end !== undefined) end.text = end.text.trimEnd();
  return runs.filter(({ text }, index) => text !== '' || index < runs.length - 1);
}
