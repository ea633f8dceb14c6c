// @module-tag processes
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { Notice } from '../../../src/cli/notify/notice.ts';
import { postNotice } from '../../../src/cli/notify/webhook.ts';
import { systemClock } from '../../../src/sdk/clock.ts';

const notice: Notice = {
  ...{ kind: 'approval', id: 'g:7', time: '2026-01-01T00:00:00.000Z', groupId: 'g', group: 'Demo' },
  ...{ sessionId: 'web', title: 'session-groups: Demo', text: 'web needs approval: Write' },
};

let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

interface Asked {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A receiver that gives these answers in turn, and then the last one again; 0: none at all. */
async function receiver(...answers: readonly number[]) {
  const asked: Asked[] = [];
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    asked.push({ headers: request.headers, body });
    const status = answers[Math.min(asked.length, answers.length) - 1] ?? 200;
    if (status === 0) {
      request.socket.destroy();
      return;
    }
    response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end('thanks');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, asked };
}

/** Pauses take no time, and are noted; what has a limit is never too late. */
function quickClock() {
  const pauses: number[] = [];
  return {
    pauses,
    clock: {
      ...systemClock,
      setTimeout(run: () => void, ms: number) {
        if (ms === 10_000) return systemClock.setTimeout(() => {}, 0);
        pauses.push(ms);
        return systemClock.setTimeout(run, 0);
      },
    },
  };
}

const post = async (url: string, secret?: string, signal = new AbortController().signal) => {
  const { clock, pauses } = quickClock();
  const outcome = await postNotice(notice, { url, secret }, clock, signal).then(
    () => 'told',
    error => (error instanceof Error ? error.message : 'thrown'),
  );
  return { outcome, pauses };
};

test('a notice is posted as JSON, signed as Standard Webhooks says, without the secret', async () => {
  const { url, asked } = await receiver(200);
  const key = Buffer.from('a secret of this test');
  expect(await post(url, `whsec_${key.toString('base64')}`)).toEqual({ outcome: 'told', pauses: [] });
  const [{ headers, body } = { headers: {}, body: '' }] = asked;
  expect(JSON.parse(body)).toEqual(notice);
  expect(headers['webhook-id']).toBe('g:7');
  const signed = `g:7.${headers['webhook-timestamp']}.${body}`;
  const right = createHmac('sha256', key).update(signed).digest('base64');
  expect(headers['webhook-signature']).toBe(`v1,${right}`);
  expect(JSON.stringify(headers) + body).not.toContain('secret');
});

test('a secret that is plain text signs as it is; without one, nothing is signed', async () => {
  const { url, asked } = await receiver(200);
  await post(url, 'plain');
  await post(url);
  const [{ headers, body } = { headers: {}, body: '' }, unsigned] = asked;
  const right = createHmac('sha256', 'plain').update(`g:7.${headers['webhook-timestamp']}.${body}`);
  expect(headers['webhook-signature']).toBe(`v1,${right.digest('base64')}`);
  expect(unsigned?.headers['webhook-signature']).toBeUndefined();
});

test.each([[500], [503], [429], [408], [0]])('after %d it is tried again, with the same id', async answer => {
  const { url, asked } = await receiver(answer, answer, 204);
  expect(await post(url)).toEqual({ outcome: 'told', pauses: [1_000, 5_000] });
  expect(asked.map(({ headers }) => headers['webhook-id'])).toEqual(['g:7', 'g:7', 'g:7']);
});

test('a receiver that keeps failing is asked four times', async () => {
  const { url, asked } = await receiver(500);
  expect(await post(url)).toEqual({ outcome: 'it answered 500', pauses: [1_000, 5_000, 25_000] });
  expect(asked).toHaveLength(4);
});

test.each([[400], [401], [404], [410], [302]])('%d is final, and no redirect is followed', async answer => {
  const { url, asked } = await receiver(answer);
  expect(await post(url)).toEqual({ outcome: `it answered ${answer}`, pauses: [] });
  expect(asked).toHaveLength(1);
});

test('where nothing listens, it says so in the end', async () => {
  const { url } = await receiver(200);
  server?.close();
  if (server) await once(server, 'close');
  expect((await post(url)).outcome).toContain('ECONNREFUSED');
});

test('a receiver that never answers is given up after its time', async () => {
  server = createServer(() => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const clock = { ...systemClock, setTimeout: (run: () => void) => systemClock.setTimeout(run, 0) };
  await expect(
    postNotice(notice, { url, secret: undefined }, clock, new AbortController().signal),
  ).rejects.toThrow('it did not answer in time');
});

test('it ends at once when the group is cut short', async () => {
  const { url } = await receiver(500);
  const cut = new AbortController();
  cut.abort(new Error('cut'));
  expect(await post(url, undefined, cut.signal)).toEqual({ outcome: 'cut', pauses: [] });
});

test('cut short before another attempt, it names the problem', async () => {
  const { url } = await receiver(500);
  const cut = new AbortController();
  const clock = {
    ...systemClock,
    setTimeout(run: () => void, ms: number) {
      if (ms !== 1_000) return systemClock.setTimeout(run, ms);
      queueMicrotask(() => cut.abort(new Error('it was cut short')));
      return systemClock.setTimeout(() => {}, 0);
    },
  };
  await expect(postNotice(notice, { url, secret: undefined }, clock, cut.signal)).rejects.toThrow(
    'it answered 500; it was cut short',
  );
});

test.each([
  ['https://user:CANARY@127.0.0.1/', /^it could not be reached$/],
  ['http://CANARY.invalid/', /^it could not be reached \((ENOTFOUND|EAI_AGAIN)\)$/],
  ['http://127.0.0.1:1/CANARY', /^it could not be reached$/],
])('what went wrong is said without the address: %s', async (url, outcome) => {
  expect((await post(url)).outcome).toMatch(outcome);
});
