import type { SeenEvent } from '../../history.ts';
import { type Concern, type Court, fieldOf, isStart, sessionOf, textOf } from '../concern.ts';
import { type Run, UNAVAILABLE } from '../truth/runs.ts';
import type { SessionTruth } from '../truth/session-truth.ts';

/** Codes with which a run that was done can have failed all the same (§5, permissions; ADR 13). */
const DONE_AND_FAILED = new Set([
  'permission_denied',
  'output_invalid',
  'empty_result',
  'config_not_written',
  ...['verify_failed', 'merge_conflict', 'setup_failed', 'prepare_failed', 'workspace_failed'],
]);
/** Codes that the engine gives itself, whatever the agent said while it was being ended. */
const OF_THE_ENGINE = new Set([
  'idle_timeout',
  'attempt_timeout',
  'prepare_failed',
  'process_lost',
  'permission_denied',
]);

/** Who refuses a request so that its session may still be completed. */
const REFUSED = new Set(['rule', 'hook', 'person']);

/** I4, I5, promise 3 and §4 (error threshold): how sessions and groups end, against what their agents said. */
export function ends(court: Court): Concern {
  const { truth, runs } = court;
  let failedThisStep = false;
  /** A login or a bill was refused, and the group has not reacted. */
  let gone = false;
  /** The step in which an agent said so, of a session that is paused in it. */
  let goneIn = Number.NaN;

  function sessionEvent(event: SeenEvent, session: SessionTruth): void {
    if (session.end === undefined) return;
    if (
      event.type.startsWith('dependency_') ||
      event.type === 'session_warning' ||
      event.type === 'session_added'
    ) {
      return;
    }
    court.report('I4', `${event.type} of ${session.id}, which has settled as ${session.status}`);
  }

  /** Of the attempt of each session, how many requests a person has denied. */
  const denied = new Map<string, number>();

  function completed({ id }: SessionTruth, { permissionDenials }: SeenEvent): void {
    const run = runs.last(id);
    const denials = Array.isArray(permissionDenials) ? permissionDenials : [];
    const nobody = denials.filter(denial => !REFUSED.has(textOf(fieldOf(denial, 'refusedBy')))).length;
    if (nobody > (denied.get(id) ?? 0) && truth.definition.onRequest !== 'deny') {
      court.report('promise 3', `${id} is completed, and nobody could answer ${nobody} requests of it`);
    }
    if (run?.end?.outcome !== 'done') {
      court.report(
        'promise 3',
        `${id} is completed, and its last run was ${run?.end?.outcome ?? 'never done'}`,
      );
    } else if (!truth.definition.delivery && run.end.at !== court.at && !court.trouble.disk && !lagged(run)) {
      court.report('§5 ends', `${id} is completed, and its run was done ${court.at - run.end.at} ms before`);
    }
  }

  /** Its engine was not running when it ended, or disk or store were slow: then its end may be written later. */
  const lagged = (run: Run): boolean => run.disturbed || slow;
  let slow = false;

  function failed(event: SeenEvent, session: SessionTruth): void {
    const code = textOf(fieldOf(event.error, 'code'));
    if (code === '') court.report('§5 failures', `${session.id} fails without a code`);
    // No session brings a login of its own.
    if (UNAVAILABLE.has(code)) court.report('§5 login', `${session.id} fails with ${code}`);
    const run = runs.last(session.id);
    const end = run?.end;
    if (run === undefined || end === undefined || run.attempt !== session.attempts) return;
    if (end.outcome === 'done' && !DONE_AND_FAILED.has(code)) {
      court.report('§5 ends', `${session.id} fails with ${code}, and its run was done`);
    }
    if (end.outcome === 'failed' && !run.urged && code !== end.code && !OF_THE_ENGINE.has(code)) {
      court.report('§5 failures', `${session.id} fails with ${code}, its run with ${end.code}`);
    }
    if (end.outcome === 'limited' && !run.urged) {
      court.report('§5 quota', `${session.id} fails with ${code}, and its run met a usage limit`);
    }
  }

  function groupEnds(event: SeenEvent): void {
    if (truth.unsettled > 0) {
      court.report('I5', `${event.type}, and ${truth.unsettled} sessions have not settled`);
      return;
    }
    if (event.type === 'group_completed' && !truth.mayBeCompleted)
      court.report('I5', 'completed, which it may not be');
    if (event.type === 'group_failed' && truth.mayBeCompleted)
      court.report('I5', 'failed, and everything succeeded');
    if (runs.live.size > 0 && [...runs.live.values()].some(run => run.startedStep !== court.step)) {
      court.report('I7', `${event.type}, and runs are alive`);
    }
  }

  const refused = (run: Run | undefined): boolean => UNAVAILABLE.has(run?.end?.code ?? '');

  function thresholdReached(): boolean {
    return truth.errors >= truth.definition.errorThreshold;
  }

  return {
    see(observation) {
      if (observation.kind === 'fault' && /sync|to write/.test(observation.what)) slow = true;
    },
    before(event) {
      const session = truth.sessions.get(sessionOf(event));
      if (session !== undefined) {
        sessionEvent(event, session);
        if (event.type === 'session_completed') completed(session, event);
        if (event.type === 'session_failed') failed(event, session);
        if (event.type === 'session_stopped' && truth.status !== 'stopping') {
          court.report('§4 stop', `${session.id} is stopped in a group that is ${truth.status}`);
        }
      }
      switch (event.type) {
        case 'group_completed':
        case 'group_failed':
        case 'group_stopped':
          groupEnds(event);
          return;
        case 'group_pausing':
        case 'group_stopping':
          // A session that is held may be the one that met it (§5, login and credit).
          if (gone && goneIn === court.step && event.reason === 'sessions_paused') {
            court.report('§4 agent_unavailable', 'paused as all is held, and a login or a bill was refused');
          }
          if (event.reason === 'error_threshold') {
            if (!thresholdReached())
              court.report('§5 threshold', `${event.type} after ${truth.errors} failures`);
            if (truth.unsettled === 0) court.report('§4 threshold', `${event.type} with nothing left to run`);
            const pauses = event.type === 'group_pausing';
            if (pauses !== truth.definition.pauseOnError)
              court.report('§5 threshold', `${event.type} at the threshold`);
          }
          return;
      }
    },
    after(event) {
      const id = sessionOf(event);
      if (isStart(event)) denied.delete(id);
      else if (event.type === 'approval_answered' && event.decision === 'deny')
        denied.set(id, (denied.get(id) ?? 0) + 1);
      if (event.type === 'session_failed') failedThisStep = true;
      // ASSUMPTIONS.unavailable
      if (event.type === 'session_paused' && refused(runs.last(id))) {
        gone = true;
        goneIn = runs.last(id)?.end?.step ?? Number.NaN;
      }
      if (event.type.startsWith('group_')) gone = false;
    },
    step() {
      // An engine that has died, or cannot write, reacts when somebody goes on.
      const reacts = !court.ownerless && !court.trouble.disk;
      if (
        reacts &&
        failedThisStep &&
        truth.status === 'running' &&
        thresholdReached() &&
        truth.unsettled > 0
      ) {
        court.report('§5 threshold', `still running after ${truth.errors} failures`);
      }
      if (reacts && gone && truth.status === 'running' && truth.unsettled > 0) {
        court.report('§4 agent_unavailable', 'still running after a login or a bill was refused');
      }
      failedThisStep = false;
    },
    end() {
      for (const { id, end, status } of truth.sessions.values()) {
        const run = runs.last(id);
        const lost = run !== undefined && court.processes.get(run.pid)?.state !== 'alive';
        if (end === undefined && run?.end?.outcome === 'done' && !lost && !run.urged && truth.live) {
          court.report('promise 2', `${id} was done, and is ${status}`);
        }
      }
    },
  };
}
