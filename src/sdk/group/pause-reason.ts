import { PAUSE_REASONS, type PauseReason } from '../../../machines/vocabulary.ts';

/** The roster's reason as a reason to pause; `manual` for whatever is none. */
export function pauseReasonOf(reason: string | undefined): PauseReason {
  return PAUSE_REASONS.find(known => known === reason) ?? 'manual';
}
