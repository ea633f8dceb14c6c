// @module-tag processes
import { mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/sdk/clock.ts';
import type { Attempt, AttemptSpec } from '../../../src/sdk/session/agent.ts';
import { createCommandAgent } from '../../../src/sdk/session/command.ts';
import { isAlive, program } from '../process/process-fixture.ts';
import { attemptSpec, type Recording, recording } from './attempt-fixture.ts';

const agent = createCommandAgent(systemClock);

function start(
  command: [string, ...string[]],
  changes: Partial<AttemptSpec> = {},
  output: 'text' | 'stream-json' = 'text',
): Recording & { attempt: Attempt } {
  const seen = recording();
  const spec = attemptSpec({ agent: { kind: 'command', command, output }, ...changes });
  return { ...seen, attempt: agent.start(spec, seen.sink) };
}

const node = (name: string, ...args: string[]): [string, ...string[]] => [
  process.execPath,
  program(name),
  ...args,
];
const folder = (): string => realpathSync(mkdtempSync(join(tmpdir(), 'sg-command-')));
const texts = (run: Recording): string[] => run.all('message').map(event => event.text);

describe('a command as a session', () => {
  test('gets the prompt on standard input and runs in the project; its output is the result', async () => {
    const cwd = folder();
    const run = start(node('echo-stdin.mjs'), { cwd, prompt: 'Tidy up.\nThen rest.' });
    expect(await run.ended).toEqual({
      outcome: 'done',
      result: `${cwd}\nTidy up.\nThen rest.`,
      denials: [],
    });
    expect(texts(run)).toEqual([cwd, 'Tidy up.', 'Then rest.']);
    expect(run.events[0]).toMatchObject({ type: 'started' });
  });

  test('runs without a shell and only with the environment of the spec', async () => {
    const run = start(['env'], { env: { PATH: process.env.PATH ?? '', GIVEN: '$HOME' } });
    await run.ended;
    const names = texts(run).map(line => line.split('=')[0]);
    expect(names.sort()).toEqual(['GIVEN', 'PATH', 'SESSION_GROUPS_MARKER']);
    expect(texts(run)).toContain('GIVEN=$HOME');
  });

  test('fails with its exit code, with the last line of stderr as the reason', async () => {
    const logDir = folder();
    const run = start(node('fail.mjs', '3', 'first', 'the reason'), { logDir });
    expect(await run.ended).toEqual({
      outcome: 'failed',
      code: 'agent_error',
      message: 'exited with code 3: the reason',
    });
    expect(readFileSync(join(logDir, 'stderr.log'), 'utf8')).toBe('first\nthe reason\n');
  });

  test('gives no part of a secret as the reason, whatever is cut of it', async () => {
    const secrets = { MY_TOKEN: 'canary-1f3b7c-at-the-edge' };
    const env = { PATH: process.env.PATH ?? '', TEXT: secrets.MY_TOKEN };
    const key = `-----BEGIN PRIVATE KEY-----\n${'AAAAcanary\n'.repeat(12)}`;
    const scripts = [
      `printf %s "$TEXT" >&2; head -c ${8 * 1024 - 10} /dev/zero | tr '\\0' B >&2; exit 3`,
      `printf 'cannot load\\n${key.replaceAll('\n', '\\n')}' >&2; exit 3`,
    ];
    for (const script of scripts) {
      const end = await start(['sh', '-c', script], { env, secrets }).ended;
      expect(end).toMatchObject({
        outcome: 'failed',
        message: expect.stringMatching(/^exited with code 3: /),
      });
      expect(JSON.stringify(end)).not.toMatch(/canary|edge/);
    }
    const result = JSON.stringify({
      type: 'result',
      is_error: true,
      result: `${'x'.repeat(490)} ${env.TEXT}`,
    });
    const failed = await start(['sh', '-c', `cat >&2; echo '${result}'`], { env, secrets }, 'stream-json')
      .ended;
    expect(failed).toMatchObject({ outcome: 'failed', message: expect.stringContaining('xxx [redacte') });
    expect(JSON.stringify(failed)).not.toContain('canary');
  });

  test('with a flood on stderr fills no disk: its log is bounded, and says so', async () => {
    const logDir = folder();
    const run = start(['sh', '-c', 'yes "a line of a loop" | head -c 20000000 >&2; echo the end >&2'], {
      logDir,
    });
    expect(await run.ended).toMatchObject({ outcome: 'done' });
    const log = readFileSync(join(logDir, 'stderr.log'), 'utf8');
    expect(log.length).toBeLessThanOrEqual(8 * 1024 * 1024);
    expect(log).toMatch(/^a line of a loop\n/);
    expect(log).toMatch(/\n\[session-groups\] \d+ bytes were left out here/);
    expect(log).toMatch(/a line of a loop\n.*the end\n$/);
    expect(run.all('warning').map(({ message }) => message)).toEqual([
      'stderr.log became too large: it keeps the beginning and the end, and says how much was left out',
    ]);
  });

  test('killed from outside is a failure, not an interrupt', async () => {
    const run = start(node('stay.mjs'));
    await run.first('message');
    process.kill(run.attempt.pid ?? 0, 'SIGKILL');
    expect(await run.ended).toMatchObject({ outcome: 'failed', message: 'ended by SIGKILL' });
  });

  test('a program without execute permission is agent_not_found', async () => {
    const file = join(folder(), 'plain.txt');
    writeFileSync(file, '', { mode: 0o644 });
    expect(await start([file]).ended).toMatchObject({ outcome: 'failed', code: 'agent_not_found' });
  });

  test('a project folder that does not exist is prepare_failed and named', async () => {
    expect(await start(node('say.mjs'), { cwd: '/no/such/folder' }).ended).toEqual({
      outcome: 'failed',
      code: 'prepare_failed',
      message: 'project folder does not exist: /no/such/folder',
    });
  });

  test('that exits with 0 when interrupted is done', async () => {
    const run = start(node('stay.mjs', '--polite'));
    await run.first('message');
    run.attempt.interrupt();
    expect(await run.ended).toEqual({ outcome: 'done', result: 'ready', denials: [] });
  });

  test('processes that it left behind have gone before it ends', async () => {
    const run = start(node('leave-behind.mjs', '--setsid', '--hold-pipe', '--exit', '0'));
    const orphan = Number((await run.first('message')).text);
    expect((await run.ended).outcome).toBe('done');
    expect(isAlive(orphan)).toBe(false);
  });

  test('a flood of lines becomes few messages, and the result is its tail', async () => {
    const run = start(node('flood.mjs', '4', '--lines'));
    const end = await run.ended;
    expect(texts(run).slice(0, 2)).toEqual(['line 1', 'line 2']);
    expect(run.all('message').length).toBeLessThan(1_000);
    expect(Math.max(...texts(run).map(text => text.length))).toBeLessThanOrEqual(16 * 1024 + 64);
    expect(end.outcome === 'done' && end.result.length).toBeLessThanOrEqual(1024 * 1024);
    expect(end.outcome === 'done' && end.result).toMatch(/line \d+\nline \d+$/);
  });

  test('ten megabytes without a newline are no problem', async () => {
    const end = await start(node('flood.mjs', '10')).ended;
    expect(end.outcome === 'done' && end.result.length).toBeLessThanOrEqual(1024 * 1024);
  });

  test('invalid UTF-8 is no problem', async () => {
    expect((await start(node('garbage.mjs')).ended).outcome).toBe('done');
  });

  test('an unread prompt is not an error', async () => {
    const run = start(node('deaf-to-stdin.mjs'), { prompt: 'x'.repeat(1024 * 1024) });
    await run.first('message');
    run.attempt.terminate();
    expect((await run.ended).outcome).toBe('done');
  });
});

describe('a command that prints stream-json', () => {
  const lines = [
    { type: 'system', subtype: 'init', model: 'm' },
    {
      type: 'stream_event',
      event: {
        type: 'message_start',
        message: { id: 'r1', model: 'm', usage: { input_tokens: 100, output_tokens: 1 } },
      },
    },
    { type: 'stream_event', event: { type: 'message_delta', usage: { output_tokens: 25 } } },
    {
      type: 'assistant',
      message: {
        id: 'r1',
        model: 'm',
        usage: { output_tokens: 1 },
        content: [{ type: 'text', text: 'Hello' }],
      },
    },
    {
      type: 'result',
      is_error: false,
      result: 'All done.',
      total_cost_usd: 0.25,
      usage: { input_tokens: 100, output_tokens: 25, cache_read_input_tokens: 7 },
      permission_denials: [{ tool_name: 'Write', tool_use_id: 't1', tool_input: {} }],
    },
  ].map(line => JSON.stringify(line));

  test('adds up the conversations of one run, of each the last figure', async () => {
    const result = (session_id: string, total_cost_usd: number) =>
      JSON.stringify({ type: 'result', is_error: false, result: 'ok', session_id, total_cost_usd });
    const said = [result('x', 0.25), result('x', 0.5), result('y', 0.125)];
    const run = start(node('say.mjs', ...said), {}, 'stream-json');
    await run.ended;
    const costs = run.events.flatMap(event => (event.type === 'cost' ? [event.costUsd] : []));
    expect(costs).toEqual([0.25, 0.5, 0.625]);
  });

  test('yields texts, usage per reply, cost, denials and the result', async () => {
    const run = start(node('say.mjs', 'plain text', ...lines), {}, 'stream-json');
    expect(await run.ended).toEqual({
      outcome: 'done',
      result: 'All done.',
      denials: [{ tool: 'Write', toolUseId: 't1' }],
    });
    expect(texts(run)).toEqual(['plain text', 'Hello']);
    expect(
      run.all('usage').map(({ messageId, tokens, final }) => [messageId, tokens.input, tokens.output, final]),
    ).toEqual([
      ['r1', 100, 1, false],
      ['r1', 100, 25, true],
    ]);
    expect(run.all('cost')).toEqual([
      {
        type: 'cost',
        scope: 'process',
        costUsd: 0.25,
        tokens: { input: 100, output: 25, cacheRead: 7, cacheWrite: 0 },
      },
    ]);
  });

  test('fails when its result is an error, whatever the exit code', async () => {
    const line = JSON.stringify({ type: 'result', is_error: true, result: 'no credit' });
    expect(await start(node('say.mjs', line), {}, 'stream-json').ended).toEqual({
      outcome: 'failed',
      code: 'agent_error',
      message: 'no credit',
    });
  });

  test.each([
    ['a turn that a hook stopped', { terminal_reason: 'hook_stopped', num_turns: 2 }, 'turn_prevented'],
    ['a prompt that was a command', { num_turns: 0 }, 'turn_prevented'],
    ['an end that is not known', { terminal_reason: 'news' }, 'turn_ended_early'],
    ['no word', { result: '', num_turns: 1 }, 'empty_result'],
    ['an API error as its answer', { result: 'API Error: 529 Overloaded' }, 'overloaded'],
  ])('fails with %s, whatever the exit code', async (_, changes, code) => {
    const line = { type: 'result', is_error: false, result: 'Well', ...changes };
    const { ended } = start(node('say.mjs', JSON.stringify(line)), {}, 'stream-json');
    expect(await ended).toMatchObject({ outcome: 'failed', code });
  });

  test('waits for the time of a limit that is its answer', async () => {
    const line = { type: 'result', is_error: false, result: "You've hit your limit · resets 3am" };
    const { ended } = start(node('say.mjs', JSON.stringify(line)), {}, 'stream-json');
    expect(await ended).toMatchObject({ outcome: 'limited', until: expect.any(Number) });
  });

  test('has its last text as the result if that is empty', async () => {
    const last = JSON.stringify({ type: 'result', is_error: false, result: '' });
    const { ended } = start(node('say.mjs', ...lines.slice(0, -1), last), {}, 'stream-json');
    expect(await ended).toEqual({ outcome: 'done', result: 'Hello', denials: [] });
  });

  test('odd lines are tolerated', async () => {
    const odd = [
      '{',
      '{"type":7}',
      '[]',
      'null',
      '{"type":"assistant","message":{"content":"text"}}',
      '{"type":"new"}',
    ];
    const run = start(node('say.mjs', ...odd), {}, 'stream-json');
    expect((await run.ended).outcome).toBe('done');
  });
});

describe('check', () => {
  test('finds a program on the path, and says what to do if there is none', async () => {
    const check = (command: [string]) =>
      agent.check?.({ agent: { kind: 'command', command, output: 'text' } });
    expect(await check(['sh'])).toMatchObject({ ok: true, path: expect.stringMatching(/\/sh$/) });
    expect(await check(['no-such-program-anywhere'])).toMatchObject({ ok: false, code: 'agent_not_found' });
    expect(await check(['./relative/to/the/project.sh'])).toEqual({ ok: true, warnings: [] });
  });
});

describe('a command with a structured output', () => {
  const outputSchema = { type: 'object' };
  const outputOf = async (lines: string[], changes: Partial<AttemptSpec> = { outputSchema }) => {
    const end = await start(node('say.mjs', ...lines), changes).ended;
    return end.outcome === 'done' ? end.output : end;
  };

  test('returns all that it prints, or the last line that is a JSON object', async () => {
    expect(await outputOf(['{', '"a": [1,', '2]', '}'])).toEqual({ a: [1, 2] });
    expect(await outputOf(['{"a": 1}', 'and', '{"a": 2}', '{"a": broken', '3', ''])).toEqual({ a: 2 });
    expect(await outputOf(['none', '{'])).toBeUndefined();
    expect(await outputOf([])).toBeUndefined();
  });

  test('returns none unless requested', async () => {
    expect(await outputOf(['{"a": 1}'], {})).toBeUndefined();
  });

  test('may return it in the result of its stream', async () => {
    const line = { type: 'result', is_error: false, result: '{"a":1}', structured_output: { a: 1 } };
    const end = await start(node('say.mjs', JSON.stringify(line)), { outputSchema }, 'stream-json').ended;
    expect(end).toEqual({ outcome: 'done', result: '{"a":1}', output: { a: 1 }, denials: [] });
    const { structured_output: _, ...without } = line;
    const other = await start(node('say.mjs', JSON.stringify(without)), { outputSchema }, 'stream-json')
      .ended;
    expect(other).toMatchObject({ output: { a: 1 } });
  });
});
