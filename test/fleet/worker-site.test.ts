import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { orderBytes, readOrder } from '../../src/fleet/protocol.ts';
import { WorkerSite, type WorkerSiteOptions } from '../../src/fleet/worker-site.ts';
import { systemClock } from '../../src/sdk/clock.ts';
import type { AttemptOrder } from '../../src/sdk/group/attempt/order/attempt-order.ts';
import { createPuppetAgent } from '../../src/sdk/testing/puppet-agent.ts';
import { attemptOrder } from './attempt-order.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'site-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const HOST = {
  ...{
    PATH: '/bin',
    HOME: '/home/me',
    LC_ALL: 'C',
    ANTHROPIC_API_KEY: 'key',
    CLAUDE_CODE_OAUTH_TOKEN: 'token',
  },
  ...{ HTTPS_PROXY: 'http://me:pass@proxy', HTTP_PROXY: 'http://proxy', OTHER: 'other', WANTED: 'wanted' },
};

function site(changes: Partial<WorkerSiteOptions> = {}) {
  const puppet = createPuppetAgent();
  const made = new WorkerSite({
    ...{ clock: systemClock, agents: { claude: puppet, hidden: puppet }, kinds: ['claude'] },
    ...{ env: HOST, variables: [], folder, ...changes },
  });
  return { puppet, start: (order: AttemptOrder) => made.start(order, () => {}) };
}

const order = (changes: Partial<AttemptOrder> = {}, attempt = 1) => ({
  ...attemptOrder('group', 'web', attempt),
  ...changes,
});

test('agents get what every program needs, what is listed, and nothing else of the machine (SITE-1)', async () => {
  const { puppet, start } = site({ variables: ['WANTED'] });
  start(order({ env: { MINE: '$' + '{WANTED}', DEFAULTED: '$' + '{OTHER:-none}' } }));
  expect((await puppet.started('web')).spec.env).toEqual({
    ...{ PATH: '/bin', HOME: '/home/me', LC_ALL: 'C', HTTP_PROXY: 'http://proxy' },
    ...{ WANTED: 'wanted', MINE: 'wanted', DEFAULTED: 'none' },
  });
});

test.each([
  ['a kind that is not listed', { agent: { kind: 'hidden', options: {} } }, 'no agent of the kind hidden'],
  ['a kind that is not there', { agent: { kind: 'gone', options: {} } }, 'no agent of the kind gone'],
  ['an executable', { agent: { kind: 'claude', executable: '/bin/sh' } }, 'names an executable'],
  ['a variable', { env: { A: 'x $' + '{OTHER}' } }, 'does not resolve OTHER'],
] as const)('%s is refused, and nothing starts', (_, changes, message) => {
  const { puppet, start } = site();
  expect(() => start(order(changes))).toThrow(message);
  expect(puppet.attempts).toEqual([]);
});

test('a variable that is listed and not set is named', () => {
  const { start } = site({ variables: ['UNSET'] });
  expect(() => start(order({ env: { A: '$' + '{UNSET}' } }))).toThrow('UNSET is not set');
});

test('all attempts of a session have the same folders, with the configuration of the last (SITE-2)', async () => {
  const { puppet, start } = site();
  const config = { mcpServers: [], variables: {}, isolated: false, changed: false };
  start(order({ config: { ...config, files: { 'CLAUDE.md': 'First.' } }, logs: true }));
  const first = (await puppet.started('web')).spec;
  start(order({ config: { ...config, files: { 'CLAUDE.md': 'Second.' } }, logs: true }, 2));
  const second = (await puppet.started('web')).spec;
  expect([second.cwd, second.logDir]).toEqual([first.cwd, first.logDir]);
  expect(second.cwd).toBe(join(folder, 'group', 'web', 'work'));
  expect(readFileSync(second.config?.instructionsFile ?? '', 'utf8')).toBe('Second.');
});

test('an order is read as it was written, and not if a file of it would leave its folder', () => {
  const config = { mcpServers: [], variables: {}, isolated: false, changed: false };
  const written = order({ config: { ...config, files: { 'plugin/a.md': 'x' } } });
  expect(readOrder(orderBytes(written))).toEqual(written);
  for (const path of ['../a', 'plugin/../../a', '/etc/a', '']) {
    expect(readOrder(orderBytes(order({ config: { ...config, files: { [path]: 'x' } } })))).toBeUndefined();
  }
});
