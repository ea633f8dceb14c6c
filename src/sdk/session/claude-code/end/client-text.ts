import type { ErrorCode } from '../../../../../machines/vocabulary.ts';
import { errorCodeOf } from '../error-code.ts';
import { resetTimeIn } from './reset-time.ts';

/** Who wrote a text, by what the client prints: the model, or the client in its place. Older clients and other programs do not say. */
export type Author = 'model' | 'client';

const API_ERROR = /^API Error(?=$|[:(]| [(\d])/;
/** The status where the client puts it; other figures are ports and times. */
const STATUS = /^API Error:? (?:Repeated )?(?:Request rejected )?\(?(\d{3})\b/;

/** How the client says that a limit is reached: no session would end with these words alone. */
const LIMITS: readonly RegExp[] = [
  /^(?:you['’]ve|you have) (?:hit|reached|used up) (?:your|the) [^\n]*?limit(?![\w-])(?! errors?\b)/i,
  /^(?:you['’]re|you are) out of (?:extra )?usage\b/i,
  /^(?:your )?(?:claude(?: ai)? )?(?:[a-z0-9-]+ ){0,2}(?:usage |session |weekly )?limit reached\b/i,
];

/** How the client says that it cannot ask the model, as if it were the answer. */
const SAID: readonly (readonly [RegExp, ErrorCode])[] = [
  ...LIMITS.map(pattern => [pattern, 'rate_limited'] as const),
  [
    /^(?:api |usage |rate |request )?(?:rate |usage |request )?(?:limit|quota) (?:has been )?exceeded\b/i,
    'rate_limited',
  ],
  [/^too many requests\b/i, 'rate_limited'],
  [/^you(?:['’]ve| have)? exceeded your (?:current |usage |rate )?(?:quota|limit)\b/i, 'rate_limited'],
  [/^(?:your )?credit balance is too low\b/i, 'billing_error'],
  [/^invalid (?:api key|auth(?:entication)? token|bearer token)\b/i, 'authentication_failed'],
  [/^please run \/login\b/i, 'authentication_failed'],
  [/^not logged in\b/i, 'authentication_failed'],
  [
    /^(?:your )?(?:oauth |login |auth(?:entication)? )(?:token |session )?(?:(?:has )?expired|(?:has been |was )?revoked)\b/i,
    'authentication_failed',
  ],
  [/^(?:failed to authenticate|authentication (?:failed|error))\b/i, 'authentication_failed'],
  [/^prompt is too long\b/i, 'prompt_too_long'],
];

/** How a time is announced, or what to do: other words about resets are a session's own. */
const WHEN =
  '(?:it |(?:your |the )?limit )?(?:will )?resets?(?: (?:at|on|in|soon|today|tomorrow|midnight|noon|\\d|(?:sun|mon|tue|wed|thu|fri|sat|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))|:|$)|(?:please )?(?:try|retry) (?:again|later|in|after)|please (?:run|wait|add|upgrade|log ?in|sign in|contact|check your)';
/** A sentence about such a message goes on. */
const NO_PROSE = '(?![^\\n]* (?:is|are|was|were|now|then|so|because|i|we)\\b)';
const SUBJECT = '(?: for \\w{1,12})?';
const COMMANDS = '(?:\\n+ ?\\/[a-z][^\\n]{0,200})*$';
/** What may follow where nobody says who wrote the text: nothing, or what only the client appends. */
const APPENDED = new RegExp(
  `^${SUBJECT}(?:[.!]| ?[·∙|•] ?${NO_PROSE}[^\\n]{0,200}|\\|\\d{10,13}|(?: ?[.:,—–-])? (?:${WHEN}|(?:add funds|api error|visit|upgrade|run)) ?${NO_PROSE}[^\\n]{0,200}|: \\d[\\d,]* tokens[^\\n]{0,100})?${COMMANDS}`,
  'i',
);
/** What may follow where the client counts the text as the model's: a gateway answers in the model's name. */
const APPENDED_BY_GATEWAY = new RegExp(
  `^${SUBJECT}(?:\\|\\d{10,13}|[.!]? ?[·∙|•,:—–-]? ?(?:${WHEN}|(?:add funds|api error)\\b)${NO_PROSE}[^\\n]{0,200})${COMMANDS}`,
  'i',
);
/** An API error goes on with the body of the response, of any length, or with a few words. */
const BODY = /^:? ?(?:\(?\d{3}\)?)?:? ?[{<]/;
const FEW_WORDS = /^[^\n]{0,200}$/;
const isDetail = (rest: string): boolean => FEW_WORDS.test(rest) || (BODY.test(rest) && /[}>]$/.test(rest));
/** No client appends more. */
const LONGEST_APPENDED = 10_000;

/**
 * The code of a text that is an error message; undefined if it is an answer. Unless the client wrote it, the whole text
 * has to be such a message. What the model wrote is one only in words that no session would end with: gateways answer
 * in the model's name.
 */
export function errorOfText(text: string, author: Author | undefined): ErrorCode | undefined {
  const said = text.replace(/^[\ufe0f\s⚠✗❌]+/, '').trimEnd();
  const apiError = API_ERROR.exec(said)?.[0];
  if (apiError !== undefined) {
    if (author !== 'client' && !isDetail(said.slice(apiError.length))) return undefined;
    return codeOfStatus(said) ?? 'server_error';
  }
  for (const [pattern, code] of SAID) {
    const start = pattern.exec(said)?.[0];
    if (start === undefined) continue;
    const rest = said.slice(start.length);
    if (author === 'client') return code;
    if (rest.length > LONGEST_APPENDED) continue;
    if (author === undefined ? APPENDED.test(rest) : mayBeGateways(pattern, rest)) return code;
  }
  return undefined;
}

/** Of a limit, no more than its name has to be said; the others could be what a session was asked to find out. */
const mayBeGateways = (pattern: RegExp, rest: string): boolean =>
  APPENDED_BY_GATEWAY.test(rest) || (LIMITS.includes(pattern) && /^[.!]?$/.test(rest));

/** What the client writes where there is nothing to say (2.1.197 to 2.1.332): the model's last text stands. */
const NO_WORDS: ReadonlySet<string> = new Set(['', '(no content)', 'No response requested.']);

export const isNoWord = (text: string): boolean => NO_WORDS.has(text.trim());

/** What an error of the client is about, in words and languages that are not known. */
const ABOUT: readonly (readonly [RegExp, ErrorCode])[] = [
  [
    /\b(?:log ?in|logged (?:in|out)|sign(?:ed)? (?:in|out)|authenticat\w+|unauthori[sz]ed|oauth|api key|credentials?)\b|\b(?:organization|account) (?:has been|is|was) (?:disabled|suspended|on hold)/i,
    'authentication_failed',
  ],
  [/\b(?:credits?|billing|payment)\b/i, 'billing_error'],
  [/\bselected model\b|\bmodel\b[^\n]{0,200} (?:not exist|not available|not found)\b/i, 'model_not_found'],
  [/\boverloaded\b|\bat capacity\b/i, 'overloaded'],
];
const LIMIT = /limit|quota|上限|制限|限额|한도|лимит/iu;
const OTHER_LIMIT = /context|tokens?\b|output|size|image|pages?\b|turns?\b|time|zeit|temps|memory|prompt/i;

/** The code of an error message in the client's own name, whatever its words: what names a reset time is a limit. */
export function codeOfClientText(message: string, now: number): ErrorCode {
  const text = message.slice(0, 5_000);
  if (resetTimeIn(text, now) !== undefined) return 'rate_limited';
  const about = ABOUT.find(([pattern]) => pattern.test(text))?.[1];
  return about ?? (LIMIT.test(text) && !OTHER_LIMIT.test(text) ? 'rate_limited' : 'server_error');
}

function codeOfStatus(text: string): ErrorCode | undefined {
  const status = STATUS.exec(text)?.[1];
  return status === undefined ? undefined : errorCodeOf(undefined, Number(status));
}
