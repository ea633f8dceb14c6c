import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { systemClock } from '../../src/sdk/clock.ts';
import { createClaudeAgent } from '../../src/sdk/session/claude-code/claude-agent.ts';
import { claudeLogin } from '../../src/sdk/session/claude-code/login.ts';

const home = mkdtempSync(join(tmpdir(), 'claude-login-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

test('the client says whether it is logged in, and one that is too old to be asked is not', async () => {
  const { PATH, SESSION_GROUPS_CLAUDE } = process.env;
  const env = { PATH, SESSION_GROUPS_CLAUDE, HOME: home };
  const check = await createClaudeAgent({ env }).check();
  if (!check.ok) throw new Error(check.message);
  const { version = '' } = check;
  const isAsked = (await claudeLogin(version, env, systemClock)) !== undefined;
  expect(isAsked).toBe(Number(version.split('.')[2]) >= 330);
  if (!isAsked) return;
  expect(await claudeLogin(version, env, systemClock)).toMatchObject({ loggedIn: false });
  const withKey = { ...env, ANTHROPIC_API_KEY: 'sk-ant-no-such-key' };
  expect(await claudeLogin(version, withKey, systemClock)).toEqual({ loggedIn: true, method: 'api_key' });
  expect(await claudeLogin('2.1.197', withKey, systemClock)).toBeUndefined();
});
