import type { SeenEvent } from '../../history.ts';
import { type Concern, type Court, isStart, sessionOf } from '../concern.ts';
import type { SessionStatus, SessionTruth } from '../truth/session-truth.ts';
import type { GroupStatus } from '../truth/truth.ts';

/** Spec §4 and §8: after which status of the group each of its events may come. */
const GROUP: Readonly<Record<string, readonly GroupStatus[]>> = {
  group_created: ['none'],
  group_started: ['created'],
  group_pausing: ['running', 'delivering'],
  group_paused: ['pausing', 'running', 'delivering', 'completed', 'failed', 'stopped'],
  group_resumed: ['paused', 'running', 'delivering'],
  group_stopping: ['running', 'delivering', 'pausing', 'paused'],
  group_stopped: ['stopping', 'delivering'],
  group_completed: ['running', 'delivering', 'pausing', 'completed', 'failed', 'stopped'],
  group_failed: ['running', 'delivering', 'pausing', 'completed', 'failed', 'stopped'],
  group_delivering: ['running', 'paused', 'completed', 'failed', 'stopped'],
  delivery_refused: ['delivering', 'pausing', 'stopping'],
  group_delivered: ['delivering', 'pausing', 'stopping'],
  delivery_undone: ['paused', 'completed', 'failed', 'stopped'],
  group_retried: ['paused', 'failed', 'stopped'],
  group_updated: ['created', 'running', 'delivering', 'paused', 'completed', 'failed', 'stopped'],
  group_archived: ['completed', 'failed', 'stopped', 'created'],
  budget_changed: [
    'created',
    'running',
    'delivering',
    'pausing',
    'paused',
    'stopping',
    'completed',
    'failed',
    'stopped',
  ],
};

const IN_PLAY: readonly SessionStatus[] = [
  'running',
  'awaiting_approval',
  'retrying',
  'quota_wait',
  'paused',
  'pending',
];
const LIVE: readonly SessionStatus[] = ['running', 'awaiting_approval'];
/** A step in its tree may be taken again, without an agent. */
const STEP: readonly SessionStatus[] = ['running', 'awaiting_approval', 'pending', 'retrying'];

/** Spec §5: in which status a session may have each of its events; `pending` is also one that is being prepared. */
const SESSION: Readonly<Record<string, readonly SessionStatus[]>> = {
  session_started: ['pending', 'retrying', 'quota_wait'],
  session_resumed: ['pending', 'retrying', 'quota_wait'],
  session_retrying: LIVE,
  // ASSUMPTIONS.parkedPause: 'paused' by the pause of its group.
  session_paused: ['paused', 'pending', 'running', 'awaiting_approval', 'retrying', 'quota_wait'],
  session_continuing: LIVE,
  message_delivered: LIVE,
  session_completed: LIVE,
  session_failed: [...LIVE, 'pending', 'retrying', 'quota_wait'],
  session_stopped: IN_PLAY,
  session_skipped: ['pending'],
  session_progress: LIVE,
  session_message: LIVE,
  tool_started: LIVE,
  tool_finished: LIVE,
  cost_reconciled: LIVE,
  // ASSUMPTIONS.withdrawn: it may wait for another request.
  approval_requested: LIVE,
  approval_answered: ['awaiting_approval'],
  workspace_ready: ['pending', 'retrying', 'quota_wait'],
  session_verifying: STEP,
  session_verified: ['running'],
  session_integrated: STEP,
  session_conflict: STEP,
};

/** The legal order of a group's events, and of each session's. */
export function grammar(court: Court): Concern {
  const { truth } = court;

  function groupEvent(event: SeenEvent): void {
    const legal = GROUP[event.type];
    if (legal !== undefined && !legal.includes(truth.status)) {
      court.report('§4 order', `${event.type} in a group that is ${truth.status}`);
    }
    const { status } = truth;
    // A group that was released with unwritten records is found as its journal has it (ADR 12).
    const ownerless = court.ownerless || court.trouble.disk;
    switch (event.type) {
      case 'group_pausing':
        // §8: a pause of an interrupted group has nothing to interrupt.
        if (court.surelyOwnerless && !court.trouble.disk)
          court.report('§8 recovery', 'group_pausing in a group whose owner has died');
        return;
      case 'group_resumed':
        if (status === 'running' && !ownerless) court.report('§4 order', 'group_resumed in a running group');
        return;
      case 'group_paused':
        if (status === 'running' && !ownerless) {
          court.report('§4 order', 'group_paused in a running group that was never pausing');
        }
        onlyIfRevived(event);
        return;
      case 'group_completed':
        if (status !== 'failed' || !revised) onlyIfRevived(event);
        return;
      case 'group_failed':
        onlyIfRevived(event);
        return;
    }
  }

  /** §3: a settled group that gets sessions is paused, or has settled again if none of them can ever start. */
  function onlyIfRevived({ type }: SeenEvent): void {
    if (truth.settled && !revived)
      court.report('§4 order', `${type} in a ${truth.status} group without new sessions`);
  }

  /** The last events have updated the definition; `revived`: and given it sessions. */
  let revised = false;
  let revived = false;

  const letGo = ({ held, heldIn }: SessionTruth): boolean =>
    !held && !Number.isNaN(heldIn) && truth.status === 'running';

  function sessionEvent(event: SeenEvent): void {
    const id = sessionOf(event);
    const session = truth.sessions.get(id);
    if (session === undefined) {
      court.report('§10', `${event.type} of ${id}, which is not in the group`);
      return;
    }
    if (session.end !== undefined) return; // I4 says so
    const isStep = truth.definition.delivery && /^session_(completed|retrying)$/.test(event.type);
    const legal = isStep ? [...STEP, ...LIVE] : SESSION[event.type];
    // Held or let go on in this step; or let go on before it, and it waits for a slot since.
    const heldNow =
      session.disputed.size > 0 ||
      (session.status === 'paused' && (session.heldIn === court.step || letGo(session)));
    if (legal !== undefined && !legal.includes(session.status) && !heldNow && !court.trouble.disk) {
      court.report('§5 order', `${event.type} of ${id}, which is ${session.status}`);
    }
    if (isStart(event)) {
      if (event.attempt !== session.attempts + 1) {
        court.report('§10', `attempt ${event.attempt} of ${id} comes after ${session.attempts}`);
      }
      if (event.type === 'session_resumed' && session.attempts === 0) {
        court.report('I14', `${id} is resumed, and has never started`);
      }
    }
  }

  return {
    before(event) {
      if (truth.status === 'none' && event.type !== 'group_created') {
        court.report('§4 order', `${event.type} comes before group_created`);
        return;
      }
      groupEvent(event);
      if (event.sessionId !== undefined && event.type !== 'session_added') sessionEvent(event);
    },
    after(event) {
      if (event.type === 'group_updated') {
        revised = true;
        revived = Array.isArray(event.added) && event.added.length > 0;
      } else if (event.type.startsWith('group_')) revised = revived = false;
    },
  };
}
