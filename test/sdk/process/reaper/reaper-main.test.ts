// @module-tag processes
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { entryOf } from '../../../../src/sdk/process/process-table.ts';
import { isAlive } from '../process-fixture.ts';

const file = (path: string): string => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));
const REAPER = [
  '--import',
  file('scripts/load-typescript.mjs'),
  file('src/sdk/process/reaper/reaper-main.ts'),
];

/** What the reaper ends when its engine, which said this, has died. */
async function reap(...commands: string[]): Promise<void> {
  const reaper = spawn(process.execPath, REAPER, {
    env: {},
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  const [, , , pipe] = reaper.stdio;
  if (!(pipe instanceof Writable)) throw new Error('it has no pipe');
  pipe.end(commands.map(command => `${command}\n`).join(''));
  expect(await once(reaper, 'exit')).toEqual([0, null]);
}

/** A process without any mark. */
async function unmarked(): Promise<{ child: ChildProcess; pid: number; started: number }> {
  const child = spawn('sleep', ['600'], { env: {}, stdio: 'ignore', detached: true });
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  return { child, pid, started: entryOf(pid)?.startTicks ?? 0 };
}

test('the reaper ends what its engine has seen, and not what has the pid of what was seen (REAPING-1)', async () => {
  const [seen, reused, finished, replaced] = [
    await unmarked(),
    await unmarked(),
    await unmarked(),
    await unmarked(),
  ];
  await reap(
    '+engine:a:1:x',
    `=engine:a:1:x ${replaced.pid}@${replaced.started}`,
    `=engine:a:1:x ${seen.pid}@${seen.started} ${reused.pid}@${reused.started - 1}`,
    '+engine:b:1:x',
    `=engine:b:1:x ${finished.pid}@${finished.started}`,
    '-engine:b:1:x',
  );
  expect([seen, reused, finished, replaced].map(({ pid }) => isAlive(pid))).toEqual([
    false,
    true,
    true,
    true,
  ]);
  for (const { child } of [reused, finished, replaced]) child.kill('SIGKILL');
});
