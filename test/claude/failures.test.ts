import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watch } from '../support/claude-attempt.ts';
import { type ClaudeBench, chargesCutReplies, claudeBench, STEADY_MODEL } from '../support/claude-bench.ts';
import {
  type Answer,
  cutStream,
  forbidden,
  malformedStream,
  modelNotFound,
  noCredit,
  overloaded,
  promptTooLong,
  rateLimited,
  refusal,
  serverError,
  silence,
  subscriptionHeaders,
  subscriptionLimit,
  text,
  toolUse,
  unauthorized,
} from '../support/messages-api/answers.ts';
import { Gate } from '../support/messages-api/pace.ts';

let bench: ClaudeBench;
beforeEach(async () => {
  bench = await claudeBench();
});
afterEach(async () => {
  expect(bench.api.failures).toEqual([]);
  await bench.close();
});

/** Makes the client give up after one retry; otherwise the tests would wait for its long backoff. */
const ONE_RETRY = { CLAUDE_CODE_MAX_RETRIES: '1' };

describe('failures of claude', () => {
  it.each<[string, Answer, string]>([
    ['403', forbidden(), 'authentication_failed'],
    ['404 for the model', modelNotFound(), 'model_not_found'],
    ['400 for want of credit', noCredit(), 'billing_error'],
    ['402', refusal(402, 'billing_error', 'Pay first.'), 'billing_error'],
    ['400', refusal(400, 'invalid_request_error', 'messages: no'), 'invalid_request'],
    ['400 for a prompt too long', promptTooLong(), 'prompt_too_long'],
    ['413', refusal(413, 'request_too_large', 'Too large'), 'invalid_request'],
    ['500 for ever', serverError(), 'server_error'],
    ['529 for ever', overloaded(), 'overloaded'],
    ['a stream that is always cut', cutStream(), 'server_error'],
    ['a reply that never fits', text('t', { stopReason: 'max_tokens' }), 'agent_error'],
  ])('%s', async (_, answer, code) => {
    bench.api.answerWith(() => answer);
    const end = await watch(bench.agent, bench.spec({ env: ONE_RETRY })).ended;
    expect(end).toMatchObject({ outcome: 'failed', code });
    expect(end.outcome === 'failed' && end.message).toBeTruthy();
  });

  it("fails at the first refused login, without the client's ten retries", async () => {
    bench.api.answerWith(() => unauthorized());
    const watched = watch(bench.agent, bench.spec());
    expect(await watched.ended).toMatchObject({ outcome: 'failed', code: 'authentication_failed' });
    expect(bench.api.mainRequests.length).toBeLessThanOrEqual(2);
  });

  it('reports a missing login', async () => {
    const watched = watch(bench.agent, bench.spec({}, { login: 'none' }));
    expect(await watched.ended).toMatchObject({
      outcome: 'failed',
      code: 'authentication_failed',
      message: expect.stringContaining('Not logged in'),
    });
  });

  it('reports retries while the client waits, and the answer in the end', async () => {
    bench.api.enqueue(overloaded(), text('At last.'));
    const watched = watch(bench.agent, bench.spec());
    expect(await watched.ended).toMatchObject({ outcome: 'done', result: 'At last.' });
    expect(watched.all('agent_retry')).toMatchObject([{ code: 'overloaded', delayMs: expect.any(Number) }]);
  });

  it('survives a short rate limit', async () => {
    bench.api.enqueue(rateLimited(1), text('Again.'));
    expect(await watch(bench.agent, bench.spec()).ended).toMatchObject({ outcome: 'done', result: 'Again.' });
  });

  it('survives a truncated stream, whose beginning costs too', async () => {
    const gate = new Gate();
    bench.api.enqueue(cutStream('half an ans', gate), text('Again.'));
    gate.release(1);
    const watched = watch(bench.agent, bench.spec());
    await watched.first('usage');
    gate.open();
    expect(await watched.ended).toMatchObject({ outcome: 'done', result: 'Again.' });
    expect(watched.all('agent_retry').length).toBeLessThanOrEqual(1); // 2.1.197 does not say that it tries again
    const [cut] = watched.all('usage');
    const whole = watched.all('usage').at(-1);
    expect(cut).toMatchObject({ final: false, tokens: { input: 100 } });
    expect(whole?.messageId).not.toBe(cut?.messageId);
    expect(whole).toMatchObject({ final: true, tokens: { input: 100, output: 25 } });
    expect(watched.all('cost').at(-1)?.tokens?.input).toBe(chargesCutReplies() ? 200 : 100);
  });

  it('survives a malformed stream: the client asks again without streaming', async () => {
    bench.api.answerWith(({ body }) => (body.stream ? malformedStream() : text('Again.')));
    const watched = watch(bench.agent, bench.spec());
    expect(await watched.ended).toMatchObject({ outcome: 'done', result: 'Again.' });
    expect(bench.api.requests.map(({ body }) => body.stream === true)).toEqual([true, false]);
    expect(watched.all('usage').at(-1)).toMatchObject({ final: true, tokens: { input: 100, output: 25 } });
  });

  it('reports a long rate limit as a limit without a reset time', async () => {
    bench.api.answerWith(() => rateLimited(300));
    const end = await watch(bench.agent, bench.spec()).ended;
    expect(end).toEqual({ outcome: 'limited', message: expect.stringContaining('429') });
  });

  it("reports when a subscriber's plan limit resets", async () => {
    const resetsAt = Math.floor(Date.now() / 1_000) + 3_600;
    bench.api.answerWith(() => subscriptionLimit(resetsAt));
    const end = await watch(bench.agent, bench.spec({}, { login: 'subscription' })).ended;
    expect(end).toMatchObject({ outcome: 'limited', until: resetsAt * 1_000 });
  });

  it('does not stop at a plan warning', async () => {
    const headers = subscriptionHeaders({
      status: 'allowed_warning',
      resetsAt: Math.floor(Date.now() / 1_000) + 3_600,
    });
    bench.api.enqueue(text('Fine.', { headers }));
    const watched = watch(bench.agent, bench.spec({}, { login: 'subscription' }));
    expect(await watched.ended).toMatchObject({ outcome: 'done', result: 'Fine.' });
  });

  it('stops at the cap of the attempt', async () => {
    const answer = toolUse('Bash', { command: 'true' }, { usage: { input: 40_000, output: 0 } });
    bench.api.answerWith(() => answer);
    const watched = watch(bench.agent, bench.spec({ model: STEADY_MODEL, maxBudgetUsd: 0.1 }));
    expect(await watched.ended).toMatchObject({ outcome: 'failed', code: 'session_budget' });
    expect(watched.all('cost').at(-1)?.costUsd).toBeCloseTo(0.2);
  });

  it('does not retry when the client rejects its command line', async () => {
    const conversation = { id: 'not-a-uuid', exists: false, resume: false };
    const watched = watch(bench.agent, bench.spec({ conversation }));
    expect(await watched.ended).toMatchObject({
      outcome: 'failed',
      code: 'invalid_request',
      message: expect.stringContaining('Invalid session ID'),
    });
  });

  it.each(['terminate', 'kill', 'interrupt'] as const)('ends by %s when the API is silent', async verb => {
    bench.api.answerWith(() => silence());
    const watched = watch(bench.agent, bench.spec());
    await bench.api.arrived(1);
    await watched.first('started');
    watched.attempt[verb]();
    expect(await watched.ended).toEqual({ outcome: 'interrupted' });
    await vi.waitFor(() => expect(bench.api.openAnswers).toBe(0), 60_000);
  });

  it('is lost when another program kills the process', async () => {
    bench.api.answerWith(() => silence());
    const watched = watch(bench.agent, bench.spec());
    await watched.first('started');
    const { pid } = watched.attempt;
    if (pid === undefined) throw new Error('no process');
    process.kill(pid, 'SIGKILL');
    expect(await watched.ended).toMatchObject({
      outcome: 'failed',
      code: 'process_lost',
      message: expect.stringContaining('SIGKILL'),
    });
  });
});
