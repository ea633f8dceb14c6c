import {
  type GroupStatus,
  isLiveGroup,
  isLiveSession,
  type SessionStatus,
} from '../../machines/vocabulary.ts';

/** A shape that identifies a status without colour. */
export type Shape =
  | 'circle'
  | 'quarter'
  | 'ring'
  | 'down'
  | 'target'
  | 'join'
  | 'half'
  | 'dot'
  | 'question'
  | 'again'
  | 'clock'
  | 'bars'
  | 'check'
  | 'cross'
  | 'square'
  | 'dash'
  | 'bang';

/** The meaning of a colour. */
export type Tone = 'idle' | 'run' | 'wait' | 'ask' | 'hold' | 'ok' | 'bad';

/** How a status is shown, in a terminal and on the page. */
export interface Mark {
  readonly icon: Shape;
  readonly tone: Tone;
  readonly word: string;
}

const mark = (icon: Shape, tone: Tone, word: string): Mark => ({ icon, tone, word });

/** A group is shown as one of these, if it is live: the owner died, or is suspended. So are its live sessions. */
export type StandsStill = 'interrupted' | 'suspended';

/** `interrupted`: it was live when the owner of its group died; `suspended`: the owner is stopped, by Ctrl-Z say. */
export const SESSION_MARKS: Readonly<Record<SessionStatus | StandsStill, Mark>> = {
  pending: mark('circle', 'idle', 'pending'),
  preparing: mark('quarter', 'run', 'preparing'),
  placing: mark('ring', 'wait', 'placing'),
  running: mark('dot', 'run', 'running'),
  awaiting_approval: mark('question', 'ask', 'approval'),
  saving: mark('down', 'run', 'saving'),
  verifying: mark('target', 'run', 'verifying'),
  integrating: mark('join', 'run', 'merging'),
  retrying: mark('again', 'wait', 'retrying'),
  quota_wait: mark('clock', 'wait', 'quota'),
  interrupting: mark('half', 'wait', 'interrupting'),
  interrupted: mark('bang', 'wait', 'interrupted'),
  suspended: mark('bang', 'wait', 'suspended'),
  paused: mark('bars', 'hold', 'paused'),
  completed: mark('check', 'ok', 'completed'),
  failed: mark('cross', 'bad', 'failed'),
  stopped: mark('square', 'bad', 'stopped'),
  skipped: mark('dash', 'idle', 'skipped'),
};

/** Sort order: sessions that need attention come first. */
export const URGENCY: Readonly<Record<SessionStatus | StandsStill, number>> = {
  interrupted: 0,
  suspended: 0,
  awaiting_approval: 1,
  failed: 2,
  running: 3,
  preparing: 4,
  placing: 5,
  saving: 6,
  verifying: 7,
  integrating: 8,
  interrupting: 9,
  retrying: 10,
  quota_wait: 11,
  paused: 12,
  stopped: 13,
  pending: 14,
  skipped: 15,
  completed: 16,
};

/** `interrupted`: the owner of the group died; `suspended`: it is stopped, by Ctrl-Z say. */
export const GROUP_MARKS: Readonly<Record<GroupStatus | StandsStill, Mark>> = {
  created: mark('circle', 'idle', 'created'),
  running: mark('dot', 'run', 'running'),
  delivering: mark('join', 'run', 'delivering'),
  pausing: mark('half', 'wait', 'pausing'),
  paused: mark('bars', 'hold', 'paused'),
  stopping: mark('half', 'bad', 'stopping'),
  stopped: mark('square', 'bad', 'stopped'),
  completed: mark('check', 'ok', 'completed'),
  failed: mark('cross', 'bad', 'failed'),
  interrupted: mark('bang', 'wait', 'interrupted'),
  suspended: mark('bang', 'wait', 'suspended'),
};

/** What a group is shown as. */
export type ShownAs = GroupStatus | StandsStill;

export const standsStill = (status: ShownAs | SessionStatus): status is StandsStill =>
  status === 'interrupted' || status === 'suspended';

/** As which status a group is shown: a live one is `suspended` while its owner is. */
export const shownStatus = (
  status: GroupStatus | 'interrupted',
  owner: { readonly suspended?: true } | undefined,
): ShownAs => (owner?.suspended && status !== 'interrupted' && isLiveGroup(status) ? 'suspended' : status);

/** How a session is shown: a live one as its group, if that stands still. */
export const shownSessionStatus = (status: SessionStatus, group: ShownAs): SessionStatus | StandsStill =>
  standsStill(group) && isLiveSession(status) ? group : status;

/** The same of each of these. */
export const shownSessions = (sessions: readonly { readonly status: SessionStatus }[], group: ShownAs) =>
  sessions.map(({ status }) => ({ status: shownSessionStatus(status, group) }));
