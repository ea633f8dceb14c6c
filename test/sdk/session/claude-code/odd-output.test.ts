// @module-tag processes
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { createSessionGroup } from '../../../../src/sdk/group/api/create.ts';
import type { GroupEvent } from '../../../../src/sdk/group/journal/events.ts';
import { memoryProjectGate } from '../../../../src/sdk/project/project-gate.ts';

/** A real engine and a scripted client (test/fixtures/odd-claude.mjs) that prints what real ones print now and then. */
const CLIENT = fileURLToPath(new URL('../../../fixtures/odd-claude.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'odd-output-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Step = string | Readonly<Record<string, unknown>>;
let runs = 0;

async function running(steps: readonly Step[], timeouts: Readonly<Record<string, string>> = {}) {
  runs += 1;
  const name = `run${runs}`;
  const script = join(folder, `${name}.json`);
  writeFileSync(script, JSON.stringify({ runs: [['init', 'until', ...steps]] }));
  const group = await createSessionGroup(
    {
      version: 1,
      name: 'odd',
      config: { retry: { maximumAttempts: 1 }, timeouts: { idle: '60s', ...timeouts } },
      sessions: [
        {
          id: 'a',
          projectPath: folder,
          prompt: 'go',
          agent: { kind: 'claude', executable: CLIENT },
          env: { ODD: script, ODD_LOG: folder, ODD_NAME: name },
        },
      ],
    },
    { projects: memoryProjectGate() },
  );
  const warnings: string[] = [];
  group.events$.subscribe((event: GroupEvent) => {
    if (event.type === 'session_warning') warnings.push(event.message);
  });
  const { sessions } = await group.run();
  await group.dispose();
  return { session: sessions.a, warnings };
}

const finished = { status: 'completed', result: 'finished' };

it.each<[string, Step[]]>([
  ['a result with null for what it has none of', [{ reply: {} }, { result: { permission_denials: null } }]],
  [
    'a result with null everywhere',
    [{ reply: {} }, { result: { total_cost_usd: null, modelUsage: null, errors: null } }],
  ],
  ['two objects on one line', [{ reply: {} }, { raw: '{"type":"keep_alive"}' }, { result: {} }]],
  ['text before the result', [{ raw: 'Warning: {x} ' }, { result: {} }]],
  ['NUL characters and a byte order mark', [{ raw: '\0\uFEFF' }, { result: {} }]],
])('%s: the result is found, and nothing is said of it', async (_, steps) => {
  expect(await running(steps)).toMatchObject({ session: finished, warnings: [] });
});

it('what cannot be read in a result is a warning', async () => {
  const odd = { total_cost_usd: '0.01', modelUsage: { x: { inputTokens: -5 } }, permission_denials: 'none' };
  const { session, warnings } = await running([{ reply: {} }, { result: odd }]);
  expect(session).toMatchObject(finished);
  expect(warnings.join()).toMatch(/total_cost_usd, modelUsage.x.inputTokens, permission_denials/);
});

it('a result that is damaged beyond reading ends the attempt as a failure, at once', async () => {
  const { session, warnings } = await running([
    { raw: '{"type":"result","is_error":false,"result":"cut\n' },
    'hang',
  ]);
  expect(session).toMatchObject({ status: 'failed', error: { code: 'agent_error' } });
  expect(warnings).toHaveLength(1);
});

it('a client that only does its bookkeeping is idle', async () => {
  const beat = {
    every: {
      n: 4_000,
      ms: 100,
      do: [{ o: { type: 'keep_alive' } }, { raw: '{"type":"keep_' }, { ms: 1 }, { raw: 'alive"}\n' }],
    },
  };
  const { session } = await running([beat], { idle: '1s' });
  expect(session).toMatchObject({ status: 'failed', error: { code: 'idle_timeout' } });
});

it('a message that arrives slowly is a sign of work', async () => {
  const part = { every: { n: 30, ms: 100, do: [{ raw: ' ' }] } };
  const { session } = await running([{ raw: '{"type":"user",' }, part, { raw: '"x":1}\n' }, { result: {} }], {
    idle: '2s',
  });
  expect(session).toMatchObject(finished);
});

it('an input that is nested too deep neither ends the engine nor takes a result with it', async () => {
  const deep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
  const request = `{"subtype":"can_use_tool","tool_name":"X","input":${deep}}`;
  const denial = `{"tool_name":"X","tool_use_id":"t","tool_input":${deep}}`;
  const { session } = await running([
    { raw: `{"type":"control_request","request_id":"r","request":${request}}\n` },
    {
      raw: `{"type":"result","subtype":"success","terminal_reason":"completed","num_turns":1,"result":"x","permission_denials":[${denial}]}\n`,
    },
  ]);
  expect(session).toMatchObject({ status: 'failed', error: { code: 'permission_denied' } });
});

const UNTERMINATED =
  '{"type":"result","subtype":"success","is_error":false,"terminal_reason":"completed","num_turns":1,"result":"finished"}';

it.each<[string, Step[]]>([
  ['a result whose newline does not come', [{ reply: {} }, { raw: UNTERMINATED }]],
  ['one after text', [{ reply: {} }, { raw: `Warning: ${UNTERMINATED}` }]],
  ['a result with fewer than no queued turns', [{ reply: {} }, { result: { queued_turn_count: -1 } }]],
])('%s: nothing is waited for', async (_, steps) => {
  const { session } = await running(steps, { idle: '1h' });
  expect(session).toMatchObject(finished);
});

it('a result of 20 MB is found', async () => {
  const { session } = await running([{ result: { result: 'x'.repeat(20_000_000) } }]);
  expect(session?.status).toBe('completed');
});

it('a line that is too long ends the attempt at once, with its own code', async () => {
  const { session } = await running([{ raw: 'x'.repeat(65 * 1024 * 1024) }, 'hang']);
  expect(session).toMatchObject({ status: 'failed', error: { code: 'message_too_long' } });
});
