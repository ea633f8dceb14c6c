import { type Mark, SESSION_MARKS, type ShownAs, standsStill } from '../../../words/marks.ts';
import { COUNT_KEYS, type CountKey } from './session-filter.ts';

const COUNT_MARKS: Readonly<Record<CountKey, Omit<Mark, 'word'>>> = {
  completed: { tone: 'ok', icon: 'check' },
  running: { tone: 'run', icon: 'dot' },
  waiting: { tone: 'wait', icon: 'clock' },
  paused: { tone: 'hold', icon: 'bars' },
  failed: { tone: 'bad', icon: 'cross' },
  stopped: { tone: 'bad', icon: 'square' },
  skipped: { tone: 'idle', icon: 'dash' },
  pending: { tone: 'idle', icon: 'circle' },
};

/** How a counter of a group is shown: what is counted as running stands still with its group. */
export const countMark = (key: CountKey, group: ShownAs): Mark =>
  key === 'running' && standsStill(group) ? SESSION_MARKS[group] : { ...COUNT_MARKS[key], word: key };

/** The counters of a group in display order. */
export const COUNTS = COUNT_KEYS.map(key => ({ key, ...COUNT_MARKS[key] }));
