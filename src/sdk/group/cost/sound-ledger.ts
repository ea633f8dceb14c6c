import type { Tokens } from '../../session/usage.ts';
import type { SessionLedger } from './ledger.ts';

/**
 * A session's account as a journal has it, where an amount that cannot be one (negative, or no number) is left as it was
 * `before`: whatever a damaged record says, no money comes back.
 */
export function soundLedger(said: SessionLedger, before: SessionLedger): SessionLedger {
  const amount = (value: unknown, otherwise: number): number =>
    typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : otherwise;
  const tokens: Partial<Tokens> = said.tokens ?? {};
  return {
    ...said,
    settled: amount(said.settled, before.settled),
    tokens: {
      input: amount(tokens.input, before.tokens.input),
      output: amount(tokens.output, before.tokens.output),
      cacheRead: amount(tokens.cacheRead, before.tokens.cacheRead),
      cacheWrite: amount(tokens.cacheWrite, before.tokens.cacheWrite),
    },
    conversation: amount(said.conversation, before.conversation),
    unreported: amount(said.unreported, before.unreported),
    ...(said.guessed !== undefined && { guessed: amount(said.guessed, before.guessed ?? 0) }),
  };
}
