// @module-tag processes
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { isAlive, program } from '../process-fixture.ts';

const LOADER = fileURLToPath(new URL('../../../../scripts/load-typescript.mjs', import.meta.url));

test('a program that its attempt has started again is ended with its engine (REAPER-5)', async () => {
  const marker = `relaunch:s:1:${process.pid}`;
  const engine = spawn(process.execPath, ['--import', LOADER, program('relaunching-engine.mjs'), marker], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = await Promise.race([once(engine.stdout, 'data'), once(engine, 'exit')]);
  expect(`${said[0]}`).toMatch(/^\d{2,}\n$/);
  const pid = Number(said[0]);
  expect(isAlive(pid)).toBe(true);
  engine.kill('SIGKILL');
  try {
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 20_000, interval: 20 });
  } finally {
    if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  }
});
