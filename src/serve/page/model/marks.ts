import type { Tone } from '../../../words/marks.ts';
import type { IconName } from '../dom/icons.ts';
import { COUNT_KEYS, type CountKey } from './session-filter.ts';

const COUNT_MARKS: Readonly<Record<CountKey, { readonly tone: Tone; readonly icon: IconName }>> = {
  completed: { tone: 'ok', icon: 'check' },
  running: { tone: 'run', icon: 'dot' },
  waiting: { tone: 'wait', icon: 'clock' },
  paused: { tone: 'hold', icon: 'bars' },
  failed: { tone: 'bad', icon: 'cross' },
  stopped: { tone: 'bad', icon: 'square' },
  skipped: { tone: 'idle', icon: 'dash' },
  pending: { tone: 'idle', icon: 'circle' },
};

/** The counters of a group in display order. */
export const COUNTS = COUNT_KEYS.map(key => ({ key, ...COUNT_MARKS[key] }));
