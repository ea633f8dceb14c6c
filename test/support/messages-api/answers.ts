/**
 * The answers that the stand-in can give to a request: plain values, so that a script reads like a list of answers.
 * The builders are the vocabulary of the tests; each has defaults for what a test doesn't care about.
 */

/** Tokens as the API counts them; omitted ones are 0 (input: 100, output: 25). */
export interface ChosenUsage {
  readonly input?: number;
  readonly output?: number;
  readonly cacheRead?: number;
  readonly cacheWrite5m?: number;
  readonly cacheWrite1h?: number;
  /** Searches that the API itself has made for this reply; it charges each. */
  readonly webSearches?: number;
}

export type Block =
  | { readonly text: string }
  | { readonly tool: string; readonly input: Record<string, unknown>; readonly id?: string };

/** Releases the deltas of a slow answer one by one. */
export interface Pace {
  /** Resolves when the next delta may be sent; rejects or resolves when `signal` aborts. */
  next(signal: AbortSignal): Promise<void>;
}

interface Common {
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Reply extends Common {
  readonly kind: 'reply';
  readonly content: readonly Block[];
  readonly usage?: ChosenUsage;
  /** Default: the requested model. */
  readonly model?: string;
  readonly stopReason?: string;
  readonly pace?: Pace;
  /** How the stream breaks after its first deltas; default: it doesn't. */
  readonly broken?: 'cut' | 'malformed';
}

export interface Refusal extends Common {
  readonly kind: 'refusal';
  readonly status: number;
  readonly type: string;
  readonly message: string;
}

/** The request is read and never answered: no header, no byte. */
export interface Silence {
  readonly kind: 'silence';
}

export type Answer = Reply | Refusal | Silence;

type ReplyOptions = Omit<Reply, 'kind' | 'content'>;

export const text = (words: string, options: ReplyOptions = {}): Reply => ({
  kind: 'reply',
  content: [{ text: words }],
  ...options,
});

export const toolUse = (tool: string, input: Record<string, unknown>, options: ReplyOptions = {}): Reply => ({
  kind: 'reply',
  content: [{ text: `I use ${tool}.` }, { tool, input }],
  ...options,
});

/** Several blocks in one reply, such as two tool calls at once. */
export const reply = (content: readonly Block[], options: ReplyOptions = {}): Reply => ({
  kind: 'reply',
  content,
  ...options,
});

/** The words one by one, each released by `pace`. */
export const slow = (words: string, pace: Pace, options: ReplyOptions = {}): Reply =>
  text(words, { ...options, pace });

/**
 * The connection breaks after the first words; the client retries. It may notice the break before it has read them;
 * with a `pace`, the break comes when the second delta is released.
 */
export const cutStream = (words = 'half an ans', pace?: Pace): Reply =>
  text(words, { broken: 'cut', ...(pace && { pace }) });

/** One line of the stream isn't JSON. */
export const malformedStream = (words = 'gibberish follows'): Reply => text(words, { broken: 'malformed' });

export const silence = (): Silence => ({ kind: 'silence' });

export const refusal = (
  status: number,
  type: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Refusal => ({ kind: 'refusal', status, type, message, headers });

/** 429; the client waits out a short `retryAfter` (seconds) and gives up at once on a long one. */
export const rateLimited = (retryAfter?: number): Refusal =>
  refusal(
    429,
    'rate_limit_error',
    'This request would exceed your rate limit.',
    retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
  );

export const overloaded = (): Refusal => refusal(529, 'overloaded_error', 'Overloaded');
export const serverError = (): Refusal => refusal(500, 'api_error', 'Internal server error');
export const unauthorized = (): Refusal => refusal(401, 'authentication_error', 'invalid x-api-key');
export const forbidden = (): Refusal => refusal(403, 'permission_error', 'Not allowed to use this.');
export const modelNotFound = (model = 'no-such-model'): Refusal =>
  refusal(404, 'not_found_error', `model: ${model}`);
export const noCredit = (): Refusal =>
  refusal(
    400,
    'invalid_request_error',
    'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.',
  );
export const promptTooLong = (): Refusal =>
  refusal(400, 'invalid_request_error', 'prompt is too long: 1200000 tokens > 1000000 maximum');

export interface SubscriptionWindow {
  readonly status: 'allowed' | 'allowed_warning' | 'rejected';
  /** Epoch seconds. */
  readonly resetsAt: number;
  readonly claim?: 'five_hour' | 'seven_day';
  /** 0 to 1. */
  readonly utilization?: number;
}

/**
 * Headers in which the API tells a subscriber how much of the plan is used. The client reads them only when it is
 * logged in by OAuth (`environment({ login: 'subscription' })`), never with an API key.
 */
export function subscriptionHeaders(window: SubscriptionWindow): Record<string, string> {
  const claim = window.claim ?? 'five_hour';
  const short = claim === 'five_hour' ? '5h' : '7d';
  const utilization = window.utilization ?? (window.status === 'rejected' ? 1 : 0.92);
  return {
    'anthropic-ratelimit-unified-status': window.status,
    'anthropic-ratelimit-unified-reset': String(window.resetsAt),
    'anthropic-ratelimit-unified-representative-claim': claim,
    [`anthropic-ratelimit-unified-${short}-status`]: window.status,
    [`anthropic-ratelimit-unified-${short}-reset`]: String(window.resetsAt),
    [`anthropic-ratelimit-unified-${short}-utilization`]: String(utilization),
    ...(window.status === 'allowed_warning' && {
      [`anthropic-ratelimit-unified-${short}-surpassed-threshold`]: '0.9',
    }),
  };
}

/** The plan's limit is reached: 429 with the headers above. */
export const subscriptionLimit = (
  resetsAt: number,
  claim: SubscriptionWindow['claim'] = 'five_hour',
): Refusal =>
  refusal(
    429,
    'rate_limit_error',
    'You have reached your usage limit.',
    subscriptionHeaders({ status: 'rejected', resetsAt, claim }),
  );
