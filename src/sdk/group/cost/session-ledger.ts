import { isNone, NO_TOKENS, type Tokens } from '../../session/usage.ts';

/** What of a cost is no certain part of it; micro-dollars. */
export interface Doubts {
  /** What no reply shows, or a subagent's replies at a guessed price. */
  readonly guessed: number;
  /** The session's own replies at a guessed price. */
  readonly unpriced: number;
}

/** A session's account as it is passed on to the next process; micro-dollars. */
export interface SessionLedger extends Partial<Doubts> {
  /** Over all attempts so far; `guessed` and `unpriced` are parts of it. Default of both: 0. */
  readonly settled: number;
  readonly tokens: Tokens;
  /** The agent's last cumulative figure for the conversation. */
  readonly conversation: number;
  /** The part of `settled` that this conversation's agent hasn't confirmed. */
  readonly unreported: number;
  /** The doubts that are left from other conversations: no figure will cover them. Default: none. */
  readonly past?: Doubts;
  /** A person went on with the conversation since the last figure: the next one contains what that spent. Default: false. */
  readonly byHand?: boolean;
  /** Of an attempt that outlives its engine: how it came about. Default: nothing of it is of a live attempt. */
  readonly live?: LiveSpend;
}

/** What a live attempt has spent, and what there was before; micro-dollars. */
export interface LiveSpend {
  readonly before: Omit<SessionLedger, 'live'>;
  /** The agent's own figure for it, if it has given one. */
  readonly figure?: number;
  /** Its replies and guesses beyond that; `guessed` and `unpriced` are the rest. */
  readonly priced: number;
  readonly guessed: number;
  readonly unpriced: number;
  /** All estimates, including those that the figure has replaced. */
  readonly estimatedInAll: number;
  readonly tokens: Tokens;
}

export const NO_DOUBTS: Doubts = { guessed: 0, unpriced: 0 };
export const NO_SPEND: SessionLedger = { settled: 0, tokens: NO_TOKENS, conversation: 0, unreported: 0 };

export const doubtsIn = ({ guessed = 0, unpriced = 0 }: Partial<Doubts>): Doubts => ({ guessed, unpriced });

/** Whether part of it is estimated from usage. */
export const isEstimated = ({ unreported, guessed = 0, unpriced = 0 }: SessionLedger): boolean =>
  unreported + guessed + unpriced > 0;

/** As they are kept: without what is nothing. */
export const keptDoubts = ({ guessed, unpriced }: Doubts): Partial<Doubts> => ({
  ...(guessed > 0 && { guessed }),
  ...(unpriced > 0 && { unpriced }),
});

/** The account when another conversation begins: the agent's figures will contain nothing of what was spent before. */
export function inNewConversation(before: SessionLedger): SessionLedger {
  const past = doubtsIn(before);
  const nothingReported = before.conversation === 0 && before.unreported === 0;
  if (nothingReported && past.guessed + past.unpriced === 0 && before.past === undefined) return before;
  const { past: _, byHand: __, ...ledger } = before;
  const left = past.guessed + past.unpriced > 0 ? { past } : {};
  return { ...ledger, conversation: 0, unreported: 0, ...left };
}

/** Figures are rounded, and a total beyond the sum of its parts by this much contains nothing else. */
const ROUNDING = 5;

export interface Confirmation {
  readonly ledger: SessionLedger;
  /** What the agent's total contains of attempts that ended without a figure. */
  readonly confirmed: number;
}

/**
 * Where an agent's total for the conversation has an `excess` over what the live attempt has spent, it contains attempts
 * that ended before they could report. It replaces all guesses made in them; replies at known prices stay spent, since
 * the agent may have lost the one that was cut. `exact`: the agent has said what the attempt has spent; otherwise the
 * excess depends on an estimate of that, and replaces guesses only if it covers the replies.
 */
export function confirm(ledger: SessionLedger, excess: number, exact: boolean): Confirmation {
  const { unreported, past = NO_DOUBTS } = ledger;
  const all = doubtsIn(ledger);
  const guessed = Math.max(0, Math.min(all.guessed - past.guessed, unreported));
  const unpriced = Math.max(0, Math.min(all.unpriced - past.unpriced, unreported - guessed));
  const shown = unreported - guessed - unpriced;
  const without = (lessGuessed: number, lessUnpriced: number): SessionLedger => {
    const { guessed: _, unpriced: __, ...rest } = ledger;
    const left = { guessed: all.guessed - lessGuessed, unpriced: all.unpriced - lessUnpriced };
    return { ...rest, ...keptDoubts(left) };
  };
  if (exact ? excess > ROUNDING : shown > 0 && excess >= shown) {
    const confirmed = exact ? excess : Math.min(excess, unreported);
    const settled = ledger.settled - unreported + Math.max(shown, confirmed);
    const left = Math.max(0, shown - confirmed);
    return { ledger: { ...without(guessed, unpriced), settled, unreported: left }, confirmed };
  }
  const confirmed = exact ? 0 : Math.min(Math.max(0, excess), unreported);
  const lessGuessed = Math.min(Math.max(0, confirmed - shown), guessed);
  const lessUnpriced = Math.min(Math.max(0, confirmed - shown - guessed), unpriced);
  return { ledger: { ...without(lessGuessed, lessUnpriced), unreported: unreported - confirmed }, confirmed };
}

/**
 * A session's account as a journal has it, where an amount that cannot be one (negative, or no number) is left as it was
 * `before`: whatever a damaged record says, no money comes back. Other fields of the record are not taken.
 */
export function soundLedger(said: SessionLedger, before: SessionLedger): SessionLedger {
  const { tokens, guessed, unpriced, past, live } = said;
  const ledger: { -readonly [K in keyof SessionLedger]: SessionLedger[K] } = {
    settled: amount(said.settled, before.settled),
    tokens: tokens === before.tokens ? tokens : soundTokens(tokens ?? {}, before.tokens),
    conversation: amount(said.conversation, before.conversation),
    unreported: amount(said.unreported, before.unreported),
  };
  if (guessed !== undefined) ledger.guessed = amount(guessed, before.guessed ?? 0);
  if (unpriced !== undefined) ledger.unpriced = amount(unpriced, before.unpriced ?? 0);
  if (past !== undefined) ledger.past = soundDoubts(past ?? {}, before.past ?? NO_DOUBTS);
  if (said.byHand === true) ledger.byHand = true;
  if (live !== undefined) ledger.live = live;
  return ledger;
}

const amount = (value: unknown, otherwise: number): number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : otherwise;

function soundTokens(said: Partial<Tokens>, before: Tokens): Tokens {
  const tokens = {
    input: amount(said.input, before.input),
    output: amount(said.output, before.output),
    cacheRead: amount(said.cacheRead, before.cacheRead),
    cacheWrite: amount(said.cacheWrite, before.cacheWrite),
  };
  return isNone(tokens) ? NO_TOKENS : tokens;
}

const soundDoubts = ({ guessed = 0, unpriced = 0 }: Partial<Doubts>, before: Doubts): Doubts => ({
  guessed: amount(guessed, before.guessed),
  unpriced: amount(unpriced, before.unpriced),
});
