import { createHmac } from 'node:crypto';
import { type Clock, sleep } from '../../sdk/clock.ts';
import { textOfThrown } from '../../sdk/errors.ts';
import type { Notice } from './notice.ts';

/** Pauses before the second attempt and later ones; there are no more. */
const PAUSES_MS = [1_000, 5_000, 25_000];
const TIMEOUT_MS = 10_000;

export interface WebhookTarget {
  readonly url: string;
  readonly secret: string | undefined;
}

/** Why notices can't be posted there, without the address, which may be a secret; undefined if they can. */
export function addressProblem(address: string): string | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) return 'its url is not an http or https address';
  if (url.username || url.password) return 'its url has a user name or a password in it';
  return undefined;
}

/**
 * Posts a notice as JSON, with the headers of Standard Webhooks (https://www.standardwebhooks.com): `webhook-id`, the same for each attempt,
 * `webhook-timestamp` and, given a secret, `webhook-signature`. What may pass is tried again, four times in all; a redirect is not
 * followed, and the answer's body is not read.
 *
 * @throws Error that names the last problem, and if it was ended by the signal, the signal's reason. It names no part of the target,
 *    which may be a secret.
 */
export async function postNotice(
  notice: Notice,
  target: WebhookTarget,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const problem = await post(notice, target, clock, signal);
    if (problem === undefined) return;
    signal.throwIfAborted();
    const pause = problem.mayPass ? PAUSES_MS[attempt] : undefined;
    if (pause === undefined) throw new Error(problem.message);
    await sleep(clock, pause, signal).catch(cut => {
      throw new Error(`${problem.message}; ${textOfThrown(cut)}`);
    });
  }
}

interface Problem {
  readonly message: string;
  readonly mayPass: boolean;
}

async function post(
  notice: Notice,
  { url, secret }: WebhookTarget,
  clock: Clock,
  signal: AbortSignal,
): Promise<Problem | undefined> {
  const body = JSON.stringify(notice);
  const timestamp = String(Math.floor(clock.now() / 1_000));
  const timeout = new AbortController();
  const timer = clock.setTimeout(() => timeout.abort(), TIMEOUT_MS);
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'session-groups',
        'webhook-id': notice.id,
        'webhook-timestamp': timestamp,
        ...(secret === undefined
          ? {}
          : { 'webhook-signature': signatureOf(`${notice.id}.${timestamp}.${body}`, secret) }),
      },
      body,
      signal: AbortSignal.any([signal, timeout.signal]),
    });
    await response.body?.cancel();
    if (response.ok) return undefined;
    const { status } = response;
    return { message: `it answered ${status}`, mayPass: status === 408 || status === 429 || status >= 500 };
  } catch (error) {
    return timeout.signal.aborted
      ? { message: 'it did not answer in time', mayPass: true }
      : unreached(error);
  } finally {
    clock.clearTimeout(timer);
  }
}

/** `fetch` gives the cause, of which only the code is told: its text may name the address. What has none is of no connection. */
function unreached(error: unknown): Problem {
  const { cause } = error instanceof Error ? error : {};
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  return {
    message: `it could not be reached${code === undefined ? '' : ` (${code})`}`,
    mayPass: code !== undefined,
  };
}

function signatureOf(content: string, secret: string): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : secret;
  return `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
}
