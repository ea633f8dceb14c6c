/**
 * Which parts of an event or a context may leave the process. Invariants:
 *
 * REDACT-1 text passes only under the keys in SAFE_KEYS, whose values are ids and product terms; any other text is
 *    replaced by its length. Prompts, messages, results, tool input and environment are text.
 * REDACT-2 anything but plain data (an actor, a roster, a clock) is replaced by its class name, so that nothing can be
 *    reached through it.
 * REDACT-3 the result is bounded in depth, width and length.
 * REDACT-4 nothing is thrown: what can't be read (a getter or a proxy that throws) is shown as that.
 */
export interface RedactOptions {
  /** Also pass texts, cut to 2,000 characters; environment and headers never pass. Default: false. */
  readonly texts?: boolean;
}

export function redact(value: unknown, options: RedactOptions = {}): unknown {
  return redacted(value, undefined, options.texts ?? false, 0);
}

/** Keys whose text is an id or a product term. */
const SAFE_KEYS: ReadonlySet<string> = new Set([
  ...['type', 'id', 'ids', 'sessions', 'sessionId', 'actorId', 'requestId', 'request', 'status', 'reason'],
  ...[
    'outcome',
    'upstream',
    'code',
    'action',
    'decision',
    'intent',
    'kind',
    'tool',
    'nonRetryableErrorTypes',
  ],
]);
const HIDDEN: ReadonlySet<string> = new Set(['env', 'headers', 'environment', 'token', 'apiKey', 'password']);
const DEEPEST = 6;
const MAX_ENTRIES = 100;
const LONGEST_WORD = 100;
const LONGEST_TEXT = 2_000;

function redacted(value: unknown, key: string | undefined, texts: boolean, depth: number): unknown {
  try {
    return readable(value, key, texts, depth);
  } catch {
    return '[unreadable]';
  }
}

function readable(value: unknown, key: string | undefined, texts: boolean, depth: number): unknown {
  if (key !== undefined && HIDDEN.has(key)) return '[left out]';
  switch (typeof value) {
    case 'string':
      return text(value, key, texts);
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'boolean':
    case 'undefined':
      return value;
    case 'object':
      break;
    default:
      return `[${typeof value}]`;
  }
  if (value === null) return null;
  if (depth >= DEEPEST) return '[deeper]';
  if (Array.isArray(value)) {
    return value.slice(0, MAX_ENTRIES).map(entry => redacted(entry, key, texts, depth + 1));
  }
  if (value instanceof Error) return { name: value.name, message: text(value.message, 'message', texts) };
  if (!isPlain(value)) return `[${value.constructor?.name ?? 'object'}]`;
  const entries = Object.entries(value).slice(0, MAX_ENTRIES);
  return Object.fromEntries(entries.map(([name, inner]) => [name, redacted(inner, name, texts, depth + 1)]));
}

function text(value: string, key: string | undefined, texts: boolean): string {
  if (key !== undefined && SAFE_KEYS.has(key) && value.length <= LONGEST_WORD) return value;
  if (texts) return value.length <= LONGEST_TEXT ? value : `${value.slice(0, LONGEST_TEXT)}…`;
  return `[text of ${value.length} characters]`;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
