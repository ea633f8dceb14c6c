// @module-tag processes
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const file = (path: string): string => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));
const TYPESCRIPT = ['--import', file('scripts/load-typescript.mjs')];
const from = (path: string): string => JSON.stringify(file(path));

const READY = `
const { reaperReady } = await import(${from('src/sdk/process/reaper/reaper.ts')});
const answer = () => reaperReady().then(() => 'watching', ({ code, message, hint }) => ({ code, message, hint }));
`;
const SPAWN = `
const { spawnProcess, uniqueMarker } = await import(${from('src/sdk/process/process.ts')});
const { systemClock } = await import(${from('src/sdk/clock.ts')});
const start = () => spawnProcess({
  command: 'cat', args: [], cwd: '/', env: { PATH: process.env.PATH }, marker: uniqueMarker('x:y:1'), stdout: { onLine() {} },
}, systemClock);
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'session-groups-no-reaper-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A program in place of Node. */
function program(name: string, script: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** What a host prints as JSON, and its warnings. */
async function host(script: string, env: Readonly<Record<string, string>> = {}) {
  const path = join(folder, 'host.mjs');
  writeFileSync(path, script);
  const child = spawn(process.execPath, [...TYPESCRIPT, path], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  expect({ status, ...(status !== 0 && { stderr }) }).toEqual({ status: 0 });
  return { printed: stdout === '' ? undefined : JSON.parse(stdout), stderr };
}

const print = (expression: string): string => `process.stdout.write(JSON.stringify(${expression}));`;

test('whoever starts processes can wait until a reaper watches; nothing keeps the process alive then', async () => {
  const { printed, stderr } = await host(`${READY}${print('await answer()')}`);
  expect({ printed, stderr }).toEqual({ printed: 'watching', stderr: '' });
});

test.each([
  ['does not exist', () => join(folder, 'missing'), /spawn .*missing ENOENT/],
  [
    'exits at once',
    () => program('fails', 'echo "Error: of my own" >&2; exit 7'),
    /exited with code 7 before it answered: Error: of my own$/,
  ],
  ['is killed', () => program('killed', 'kill -9 $$'), /was ended by SIGKILL before it answered/],
  [
    'talks about something else',
    () => program('talks', 'echo hello'),
    /exited with code 0 before it answered/,
  ],
  [
    'repeats what a reaper would say',
    () => program('echoes', 'echo watching; echo "watching as 1"; cat'),
    /exited with code 0 before it answered/,
  ],
])('a Node that %s is a typed error (REAPER-4)', async (_, execPath, message) => {
  const path = JSON.stringify(execPath());
  const { printed } = await host(`${READY}process.execPath = ${path};${print('await answer()')}`);
  expect(printed).toEqual({
    code: 'reaper_unavailable',
    message: expect.stringMatching(message),
    hint: expect.stringContaining('Run the host with Node.js'),
  });
});

test('a host that is started in place of its reaper starts none itself (REAPER-4)', async () => {
  const { printed } = await host(`${READY}${print('await answer()')}`, { SESSION_GROUPS_REAPER: '1' });
  expect(printed).toMatchObject({
    code: 'reaper_unavailable',
    message: expect.stringContaining('this program was started in its place'),
  });
});

test('it is tried again, and answers once it can (REAPER-4)', async () => {
  const { printed } = await host(`${READY}
    const node = process.execPath;
    process.execPath = '/nowhere';
    const { code } = await answer();
    process.execPath = node;
    ${print('[code, await answer()]')}`);
  expect(printed).toEqual(['reaper_unavailable', 'watching']);
});

test('a process that runs without one is named by a warning, and no other is started (REAPER-4)', async () => {
  const { printed, stderr } = await host(`${READY}${SPAWN}
    process.execPath = '/nowhere';
    const first = start();
    const { code } = await answer();
    const second = await start().exited;
    first.endInput();
    await first.exited;
    ${print('[code, second.spawnError.code, second.code]')}`);
  expect(printed).toEqual(['reaper_unavailable', 'reaper_unavailable', null]);
  expect(stderr).toMatch(/\[SESSION_GROUPS_REAPER\].*spawn \/nowhere ENOENT\. What runs now outlives/);
});
