import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'vitest';
import { processStartTime } from '../../src/sdk/process/process-identity.ts';
import { readProcessTable } from '../../src/sdk/process/process-table.ts';
import type { HostRow } from '../package/host-rows.ts';
import { commandOf, reaperOf } from './reaper-process.ts';

let hosts = 0;

/** A number of seconds that no other host's agent sleeps. */
export const ownSeconds = (): string => `${100_000 + hosts++}.${process.pid}`;

/** The processes of the agent that sleeps so long. */
export const sleepersOf = (seconds: string): number[] =>
  readProcessTable()
    .map(({ pid }) => pid)
    .filter(pid => commandOf(pid) === `sleep\0${seconds}\0`);

/** The words of a command line that has no quotes but double ones. */
export const wordsOf = (command: string): string[] =>
  [...command.matchAll(/(?:[^\s"]|"[^"]*")+/g)].map(([word]) => word.replaceAll('"', ''));

export interface HostPlace {
  readonly folder: string;
  /** The Node that runs it. */
  readonly node: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a host the way its row says; `seconds` is its last argument. */
export function startHost({ start }: HostRow, { folder, node, env }: HostPlace, seconds: string) {
  const [, ...args] = wordsOf(start);
  return spawn(node, [...args, seconds], {
    cwd: folder,
    env: { ...process.env, PATH: [dirname(node), process.env.PATH].join(delimiter), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** Runs a bundler that is installed in the folder. */
export async function build({ build: command = '' }: HostRow, folder: string, env = {}): Promise<void> {
  const [name = '', ...args] = wordsOf(command);
  const bundler = spawn(join(folder, 'node_modules', '.bin', name), args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [status]] = await Promise.all([
    text(bundler.stdout),
    text(bundler.stderr),
    once(bundler, 'close'),
  ]);
  expect({ status, ...(status !== 0 && { stdout, stderr }) }).toEqual({ status: 0 });
}

/** Waits for the two processes of the agent, kills the host, and waits until nothing is left: not even the reaper. */
export async function leavesNothing(host: ChildProcess, seconds: string): Promise<void> {
  const ended = once(host, 'exit');
  await expect.poll(() => [host.exitCode, sleepersOf(seconds).length]).toEqual([null, 2]);
  const reaper = reaperOf(host.pid) ?? 0;
  const startedAt = processStartTime(reaper);
  expect(startedAt).toBeDefined();
  host.kill('SIGKILL');
  await ended;
  await expect.poll(() => sleepersOf(seconds)).toEqual([]);
  await expect.poll(() => processStartTime(reaper) === startedAt).toBe(false);
}
