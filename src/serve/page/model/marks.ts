import type { AttemptOutcome } from '../../../words/attempts.ts';
import type { Tone } from '../../../words/marks.ts';
import type { IconName } from '../dom/icons.ts';

export const OUTCOME_TONES: Readonly<Record<AttemptOutcome, Tone>> = {
  completed: 'ok',
  failed: 'bad',
  paused: 'hold',
  retrying: 'wait',
  limited: 'wait',
  stopped: 'bad',
  lost: 'bad',
};

/** The counters of a group in display order. */
export const COUNTS = [
  { key: 'completed', tone: 'ok', icon: 'check' },
  { key: 'running', tone: 'run', icon: 'dot' },
  { key: 'waiting', tone: 'wait', icon: 'clock' },
  { key: 'paused', tone: 'hold', icon: 'bars' },
  { key: 'failed', tone: 'bad', icon: 'cross' },
  { key: 'stopped', tone: 'bad', icon: 'square' },
  { key: 'skipped', tone: 'idle', icon: 'dash' },
  { key: 'pending', tone: 'idle', icon: 'circle' },
] as const satisfies readonly { readonly key: string; readonly tone: Tone; readonly icon: IconName }[];
