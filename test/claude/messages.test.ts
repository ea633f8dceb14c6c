import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AgentEvent } from '../../src/sdk/session/agent.ts';
import { watchAttempt } from '../../src/sdk/session/watched-attempt.ts';
import { type ClaudeBench, claudeBench } from '../support/claude-bench.ts';
import { text, toolUse } from '../support/messages-api/answers.ts';

/** What the real client does with messages of people while it works, between turns, and after a crash. */

let bench: ClaudeBench;
beforeAll(async () => {
  bench = await claudeBench();
});
beforeEach(() => bench.api.answerWith(() => undefined));
afterAll(() => bench.close());

const FIRST = { id: '00000001-0000-4000-8000-000000000000', text: 'MESSAGE ONE' };
const SECOND = { id: 'a name of my own', text: 'MESSAGE TWO' };

const delivered = (events: readonly AgentEvent[]) =>
  events.flatMap(event => (event.type === 'message_delivered' ? [event.id] : []));
/** The texts of a request's messages, in order. */
const textsOf = (body: { readonly messages: readonly unknown[] }) => JSON.stringify(body.messages);

describe('a message to the real client', () => {
  test('during a tool is in the next request of the same turn', async () => {
    let asked = 0;
    bench.api.answerWith(({ side }) => {
      if (side) return undefined;
      asked += 1;
      return asked === 1 ? toolUse('Bash', { command: 'sleep 1' }) : text('heard');
    });
    const before = bench.api.mainRequests.length;
    const spec = bench.spec({ prompt: 'WORK', permissions: allowing('Bash') });
    const watched = watchAttempt(bench.agent, spec, event => {
      if (event.type === 'tool_started') watched.attempt.send?.(FIRST);
    });
    expect(await watched.ended).toMatchObject({ outcome: 'done', result: 'heard' });
    expect(delivered(watched.events)).toEqual([FIRST.id]);
    const requests = bench.api.mainRequests.slice(before);
    expect(requests).toHaveLength(2);
    expect(textsOf(requests[1]?.body ?? { messages: [] })).toContain('MESSAGE ONE');
    expect(watched.events.filter(event => event.type === 'message' && event.role === 'user')).toEqual([]);
  });

  test('during a reply begins another turn, and the attempt waits for that', async () => {
    bench.api.answerWith(({ side, body }) => {
      if (side) return undefined;
      return text(textsOf(body).includes('MESSAGE TWO') ? 'both heard' : 'first');
    });
    const spec = bench.spec({ prompt: 'WORK' });
    const watched = watchAttempt(bench.agent, spec, event => {
      if (event.type !== 'started') return;
      watched.attempt.send?.(FIRST);
      watched.attempt.send?.(SECOND);
    });
    expect(await watched.ended).toMatchObject({ outcome: 'done', result: 'both heard' });
    expect(delivered(watched.events)).toEqual([FIRST.id, SECOND.id]);
  });

  test('is taken once, whichever process brings it, if it began a turn', async () => {
    bench.api.answerWith(({ side }) => (side ? undefined : text('ok')));
    const spec = bench.spec({ prompt: 'WORK' });
    const first = watchAttempt(bench.agent, spec, event => {
      if (event.type === 'started') first.attempt.send?.(FIRST);
    });
    await first.ended;
    const before = bench.api.mainRequests.length;
    const again = { ...spec, conversation: { ...spec.conversation, exists: true, resume: true } };
    const second = watchAttempt(bench.agent, { ...again, prompt: 'Continue.', attempt: 2 });
    second.attempt.send?.(FIRST);
    expect((await second.ended).outcome).toBe('done');
    expect(delivered(second.events)).toEqual([FIRST.id]);
    const requests = bench.api.mainRequests.slice(before);
    expect(requests).toHaveLength(1);
    expect(textsOf(requests[0]?.body ?? { messages: [] }).split('MESSAGE ONE')).toHaveLength(2);
  });
});

const allowing = (...allow: string[]) => ({
  ...bench.spec().permissions,
  allow,
});
