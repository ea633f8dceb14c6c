import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watch } from '../support/claude-attempt.ts';
import {
  type ClaudeBench,
  claudeBench,
  claudeVersion,
  STEADY_MODEL,
  takesTextLiterally,
} from '../support/claude-bench.ts';
import { reply, text, toolUse } from '../support/messages-api/answers.ts';
import { conversationText, lastUserText, turnsSoFar } from '../support/messages-api/request.ts';

let bench: ClaudeBench;
beforeEach(async () => {
  bench = await claudeBench();
});
afterEach(async () => {
  expect(bench.api.failures).toEqual([]);
  await bench.close();
});

describe('claude at work', () => {
  it('answers, and reports conversation, model, version, usage and cost', async () => {
    bench.api.enqueue(text('Hello there.'));
    const spec = bench.spec({ model: STEADY_MODEL });
    const watched = watch(bench.agent, spec);
    expect(await watched.ended).toEqual({ outcome: 'done', result: 'Hello there.', denials: [] });
    expect(watched.events[0]).toMatchObject({
      type: 'started',
      conversationId: spec.conversation.id,
      model: STEADY_MODEL,
      version: claudeVersion(),
    });
    expect(watched.all('message')).toEqual([{ type: 'message', role: 'assistant', text: 'Hello there.' }]);
    expect(watched.all('usage').at(-1)).toMatchObject({
      final: true,
      model: STEADY_MODEL,
      tokens: { input: 100, output: 25, cacheRead: 0, cacheWrite: 0 },
    });
    expect(watched.all('cost')).toMatchObject([
      {
        type: 'cost',
        scope: expect.stringMatching(/^(process|conversation)$/), // `cost.test.ts` tells which is true
        costUsd: expect.closeTo(0.001125, 9),
        tokens: { input: 100, output: 25, cacheRead: 0, cacheWrite: 0 },
        models: {
          [STEADY_MODEL]: {
            costUsd: expect.closeTo(0.001125, 9),
            tokens: { input: 100, output: 25, cacheRead: 0, cacheWrite: 0 },
            webSearches: 0,
          },
        },
      },
    ]);
  });

  it('writes a file if edits are accepted', async () => {
    const path = join(bench.project, 'made.txt');
    bench.api.enqueue(toolUse('Write', { file_path: path, content: 'by the agent\n' }), text('Done.'));
    const watched = watch(bench.agent, bench.spec());
    expect(await watched.ended).toMatchObject({ outcome: 'done', denials: [] });
    expect(readFileSync(path, 'utf8')).toBe('by the agent\n');
    expect(watched.all('tool_started')).toMatchObject([{ tool: 'Write' }]);
    expect(watched.all('tool_finished')).toMatchObject([{ isError: false }]);
  });

  it('runs two tools of one reply', async () => {
    const writing = (name: string) => ({
      tool: 'Write',
      input: { file_path: join(bench.project, name), content: name },
    });
    bench.api.enqueue(reply([writing('a'), writing('b')]), text('Both.'));
    const watched = watch(bench.agent, bench.spec());
    await watched.ended;
    expect(
      watched
        .all('tool_finished')
        .map(event => event.toolUseId)
        .sort(),
    ).toEqual(
      watched
        .all('tool_started')
        .map(event => event.toolUseId)
        .sort(),
    );
    expect(existsSync(join(bench.project, 'a')) && existsSync(join(bench.project, 'b'))).toBe(true);
  });

  const sent = (): readonly (string | undefined)[] =>
    bench.api.mainRequests.map(({ body }) => lastUserText(body).split('</system-reminder>').at(-1)?.trim());

  it.each([
    ['looks like an option', '--model=opus --help', false],
    ['is large', `begin ${'x'.repeat(300_000)} end`, true],
    ['has many lines', 'one\ntwo\n\n{"type":"control_request"}\n\u2028three', true],
  ])('sends a prompt literally that %s', async (_, prompt, composed) => {
    const watched = watch(bench.agent, bench.spec({ prompt, composed }));
    expect(await watched.ended).toMatchObject({ outcome: 'done', result: 'ok' });
    expect(sent()).toEqual([prompt]);
  });

  it('sends composed text that looks like a command, or fails if the client runs commands in any text', async () => {
    const end = await watch(bench.agent, bench.spec({ prompt: '/compact', composed: true })).ended;
    const literally = await takesTextLiterally();
    expect(end).toMatchObject(
      literally ? { outcome: 'done', result: 'ok' } : { outcome: 'failed', code: 'turn_prevented' },
    );
    expect(sent()).toEqual(literally ? ['/compact'] : []);
  });

  it('sends composed text that names a file as it is, without the file unless the client reads those of any text', async () => {
    const file = join(bench.project, 'canary.txt');
    writeFileSync(file, 'CANARY-IN-THE-FILE');
    const watched = watch(bench.agent, bench.spec({ prompt: `read @${file}`, composed: true }));
    expect(await watched.ended).toMatchObject({ outcome: 'done', result: 'ok' });
    expect(sent()).toEqual([`read @${file}`]);
    const said = JSON.stringify(bench.api.mainRequests[0]?.body.messages);
    expect(said.includes('CANARY-IN-THE-FILE')).toBe(!(await takesTextLiterally()));
  });

  it('stores a transcript without partial messages, and stderr, readable by its owner only', async () => {
    await watch(bench.agent, bench.spec({ prompt: 'Say it.' })).ended;
    const transcript = join(bench.logDir, 'transcript.ndjson');
    const lines = readFileSync(transcript, 'utf8').trimEnd().split('\n');
    const types = lines.map(line => JSON.parse(line).type);
    expect(lines[0]).toContain('Say it.');
    expect(types).toEqual(expect.arrayContaining(['user', 'system', 'assistant', 'result']));
    expect(types).not.toContain('stream_event');
    expect(statSync(transcript).mode & 0o777).toBe(0o600);
  });

  it('hides from tools that another client started it', async () => {
    bench.api.enqueue(toolUse('Bash', { command: 'echo "pid=$CLAUDE_PID, outer=$OUTER"' }), text('Done.'));
    const permissions = { ...bench.spec().permissions, allow: ['Bash'] };
    const env = { CLAUDE_PID: '1', CLAUDECODE: '1', CLAUDE_CODE_SESSION_ID: 'outer', OUTER: 'yes' };
    const watched = watch(bench.agent, bench.spec({ permissions, env }));
    expect(await watched.ended).toMatchObject({ outcome: 'done', denials: [] });
    const said = JSON.stringify(bench.api.mainRequests.at(-1)?.body.messages);
    expect(said).toContain('outer=yes');
    expect(said).not.toContain('pid=1,');
  });

  it('runs several at once, each with its own conversation', async () => {
    bench.api.answerWith(({ body }) => text(/SESSION (\w+)/.exec(conversationText(body))?.[1] ?? 'none'));
    const all = ['alpha', 'beta', 'gamma'].map(name =>
      watch(bench.agent, bench.spec({ prompt: `SESSION ${name}` })),
    );
    const ends = await Promise.all(all.map(({ ended }) => ended));
    expect(ends.map(end => (end.outcome === 'done' ? end.result : end))).toEqual(['alpha', 'beta', 'gamma']);
  });

  it('reports what a subagent has used so far, apart from the session itself', async () => {
    bench.api.answerWith(({ body, side }) => {
      if (side) return undefined;
      const words = conversationText(body);
      const replies = turnsSoFar(body);
      if (!words.includes('MAIN') && words.includes('SUB')) {
        return replies === 0
          ? toolUse('Bash', { command: 'true' }, { usage: { input: 1_000, output: 200 } })
          : text('sub');
      }
      const input = { description: 'd', prompt: 'SUB', subagent_type: 'general-purpose' };
      return replies === 0 ? toolUse('Task', input) : text('main');
    });
    const permissions = { ...bench.spec().permissions, allow: ['Bash(true)', 'Task'] };
    const watched = watch(bench.agent, bench.spec({ prompt: 'MAIN', permissions }));
    expect(await watched.ended).toMatchObject({ outcome: 'done', result: 'main' });
    expect(new Set(watched.all('usage').map(event => event.messageId)).size).toBe(2);
    const [first] = watched.all('subagent_usage');
    expect(first?.totalTokens).toBeGreaterThan(1_000);
    expect(watched.all('cost').at(-1)?.tokens).toMatchObject({ input: 1_300, output: 275 });
  });
});
