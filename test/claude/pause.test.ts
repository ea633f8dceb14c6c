import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AttemptSpec } from '../../src/sdk/session/agent.ts';
import { watch } from '../support/claude-attempt.ts';
import { type ClaudeBench, claudeBench, isRunning } from '../support/claude-bench.ts';
import { slow, text, toolUse } from '../support/messages-api/answers.ts';
import { Gate } from '../support/messages-api/pace.ts';
import { conversationText, lastUserText } from '../support/messages-api/request.ts';

let bench: ClaudeBench;
beforeEach(async () => {
  bench = await claudeBench();
});
afterEach(async () => {
  expect(bench.api.failures).toEqual([]);
  await bench.close();
});

const resumed = (spec: AttemptSpec): AttemptSpec => ({
  ...spec,
  attempt: spec.attempt + 1,
  conversation: { ...spec.conversation, exists: true, resume: true },
  prompt: 'Go on where you were.',
});

describe('pausing and resuming claude', () => {
  it('interrupts an answer and continues in the same conversation', async () => {
    const gate = new Gate();
    bench.api.enqueue(slow('one two three four', gate), text('five six'));
    gate.release(2);
    const spec = bench.spec({ prompt: 'Count, please.' });
    const first = watch(bench.agent, spec);
    await gate.reached();
    await first.first('usage');
    first.attempt.interrupt();
    expect(await first.ended).toEqual({ outcome: 'interrupted' });
    expect(first.all('cost')).toHaveLength(1);

    const second = watch(bench.agent, resumed(spec));
    expect(await second.ended).toMatchObject({ outcome: 'done', result: 'five six' });
    expect((await second.first('started')).conversationId).toBe(spec.conversation.id);
    const request = bench.api.mainRequests.at(-1);
    const words = request ? conversationText(request.body) : '';
    expect(words).toContain('Count, please.');
    expect(words).toContain('one ');
    expect(request && lastUserText(request.body)).toContain('Go on where you were.');
  });

  it.each([
    ['interrupt', 'sleep', '7301'],
    ['terminate', 'sleep', '7302'],
    ['kill', 'sleep', '7303'],
  ] as const)('ends a running tool by %s, and continues', async (verb, ...command) => {
    bench.api.enqueue(toolUse('Bash', { command: command.join(' ') }));
    const permissions = { ...bench.spec().permissions, allow: ['Bash(sleep *)'] };
    const spec = bench.spec({ permissions, prompt: 'Sleep a little.' });
    const first = watch(bench.agent, spec);
    await vi.waitFor(async () => expect(await isRunning(...command)).toBe(true), 60_000);
    first.attempt[verb]();
    expect(await first.ended).toEqual({ outcome: 'interrupted' });
    expect(await isRunning(...command)).toBe(false);

    bench.api.enqueue(text('Awake.'));
    expect(await watch(bench.agent, resumed(spec)).ended).toMatchObject({
      outcome: 'done',
      result: 'Awake.',
    });
    const request = bench.api.mainRequests.at(-1);
    expect(request && conversationText(request.body)).toContain('Sleep a little.');
  });

  it('interrupts before a conversation exists, and starts over', async () => {
    const spec = bench.spec({ prompt: 'The first words.' });
    const first = watch(bench.agent, spec);
    first.attempt.interrupt();
    expect(await first.ended).toEqual({ outcome: 'interrupted' });
    expect(first.all('started')).toEqual([]);
    const second = watch(bench.agent, { ...spec, attempt: 2 });
    expect(await second.ended).toMatchObject({ outcome: 'done' });
    expect(bench.api.mainRequests).toHaveLength(1);
  });

  it('interrupts attempts that are still waiting to start', async () => {
    const all = Array.from({ length: 12 }, () => watch(bench.agent, bench.spec()));
    for (const { attempt } of all) attempt.interrupt();
    const ends = await Promise.all(all.map(({ ended }) => ended));
    expect(new Set(ends.map(({ outcome }) => outcome))).toEqual(new Set(['interrupted']));
  });

  it('keeps a result that came before the interrupt', async () => {
    const watched = watch(bench.agent, bench.spec(), (event, attempt) => {
      if (event.type === 'cost') attempt.interrupt();
    });
    expect(await watched.ended).toMatchObject({ outcome: 'done', result: 'ok' });
  });

  it('recovers from a missing conversation: sends the original prompt in a new one', async () => {
    const spec = resumed(bench.spec({ prompt: 'The original words.' }));
    const watched = watch(bench.agent, spec);
    expect(await watched.ended).toMatchObject({ outcome: 'done' });
    expect(watched.all('started')).toMatchObject([{ conversationId: spec.conversation.id }]);
    expect(watched.all('ended')).toHaveLength(1);
    expect(bench.api.mainRequests.map(({ body }) => lastUserText(body))).toEqual([
      expect.stringContaining('The original words.'),
    ]);
  });

  it('recovers from an existing conversation: resumes it', async () => {
    const spec = bench.spec({ prompt: 'The first words.' });
    await watch(bench.agent, spec).ended;
    const watched = watch(bench.agent, { ...spec, prompt: 'The second words.' });
    expect(await watched.ended).toMatchObject({ outcome: 'done' });
    expect(watched.all('started')).toMatchObject([{ conversationId: spec.conversation.id }]);
    const request = bench.api.mainRequests.at(-1);
    const words = request ? conversationText(request.body) : '';
    expect(words).toContain('The first words.');
    expect(words).toContain('The second words.');
  });

  it('starts no second conversation next to the first', async () => {
    const id = randomUUID();
    const conversation = { id, exists: false, resume: false };
    await watch(bench.agent, bench.spec({ conversation })).ended;
    const again = watch(bench.agent, resumed(bench.spec({ conversation })));
    await again.ended;
    expect((await again.first('started')).conversationId).toBe(id);
    expect(bench.api.mainRequests.at(-1)?.body.messages.length).toBeGreaterThan(1);
  });
});
