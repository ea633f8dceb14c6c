import { fileURLToPath } from 'node:url';
import { type Clock, systemClock } from '../../../src/sdk/clock.ts';
import { markerOf } from '../../../src/sdk/process/attempt-marker.ts';
import { type ManagedProcess, type SpawnSpec, spawnProcess } from '../../../src/sdk/process/process.ts';
import { entryOf } from '../../../src/sdk/process/process-table.ts';
import { attemptSpec } from '../session/attempt-fixture.ts';

export const program = (name: string): string =>
  fileURLToPath(new URL(`../../fixtures/programs/${name}`, import.meta.url));

/** Whether the process table has such a process, and it isn't a zombie. */
export const isAlive = (pid: number): boolean => entryOf(pid)?.zombie === false;

export interface Run extends ManagedProcess {
  readonly lines: string[];
  /** The next unread line. */
  nextLine(): Promise<string>;
}

/** Runs a fixture program, on the real clock unless another is given. */
export function run(
  name: string,
  args: readonly string[] = [],
  changes: Partial<SpawnSpec> = {},
  clock: Clock = systemClock,
): Run {
  return runCommand(process.execPath, [program(name), ...args], changes, clock);
}

export function runCommand(
  command: string,
  args: readonly string[],
  changes: Partial<SpawnSpec> = {},
  clock: Clock = systemClock,
): Run {
  const lines: string[] = [];
  const waiting: ((line: string) => void)[] = [];
  const unread: string[] = [];
  const child = spawnProcess(
    {
      command,
      args,
      cwd: process.cwd(),
      env: { PATH: process.env.PATH ?? '' },
      marker: markerOf(attemptSpec()),
      stdout: {
        onLine(line) {
          lines.push(line);
          const reader = waiting.shift();
          if (reader) reader(line);
          else unread.push(line);
        },
      },
      ...changes,
    },
    clock,
  );
  const nextLine = (): Promise<string> => {
    const line = unread.shift();
    return line === undefined ? new Promise(resolve => waiting.push(resolve)) : Promise.resolve(line);
  };
  return { ...child, lines, nextLine };
}
