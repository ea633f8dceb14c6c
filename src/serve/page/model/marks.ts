import type { AttemptOutcome } from '../../../words/attempts.ts';
import type { KeptStatus } from '../../api-types.ts';
import type { IconName } from '../dom/icons.ts';
import type { ShownSession } from './shown-session.ts';

export type SessionStatus = ShownSession['status'];
export type Tone = 'idle' | 'run' | 'wait' | 'ask' | 'hold' | 'ok' | 'bad';

/** How a status looks: a sign that is told apart without colour, a word, and a colour of the theme. */
export interface Mark {
  readonly icon: IconName;
  readonly word: string;
  readonly tone: Tone;
}

const mark = (icon: IconName, tone: Tone, word: string): Mark => ({ icon, tone, word });

export const SESSION_MARKS: Readonly<Record<SessionStatus, Mark>> = {
  pending: mark('circle', 'idle', 'pending'),
  preparing: mark('quarter', 'run', 'preparing'),
  running: mark('dot', 'run', 'running'),
  awaiting_approval: mark('question', 'ask', 'approval'),
  retrying: mark('again', 'wait', 'retrying'),
  quota_wait: mark('clock', 'wait', 'quota'),
  interrupting: mark('half', 'wait', 'interrupting'),
  interrupted: mark('bang', 'wait', 'interrupted'),
  paused: mark('bars', 'hold', 'paused'),
  completed: mark('check', 'ok', 'completed'),
  failed: mark('cross', 'bad', 'failed'),
  stopped: mark('square', 'bad', 'stopped'),
  skipped: mark('dash', 'idle', 'skipped'),
};

export const GROUP_MARKS: Readonly<Record<KeptStatus, Mark>> = {
  created: mark('circle', 'idle', 'created'),
  running: mark('dot', 'run', 'running'),
  pausing: mark('half', 'wait', 'pausing'),
  paused: mark('bars', 'hold', 'paused'),
  stopping: mark('half', 'bad', 'stopping'),
  stopped: mark('square', 'bad', 'stopped'),
  completed: mark('check', 'ok', 'completed'),
  failed: mark('cross', 'bad', 'failed'),
  interrupted: mark('bang', 'wait', 'interrupted'),
};

export const OUTCOME_TONES: Readonly<Record<AttemptOutcome, Tone>> = {
  completed: 'ok',
  failed: 'bad',
  paused: 'hold',
  retrying: 'wait',
  limited: 'wait',
  stopped: 'bad',
  lost: 'bad',
};

/** The counters of a group in the order in which they are shown. */
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
