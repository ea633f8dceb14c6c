import type { Observation, SeenEvent } from '../../history.ts';
import { type Concern, type Court, fieldOf, listOf, micro, textOf } from '../concern.ts';
import { isSurelyHeld, type SessionTruth } from '../truth/session-truth.ts';
import { DEPENDS, DISK_CODES, firstLine, INPUT, MACHINE, REACHED } from './codes.ts';
import { type Asked, attributionOf, effectOf, type Seen } from './effects.ts';
import { allowed, interruptedIn, type Standing } from './table.ts';

/** I15, §7 and §14: each request is answered once; a refused one changes nothing, an accepted one has its effect. */
export function answers(court: Court): Concern {
  const { truth, runs } = court;
  /** What its owner shows as waiting for a person: a request that is withdrawn is not journalled. */
  let awaiting: ReadonlySet<string> = new Set();
  const open = new Map<number, Asked>();
  const answered = new Set<number>();
  let answeredNow: Seen[] = [];
  const attribution = attributionOf(court, open);
  let diskFailed = false;
  /** What else has happened in this step than requests, refusals and looking. */
  let quiet = true;
  /** An agent ended or threw inside its start: its session settles in a later step of the same moment. */
  let endedAt = Number.NaN;
  let stepFrom = { at: Number.NaN, seq: -1, shown: -1, status: truth.status, ownerless: false };

  function standings(): readonly Standing[] {
    const { status } = truth;
    if (!court.ownerless || !truth.live) return [status];
    return court.surelyOwnerless ? [interruptedIn(status)] : [interruptedIn(status), status];
  }

  function noteStanding(): void {
    // What was answered in this step may have been answered before or after the events of this step.
    // What was deleted has lost its owner by that.
    const now = answeredNow.flatMap(({ asked }) => (asked.seen.verb === 'delete' ? [] : [asked]));
    for (const asked of [...open.values(), ...now]) {
      for (const standing of standings()) asked.standings.add(standing);
      if (court.trouble.disk) asked.clouded = true;
    }
  }

  function ask(seen: Extract<Observation, { kind: 'request' }>): void {
    if (open.has(seen.id) || answered.has(seen.id)) court.report('world', `two requests ${seen.id}`);
    const sessions = named(seen.args);
    const holds = seen.verb === 'pauseSession' || seen.verb === 'resumeSession';
    open.set(seen.id, {
      seen,
      fromSeq: truth.lastSeq,
      clouded: court.trouble.disk,
      standings: new Set(standings()),
      couldPause: sessions.filter(one => isSurelyHeld(one, false) && one.end === undefined),
      // Held and seen to rest before the request was made, or held before it has started.
      wasHeld: sessions.filter(one => isSurelyHeld(one, true) && truth.rests(one)),
      spent: truth.overLimit || spentBy(seen.args),
      retryable: retryables(seen.args),
      requestOpen: requestOpen(seen.args),
      times: 1,
    });
    if (!holds) return;
    for (const one of sessions) if (one.end === undefined) one.disputed.add(seen.id);
  }

  /** The sessions that a request names: one, or all of a fan-out. */
  const named = ({ session }: Readonly<Record<string, unknown>>): readonly SessionTruth[] =>
    truth.graph.named(textOf(session)).flatMap(id => truth.sessions.get(id) ?? []);

  const spentBy = (args: Readonly<Record<string, unknown>>): boolean => {
    const usd = args.usd ?? args.maxBudgetUsd;
    return typeof usd === 'number' && truth.total >= micro(usd);
  };
  const retryables = ({ sessions }: Readonly<Record<string, unknown>>): number => {
    const ids = Array.isArray(sessions)
      ? listOf(sessions).flatMap(word => truth.graph.named(word))
      : [...truth.sessions.keys()];
    return ids.filter(id => truth.retryable(id)).length;
  };
  const requestOpen = ({ requestId }: Readonly<Record<string, unknown>>): boolean =>
    [...truth.sessions.values()].some(
      ({ id, request }) =>
        request !== undefined &&
        request.id === requestId &&
        awaiting.has(id) &&
        runs.last(id)?.urged === false &&
        runs.last(id)?.end === undefined &&
        runs.last(id)?.asking.has(request.id) === true,
    );

  function answer(seen: Extract<Observation, { kind: 'answer' }>): void {
    const asked = open.get(seen.id);
    if (asked === undefined) {
      court.report(
        'I15',
        `request ${seen.id} is answered ${answered.has(seen.id) ? 'twice' : 'and was never made'}`,
      );
      return;
    }
    open.delete(seen.id);
    if (court.trouble.disk) asked.clouded = true;
    answered.add(seen.id);
    answeredNow.push({ asked, answer: seen });
    const { verb } = asked.seen;
    // A handle that is let go answers whoever waits, also for what follows from a request that was accepted.
    const cutOff = /^(manager_)?disposed$/.test(seen.code ?? '');
    if (seen.outcome === 'refused' && !cutOff) attribution.refused(verb);
    else attribution.gone(asked);
    if (seen.outcome === 'untyped') {
      court.report('I15', `${verb} ends in an error without a type: ${firstLine(seen.message)}`);
    }
    if (seen.outcome === 'accepted' || seen.outcome === 'refused') {
      for (const one of named(asked.seen.args)) one.disputed.delete(seen.id);
    }
    const holds = verb === 'pauseSession';
    if (seen.outcome === 'accepted' && (holds || verb === 'resumeSession')) hold(asked, holds);
  }

  function hold({ seen, clouded, wasHeld }: Asked, held: boolean): void {
    const sessions = named(seen.args);
    for (const session of sessions) {
      // A retry of the same turn has opened it again.
      if (session.end !== undefined) {
        session.disputed.add(seen.id);
        continue;
      }
      // Of a fan-out, what is on its way to a rest may have refused it.
      const unsure = sessions.length > 1 && !held && session.held && !wasHeld.includes(session);
      session.held = held;
      session.heldIn = court.step;
      if (clouded || unsure) session.disputed.add(seen.id); // it may die unwritten, with whoever accepted it
    }
  }

  function check({ asked, answer: seen }: Seen): void {
    const { verb, via } = asked.seen;
    const code = seen.code ?? '';
    if (seen.outcome === 'refused' || seen.outcome === 'failed') {
      if (code === '') court.report('I15', `${verb} is refused without a code`);
      if (MACHINE.has(code)) machineCode(asked, code);
      else if (INPUT.has(code)) inputCode(asked, code);
      // What a failing disk keeps from the journal has happened all the same.
      else if (asked.clouded || DEPENDS.has(`${verb} ${code}`)) return;
      else if (code === 'no_such_request' && verb === 'answer') wrongly(asked, code);
      else if (codesFor(asked)?.has(code) === false) {
        court.report(
          '§14',
          `${verb} by ${via} is refused with ${code} in ${[...asked.standings].join(' or ')}`,
        );
      } else {
        const must = [...asked.standings].every(standing => allowed(verb, standing)?.join() === 'accept');
        const interrupted = [...asked.standings].some(standing => standing.startsWith('interrupted'));
        const needless = verb === 'setMaxBudget' && via !== 'handle' && code === 'not_in_this_state';
        if (must && !interrupted && !(needless && asked.standings.has('completed')))
          // ASSUMPTIONS.limitOfCompleted
          court.report('§14', `${verb} by ${via} is refused with ${code}, and is possible`);
        else wrongly(asked, code);
      }
    } else if (seen.outcome === 'accepted' && verb !== 'open' && verb !== 'dispose') {
      if (asked.clouded || changesNothing(asked)) return;
      if (codesFor(asked)?.has('accept') === false) {
        court.report('§4 requests', `${verb} by ${via} is accepted in ${[...asked.standings].join(' or ')}`);
      }
      const missing = court.trouble.disk ? undefined : effectOf(court, asked);
      if (missing !== undefined) court.report('I15', `${verb} by ${via} is accepted, and ${missing}`);
    }
  }

  /** ASSUMPTIONS.emptyUpdates */
  const changesNothing = ({ seen, fromSeq }: Asked): boolean =>
    seen.verb === 'update' &&
    !court.journal.events.slice(fromSeq + 1).some(({ type }) => type === 'group_updated') &&
    fieldOf(seen.args.change, 'kind') !== 'add';

  /** Undefined: the specification leaves it open. */
  function codesFor({ seen, standings: all }: Asked): ReadonlySet<string> | undefined {
    const codes = new Set<string>();
    // A limit comes first, and is set even where there is nothing to resume (ASSUMPTIONS.resumeWithLimit).
    if (seen.verb === 'resume' && seen.args.usd !== undefined && seen.via !== 'handle') codes.add('accept');
    for (const standing of all) {
      // Without an owner, the way to the group refuses, not its chart (ASSUMPTIONS.codesWithoutOwner).
      if (seen.via !== 'handle' && REACHED.has(seen.verb)) codes.add('not_in_this_state');
      const answers = allowed(seen.verb, standing);
      if (answers === undefined) return undefined;
      for (const one of answers) codes.add(one);
    }
    return codes;
  }

  /** The state allows this code: whether what it says is true. */
  function wrongly(asked: Asked, code: string): void {
    const { verb, args } = asked.seen;
    const only = asked.standings.size === 1;
    if (code === 'budget_exhausted' && !asked.spent && !truth.overLimit) {
      court.report('§14', `${verb} is refused with budget_exhausted at ${truth.total} of ${truth.limit}`);
    }
    const open = Math.min(asked.retryable, retryables(args)); // another retry may have been faster
    if (code === 'nothing_to_retry' && only && open > 0 && truth.status !== 'completed') {
      court.report('§14', `retry is refused with nothing_to_retry, and there are ${open}`);
    }
    if (code === 'no_such_request' && only && asked.requestOpen && requestOpen(args) && !court.ownerless) {
      court.report('§14', `the answer to ${textOf(args.requestId)} is refused, and it is awaited`);
    }
    for (const { id, status, held, end } of named(args)) {
      const was = (sessions: readonly SessionTruth[]) => sessions.some(one => one.id === id);
      if (code === 'session_not_paused' && was(asked.wasHeld) && held) {
        court.report('§14', `${id} is held and paused, and cannot be resumed`);
      }
      if (code === 'session_not_pausable' && was(asked.couldPause) && only && end === undefined && !held) {
        court.report('§14', `${id} is ${status}, and cannot be paused`);
      }
    }
  }

  function machineCode({ seen }: Asked, code: string): void {
    if (DISK_CODES.test(code) && !diskFailed)
      court.report('§14', `${seen.verb} fails with ${code} on a sound disk`);
  }

  function inputCode({ seen }: Asked, code: string): void {
    const { verb, args } = seen;
    if (code === 'unknown_session' && verb !== 'update') {
      const ids = [textOf(args.session), ...listOf(args.sessions)].filter(id => id !== '');
      if (ids.length > 0 && ids.every(id => truth.graph.named(id).length > 0)) {
        court.report('§14', `${verb} of ${ids.join(', ')} is refused as unknown`);
      }
    }
    const usd = args.usd ?? args.maxBudgetUsd;
    if (code === 'invalid_argument' && (usd === 'none' || (typeof usd === 'number' && usd > 0))) {
      court.report('§14', `${verb} to ${usd} is refused as invalid`);
    }
  }

  return {
    see(observation) {
      switch (observation.kind) {
        case 'request':
          ask(observation);
          return;
        case 'answer':
          answer(observation);
          if (observation.outcome !== 'refused') quiet = false;
          return;
        case 'process.crashed':
        case 'process.exited':
          quiet = false;
          noteStanding();
          for (const asked of open.values()) {
            if (asked.seen.pid !== observation.pid) {
              if (asked.seen.via === 'http') asked.times++;
              continue;
            }
            open.delete(asked.seen.id);
            attribution.gone(asked);
          }
          return;
        case 'picture':
          if (observation.via === 'handle') {
            const { sessions } = observation.picture;
            const asking = sessions.filter(({ status }) => status === 'awaiting_approval');
            awaiting = new Set(asking.map(({ id }) => id));
          }
          return;
        case 'agent.ended':
          endedAt = court.at;
          quiet = false;
          return;
        case 'journal':
        case 'event':
        case 'at rest':
        case 'watch.began':
        case 'watch.ended':
          return;
        case 'fault':
          if (/throws in start/.test(observation.what)) endedAt = court.at;
          if (court.trouble.disk || /sync/.test(observation.what)) diskFailed = true;
          quiet = false;
          return;
        default:
          quiet = false;
      }
    },
    before(event: SeenEvent) {
      attribution.event(event);
    },
    after() {
      noteStanding();
    },
    step() {
      noteStanding();
      const refused = answeredNow.filter(({ answer }) => answer.outcome === 'refused');
      if (
        quiet &&
        !truth.definition.delivery &&
        refused.length > 0 &&
        open.size === 0 &&
        court.at === stepFrom.at &&
        court.at !== endedAt &&
        stepFrom.status !== 'pausing' &&
        !stepFrom.ownerless // whoever takes it over to answer pauses it first
      ) {
        // What had been shown and could not be written may be written now.
        if (truth.lastSeq > Math.max(stepFrom.seq, stepFrom.shown)) {
          const verbs = refused.map(({ asked }) => asked.seen.verb).join(', ');
          court.report('I15', `${verbs} is refused, and journals ${truth.lastSeq - stepFrom.seq} events`);
        }
      }
      for (const seen of answeredNow) check(seen);
      answeredNow = [];
      quiet = true;
      const { at, ownerless, seenSeq: shown } = court;
      stepFrom = { at, seq: truth.lastSeq, shown, status: truth.status, ownerless };
    },
    end() {
      for (const { seen } of open.values()) {
        const state = court.processes.get(seen.pid)?.state;
        if (state === 'alive') court.report('I15', `${seen.verb} by ${seen.via} was never answered`);
      }
    },
  };
}
