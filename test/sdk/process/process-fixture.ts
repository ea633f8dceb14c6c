import { fileURLToPath } from 'node:url';
import { type Clock, systemClock } from '../../../src/sdk/clock.ts';
import { markerOf } from '../../../src/sdk/process/attempt-marker.ts';
import {
  type ManagedProcess,
  type ProcessExit,
  type SpawnSpec,
  spawnProcess,
} from '../../../src/sdk/process/process.ts';
import { entryOf } from '../../../src/sdk/process/process-table.ts';
import { attemptSpec } from '../session/attempt-fixture.ts';

export const program = (name: string): string =>
  fileURLToPath(new URL(`../../fixtures/programs/${name}`, import.meta.url));

/** Whether the process table has such a process, and it isn't a zombie. */
export const isAlive = (pid: number): boolean => entryOf(pid)?.zombie === false;

export interface Run extends ManagedProcess {
  readonly lines: string[];
  /** The next unread line; rejects once the program has exited without another. */
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
  const waiting: { resolve(line: string): void; reject(error: Error): void }[] = [];
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
          if (reader) reader.resolve(line);
          else unread.push(line);
        },
      },
      ...changes,
    },
    clock,
  );
  let exit: ProcessExit | undefined;
  const over = (): Error => new Error(`it has exited with ${exit?.code}: ${exit?.stderrTail}`);
  void child.exited.then(how => {
    exit = how;
    for (const { reject } of waiting.splice(0)) reject(over());
  });
  const nextLine = (): Promise<string> => {
    const line = unread.shift();
    if (line !== undefined) return Promise.resolve(line);
    if (exit) return Promise.reject(over());
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  };
  return { ...child, lines, nextLine };
}
