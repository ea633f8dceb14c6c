import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  cutStream,
  malformedStream,
  overloaded,
  rateLimited,
  silence,
  slow,
  text,
  toolUse,
} from './answers.ts';
import { environment } from './environment.ts';
import { Gate } from './pace.ts';
import { lastUserText } from './request.ts';
import { type MessagesApi, startMessagesApi } from './server.ts';

let api: MessagesApi;
beforeEach(async () => {
  api = await startMessagesApi();
});
afterEach(() => api.close());

const TOOLS = [{ name: 'Bash' }];

const ask = (words: string, more: Record<string, unknown> = {}): Promise<Response> =>
  fetch(`${api.url}/v1/messages?beta=true`, {
    method: 'POST',
    headers: { 'x-api-key': 'secret', authorization: 'Bearer secret', 'x-kept': 'yes' },
    body: JSON.stringify({
      model: 'claude-x',
      stream: true,
      tools: TOOLS,
      messages: [{ role: 'user', content: words }],
      ...more,
    }),
  });

const eventsOf = (body: string): Record<string, unknown>[] =>
  body
    .split('\n')
    .filter(line => line.startsWith('data: '))
    .map(line => JSON.parse(line.slice('data: '.length)));

describe('the stand-in of the Messages API', () => {
  it('streams a reply with the usage that was chosen', async () => {
    api.enqueue(text('Hello', { usage: { input: 7, output: 9, cacheWrite5m: 1, cacheWrite1h: 2 } }));
    const events = eventsOf(await (await ask('hi')).text());
    expect(events.map(event => event.type)).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    expect(events[0]).toMatchObject({
      message: {
        model: 'claude-x',
        usage: {
          input_tokens: 7,
          cache_creation_input_tokens: 3,
          cache_creation: { ephemeral_5m_input_tokens: 1, ephemeral_1h_input_tokens: 2 },
        },
      },
    });
    expect(events[5]).toMatchObject({ delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 9 } });
  });

  it('answers in one piece if no stream is requested', async () => {
    api.enqueue(toolUse('Bash', { command: 'ls' }));
    const message = await (await ask('hi', { stream: false })).json();
    expect(message).toMatchObject({
      stop_reason: 'tool_use',
      content: [{ type: 'text' }, { type: 'tool_use', name: 'Bash', input: { command: 'ls' } }],
      usage: { input_tokens: 100, output_tokens: 25 },
    });
  });

  it('asks the function, then the queue, then answers ok; side requests leave the queue alone', async () => {
    api.answerWith(({ body }) => (lastUserText(body).includes('special') ? text('chosen') : undefined));
    api.enqueue(text('queued'));
    const said = async (words: string, more?: Record<string, unknown>): Promise<string> =>
      (await ask(words, more)).text();
    expect(await said('special')).toContain('"cho');
    expect(await said('a title, please', { tools: [] })).not.toContain('"que');
    expect(await said('plain')).toContain('"que');
    expect(eventsOf(await said('plain')).filter(event => event.type === 'content_block_delta')).toHaveLength(
      2,
    );
    expect(api.requests.map(request => request.side)).toEqual([false, true, false, false]);
    expect(api.mainRequests).toHaveLength(3);
  });

  it('records requests without credentials', async () => {
    await (await ask('hi')).text();
    const [request] = api.requests;
    expect(request?.headers['x-kept']).toBe('yes');
    expect(JSON.stringify(request)).not.toContain('secret');
  });

  it('returns errors with status and headers', async () => {
    api.enqueue(rateLimited(300), overloaded());
    const limited = await ask('hi');
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '300']);
    expect(await limited.json()).toMatchObject({ type: 'error', error: { type: 'rate_limit_error' } });
    expect((await ask('hi')).status).toBe(529);
  });

  it('sends word by word as the gate opens', async () => {
    const gate = new Gate();
    api.enqueue(slow('one two three', gate));
    const body = (await ask('hi')).text();
    gate.release(2);
    await gate.reached();
    expect(api.openAnswers).toBe(1);
    gate.open();
    const deltas = eventsOf(await body).filter(event => event.type === 'content_block_delta');
    expect(deltas.map(event => event.delta)).toEqual(
      ['one ', 'two ', 'three'].map(piece => ({ type: 'text_delta', text: piece })),
    );
  });

  it('truncates and garbles streams', async () => {
    api.enqueue(cutStream(), malformedStream());
    const cut = await ask('hi');
    await expect(cut.text()).rejects.toThrow();
    const garbled = await (await ask('hi')).text();
    expect(() => eventsOf(garbled)).toThrow(SyntaxError);
  });

  it('ends silent and slow answers when it is closed', async () => {
    api.enqueue(silence(), slow('never', new Gate()));
    const silent = ask('hi');
    const endings = expect(silent).rejects.toThrow();
    await api.arrived(1);
    const half = await ask('hi');
    const rest = expect(half.text()).rejects.toThrow();
    await api.close();
    await Promise.all([endings, rest]);
    expect(api.openAnswers).toBe(0);
  });

  it('records what it could not read for the test', async () => {
    await expect(ask('hi', { messages: 'none' })).rejects.toThrow();
    expect(api.failures).toHaveLength(1);
    api.reset();
    expect(api.failures).toEqual([]);
  });

  it('gives the client an environment that reveals nothing of the user', () => {
    const folder = mkdtempSync(join(tmpdir(), 'messages-api-'));
    const env = environment(api, folder);
    expect(env).toMatchObject({
      ANTHROPIC_BASE_URL: api.url,
      ANTHROPIC_API_KEY: 'test',
      HOME: join(folder, 'home'),
    });
    expect(environment(api, folder, { login: 'none' })).not.toHaveProperty('ANTHROPIC_API_KEY');
    rmSync(folder, { recursive: true });
  });
});
