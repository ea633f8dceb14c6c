import { given } from '../../given.ts';
import type { Tokens } from '../../session/usage.ts';
import { toMicroUsd } from './ledger.ts';
import { type SessionLedger, soundLedger } from './session-ledger.ts';

/** A session's cost and tokens so far, as they are shown to people; in USD. */
interface ShownSpend {
  readonly costUsd: number;
  readonly tokens: Tokens;
  readonly guessedUsd?: number | undefined;
  readonly unpricedUsd?: number | undefined;
}

/** The account after that: what has been added is not confirmed yet. */
export function ledgerOfShown(shown: ShownSpend, before: SessionLedger): SessionLedger {
  const { costUsd, tokens, guessedUsd, unpricedUsd } = shown;
  const settled = toMicroUsd(costUsd);
  const { conversation, past } = before;
  const unreported = Math.max(0, before.unreported + settled - before.settled);
  const guessed = guessedUsd && toMicroUsd(guessedUsd);
  const unpriced = unpricedUsd && toMicroUsd(unpricedUsd);
  return soundLedger(given({ settled, tokens, conversation, unreported, guessed, unpriced, past }), before);
}
