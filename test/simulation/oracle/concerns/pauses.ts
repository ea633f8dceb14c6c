import type { SeenEvent } from '../../history.ts';
import { type Concern, type Court, sessionOf, textOf, timeOf } from '../concern.ts';
import { UNAVAILABLE } from '../truth/runs.ts';
import type { SessionTruth } from '../truth/session-truth.ts';

/** §4 and §7: why a group or a session pauses. Each reason has to be true when it is given. */
export function pauses(court: Court): Concern {
  const { truth, runs } = court;
  let unavailable = false;
  /** The limit was announced as exceeded since the group last went on. */
  let exceeded = false;
  let storeFailed = false;
  /** Something could not be merged or delivered. */
  let blocked = false;
  const blockedSessions = new Set<string>();
  let tooLong = false;
  let pausedForQuota = false;
  /** In this step, a limit was met that is too far away, or the group went on under one. */
  let limitedNow = false;
  let clockWasSet = false;

  /** A limit that has passed does not hold again when the clock is set back: then nothing is said. */
  const isTooFar = (event: SeenEvent): boolean =>
    [...truth.gates.values()].some(until => until - timeOf(event) > truth.definition.maxQuotaWaitMs);

  function pausing(event: SeenEvent): void {
    switch (textOf(event.reason)) {
      case 'budget_exceeded':
        if (!exceeded) court.report('§6 pause', `paused over its budget at ${truth.total} of ${truth.limit}`);
        return;
      case 'sessions_paused':
        for (const session of truth.sessions.values()) couldContinue(session);
        return;
      case 'quota':
        pausedForQuota = true;
        // A reset may be too far away again once the clock has been set back.
        if (isTooFar(event)) tooLong = true;
        return;
      case 'agent_unavailable':
        if (!unavailable) court.report('§4 agent_unavailable', 'paused, and every agent could be used');
        return;
      case 'conflict':
      case 'delivery_refused':
        if (!blocked)
          court.report('§4 pause', `paused as ${textOf(event.reason)}, and nothing was in the way`);
        return;
      case 'store_failed':
        if (!storeFailed && !court.trouble.disk)
          court.report('§4 store_failed', 'paused, and the disk has not failed');
        return;
    }
  }

  function couldContinue(session: SessionTruth): void {
    if (session.end !== undefined || session.held || session.disputed.size > 0) return;
    if (session.heldIn === court.step) return; // it may have been let go on since
    const waits = !session.inPlay && truth.graph.trigger(session.id, truth.ends) === 'wait';
    if (!waits) court.report('§7 sessions_paused', `paused as all is held, and ${session.id} is not`);
  }

  function sessionPaused(event: SeenEvent, session: SessionTruth): void {
    const { id } = session;
    if (session.end !== undefined) return; // I4 says so
    if (runs.liveOf(id).some(run => run.startedStep !== court.step)) {
      court.report('I7', `${id} is paused, and a run of it is alive`);
    }
    if (truth.isUnstarted(session)) {
      court.report('§7 holds', `session_paused of ${id}, which has not started`);
    }
    const byGroup =
      truth.status === 'pausing' ||
      truth.status === 'paused' || // ASSUMPTIONS.parkedPause
      court.ownerless ||
      (truth.status === 'running' && holdAsked.has(id));
    const cannotStart = storeFailed || court.trouble.disk;
    // §5, login and credit: it yields, and its group pauses after it.
    const refused = UNAVAILABLE.has(runs.last(id)?.end?.code ?? '');
    if (!byGroup && !cannotStart && !session.held && !refused && !blockedSessions.has(id)) {
      court.report(
        '§7 pause',
        `${event.type} of ${id} in a group that is ${truth.status}, and nobody holds it`,
      );
    }
  }

  /** A pause and a stop reach every live session at once. */
  function toldAll(): void {
    if (truth.status !== 'pausing' && truth.status !== 'stopping') return;
    if (court.ownerless || court.trouble.disk) return;
    for (const { pid, session, urged, startedStep } of runs.live.values()) {
      if (urged || startedStep === court.step || court.processes.get(pid)?.state !== 'alive') continue;
      court.report('§7 pause', `the group is ${truth.status}, and ${session} is not told`);
    }
  }

  /** Sessions that somebody has asked to hold. */
  const holdAsked = new Set<string>();

  return {
    see(observation) {
      if (observation.kind === 'request' && observation.verb === 'pauseSession') {
        for (const id of truth.graph.named(textOf(observation.args.session))) holdAsked.add(id);
      } else if (observation.kind === 'agent.ended') {
        const { code = '' } = observation;
        if (UNAVAILABLE.has(code) || code === 'agent_not_found') unavailable = true;
      } else if (observation.kind === 'fault') {
        if (court.trouble.disk) storeFailed = true;
        if (observation.jumpMs !== undefined) clockWasSet = true;
      }
    },
    before(event) {
      const session = truth.sessions.get(sessionOf(event));
      const isBlocked = event.type === 'session_warning' && /^cannot be merged/.test(textOf(event.message));
      if (isBlocked) blockedSessions.add(sessionOf(event));
      if (isBlocked || event.type === 'delivery_refused') blocked = true;
      if (event.type === 'group_pausing') pausing(event);
      else if (event.type === 'session_paused' && session !== undefined) sessionPaused(event, session);
      else if (event.type === 'quota_limited') {
        const ms = Date.parse(textOf(event.until)) - Date.parse(event.time);
        if (ms > truth.definition.maxQuotaWaitMs) {
          tooLong = true;
          limitedNow = !court.trouble.disk; // written late, it may be over
        }
      } else if (event.type === 'group_paused' && truth.status === 'pausing') {
        if (textOf(event.reason) !== truth.reason) {
          court.report('§4 pause', `paused as ${textOf(event.reason)}, pausing was ${truth.reason}`);
        }
      }
    },
    after(event) {
      if (event.type === 'budget_exceeded') exceeded = true;
      if (/^group_(started|resumed|retried)$/.test(event.type)) {
        exceeded = false;
        limitedNow = !clockWasSet && isTooFar(event);
      }
      if (event.type !== 'group_paused') return;
      const live = [...runs.live.values()].filter(
        run => run.startedStep !== court.step && court.processes.get(run.pid)?.state !== 'crashed',
      );
      if (live.length > 0)
        court.report('I7', `paused, and ${live.map(run => run.session).join(', ')} is alive`);
    },
    step() {
      toldAll();
      // The limit may be journalled after the pause that it causes, if its engine lives that long.
      if (pausedForQuota && !tooLong && !court.ownerless && !court.trouble.disk) {
        court.report('§5 quota', 'paused for a usage limit, and none is further away than maxWait');
      }
      pausedForQuota = false;
      if (limitedNow && truth.status === 'running' && !court.ownerless) {
        court.report('§5 quota', 'still running, and the limit is reset later than maxWait');
      }
      limitedNow = false;
    },
  };
}
