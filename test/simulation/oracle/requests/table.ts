import type { Verb } from '../../history.ts';
import type { GroupStatus } from '../truth/truth.ts';

/** Where a group stands for a request: its status, or what its journal left where its owner has died. */
export type Standing = GroupStatus | 'interrupted running' | 'interrupted pausing' | 'interrupted stopping';

/** Where the owner has died of a group that was in this status. */
export const interruptedIn = (status: GroupStatus): Standing =>
  status === 'pausing' || status === 'stopping' ? `interrupted ${status}` : 'interrupted running';

/** `accept`, or a code of a refusal. Several: which one holds depends on more than the status. */
type Row = Readonly<Partial<Record<Standing, readonly string[]>>>;

const OTHERWISE = ['not_in_this_state'];
const UNLESS_SPENT = ['accept', 'budget_exhausted'];
const IF_ANY = ['accept', 'nothing_to_retry'];
const IF_ANY_UNLESS_SPENT = [...IF_ANY, 'budget_exhausted'];
const IF_FREE = ['accept', 'sessions_in_the_way'];
/** From outside, its journal refuses. */
const IF_OWN = ['group_live', ...OTHERWISE];
const LIVE = ['group_live'];
const DELIVER = ['accept', 'nothing_to_deliver', 'branch_required'];
const ALWAYS = ['accept'];
const HOLD = ['accept', 'session_not_pausable'];
const SEND = ['accept', 'message_refused'];
/** All its sessions have settled; a wrong kind of agent is said first. */
const OVER = ['message_refused'];
const RELEASE = ['accept', 'session_not_paused'];

/**
 * Spec §4, §7, §8, §14 and statecharts.md: how each verb is answered; `not_in_this_state` where a row says nothing. A
 * group whose engine died in `pausing` is paused as soon as it is opened.
 */
const TABLE: Readonly<Partial<Record<Verb, Row>>> = {
  run: { created: UNLESS_SPENT },
  pause: {
    running: ALWAYS,
    delivering: ALWAYS,
    pausing: ALWAYS,
    paused: ['already_paused'],
    'interrupted running': ALWAYS,
    // A handle has paused it by being opened; from outside it is shown as interrupted, and paused by this request.
    'interrupted pausing': ['accept', 'already_paused'],
  },
  resume: {
    pausing: ['still_pausing'],
    paused: UNLESS_SPENT,
    'interrupted running': UNLESS_SPENT,
    'interrupted pausing': UNLESS_SPENT,
    'interrupted stopping': ALWAYS,
  },
  stop: {
    running: ALWAYS,
    delivering: ALWAYS,
    pausing: ALWAYS,
    paused: ALWAYS,
    stopping: ALWAYS,
    stopped: ['already_stopped'],
    'interrupted running': ALWAYS,
    'interrupted pausing': ALWAYS,
    'interrupted stopping': ALWAYS,
  },
  retry: {
    paused: IF_ANY,
    stopped: IF_ANY_UNLESS_SPENT,
    failed: IF_ANY_UNLESS_SPENT,
    completed: ['nothing_to_retry'],
    // The command and the HTTP API pause it first, so that their retry works (§8); the handle refuses.
    'interrupted running': [...IF_ANY, ...OTHERWISE],
    'interrupted pausing': IF_ANY,
    'interrupted stopping': [...IF_ANY_UNLESS_SPENT, ...OTHERWISE],
  },
  integrate: { paused: [...DELIVER, ...OTHERWISE], completed: DELIVER, failed: DELIVER, stopped: DELIVER },
  update: {
    delivering: [...IF_FREE, ...OTHERWISE],
    created: IF_FREE,
    running: IF_FREE,
    pausing: ['still_pausing'],
    paused: IF_FREE,
    stopped: IF_FREE,
    completed: IF_FREE,
    failed: IF_FREE,
    'interrupted running': IF_FREE,
    'interrupted pausing': IF_FREE,
  },
  pauseSession: {
    created: HOLD,
    running: HOLD,
    paused: HOLD,
    'interrupted running': HOLD,
    'interrupted pausing': HOLD,
  },
  resumeSession: {
    created: RELEASE,
    running: RELEASE,
    paused: RELEASE,
    'interrupted running': RELEASE,
    'interrupted pausing': RELEASE,
  },
  send: {
    created: SEND,
    running: SEND,
    delivering: OVER,
    pausing: SEND,
    paused: SEND,
    stopped: OVER,
    completed: OVER,
    failed: OVER,
    'interrupted running': SEND,
    'interrupted pausing': SEND,
  },
  archive: {
    created: ALWAYS,
    running: IF_OWN,
    delivering: IF_OWN,
    pausing: IF_OWN,
    stopping: IF_OWN,
    stopped: ALWAYS,
    completed: ALWAYS,
    failed: ALWAYS,
    'interrupted running': IF_OWN,
    'interrupted pausing': IF_OWN,
    'interrupted stopping': IF_OWN,
  },
  delete: {
    created: ALWAYS,
    running: LIVE,
    delivering: LIVE,
    pausing: LIVE,
    paused: ALWAYS,
    stopping: LIVE,
    stopped: ALWAYS,
    completed: ALWAYS,
    failed: ALWAYS,
    // Unless it is open there.
    'interrupted running': ['accept', ...LIVE],
    'interrupted pausing': ['accept', ...LIVE],
    'interrupted stopping': ['accept', ...LIVE],
  },
  answer: { running: ['accept', 'no_such_request'] },
};

/** What the specification allows as an answer; undefined if it leaves that open. */
export function allowed(verb: Verb, standing: Standing): readonly string[] | undefined {
  if (verb === 'setMaxBudget') return ALWAYS;
  if (verb === 'open' || verb === 'dispose' || standing === 'none') return undefined;
  return TABLE[verb]?.[standing] ?? OTHERWISE;
}
