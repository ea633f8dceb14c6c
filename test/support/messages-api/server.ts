import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Answer, type ChosenUsage, text } from './answers.ts';
import { type RecordedRequest, readRequest } from './request.ts';
import { sendRefusal, sendReply } from './stream.ts';

/**
 * A scriptable stand-in of the Anthropic Messages API on 127.0.0.1, for tests with the real `claude`.
 *
 *     const api = await startMessagesApi();
 *     api.enqueue(toolUse('Write', { file_path: 'notes.txt', content: 'hi' }), text('done'));
 *     // or, if several sessions run at once, choose by the request:
 *     api.answerWith(request => (lastUserText(request.body).includes('alpha') ? text('a') : text('b')));
 *     ... environment(api, folder) ...
 *     api.requests;         // every body received, side requests included
 *     await api.close();    // also ends open answers
 *
 * Answers come from the function given to `answerWith`, else the queue, else the default (`ok`). Requests that the
 * client makes for itself (titles, summaries: they offer no tools) get the default and never take from the queue; a
 * function sees them with `request.side` set. The vocabulary of answers is in `answers.ts`, of slow ones in
 * `pace.ts`, the client's environment in `environment.ts`; to start one manually:
 * `node scripts/run-ts.mjs test/support/messages-api/cli.ts`.
 */
export async function startMessagesApi(options: { readonly port?: number } = {}): Promise<MessagesApi> {
  const requests: RecordedRequest[] = [];
  const queue: Answer[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const open = new Set<AbortController>();
  const failures: unknown[] = [];
  const billed: BilledReply[] = [];
  let script: Script = () => undefined;
  let served = 0;

  const answerTo = async (request: RecordedRequest): Promise<Answer> =>
    (await script(request)) ?? (request.side ? undefined : queue.shift()) ?? text('ok');

  const handle = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = message.url?.split('?')[0];
    if (message.method !== 'POST' || path !== '/v1/messages') {
      message.resume();
      respondElsewhere(path, response);
      return;
    }
    const request = await readRequest(message, served++);
    const answer = await answerTo(request);
    requests.push(request);
    for (const waiter of waiting) if (requests.length >= waiter.count) waiter.resolve();
    const id = `msg_standin${String(request.index).padStart(6, '0')}`;
    const gone = new AbortController();
    open.add(gone);
    response.on('close', () => {
      gone.abort();
      open.delete(gone);
    });
    if (answer.kind === 'refusal') sendRefusal(answer, id, response);
    else if (answer.kind === 'reply') {
      const bill = { model: answer.model ?? request.body.model, usage: { ...answer.usage }, output: 0 };
      billed.push(bill);
      bill.output = await sendReply(answer, request.body, id, response, gone.signal);
    }
  };

  const server = createServer((message, response) => {
    handle(message, response).catch((error: unknown) => {
      failures.push(error);
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the stand-in has no port');

  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    failures,
    billed,
    get mainRequests() {
      return requests.filter(request => !request.side);
    },
    get openAnswers() {
      return open.size;
    },
    enqueue(...answers) {
      queue.push(...answers);
    },
    answerWith(chosen) {
      script = chosen;
    },
    arrived(count) {
      if (requests.length >= count) return Promise.resolve();
      return new Promise(resolve => waiting.push({ count, resolve }));
    },
    reset() {
      requests.length = 0;
      queue.length = 0;
      failures.length = 0;
      billed.length = 0;
      script = () => undefined;
    },
    close() {
      for (const gone of open) gone.abort();
      return new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

export type Script = (request: RecordedRequest) => Answer | undefined | Promise<Answer | undefined>;

/** What the API charges for a reply. */
export interface BilledReply {
  readonly model: string;
  readonly usage: ChosenUsage;
  /** Output tokens sent so far; of a reply that was cut, a token for each delta. */
  readonly output: number;
}

export interface MessagesApi {
  readonly url: string;
  /** In the order of arrival. */
  readonly requests: readonly RecordedRequest[];
  /** The same without the client's side requests. */
  readonly mainRequests: readonly RecordedRequest[];
  /** Answers that have not ended: slow or silent ones. */
  readonly openAnswers: number;
  /** Errors inside the stand-in (a body that it couldn't read); tests assert that it is empty. */
  readonly failures: readonly unknown[];
  /** What was charged, side requests included. */
  readonly billed: readonly BilledReply[];
  /** Each main request takes one. */
  enqueue(...answers: Answer[]): void;
  /** Sets the function that chooses answers; if it returns undefined: the queue, then the default. */
  answerWith(script: Script): void;
  /** Resolves when this many requests have been received. */
  arrived(count: number): Promise<void>;
  /** Clears requests, queue and function: a fresh start on the same port. */
  reset(): void;
  close(): Promise<void>;
}

function respondElsewhere(path: string | undefined, response: ServerResponse): void {
  if (path === '/v1/messages/count_tokens') {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ input_tokens: 100 }));
    return;
  }
  response.writeHead(404, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ type: 'error', error: { type: 'not_found_error', message: 'Not found' } }));
}
