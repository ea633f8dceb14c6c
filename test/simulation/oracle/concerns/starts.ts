import type { SeenEvent } from '../../history.ts';
import { type Concern, type Court, isStart, sessionOf, textOf, timeOf } from '../concern.ts';
import type { SessionTruth } from '../truth/session-truth.ts';

const ENDS = /^(session_(started|resumed)|group_(completed|failed|paused|stopped))$/;
/** How much earlier than it was due a retry may start: the clocks of timers are not exact. */
const EARLY = 5;

/** I2, I4, I6, I9 and §5 (skips, cascades, order, holds) at each start and skip that the journal has. */
export function starts(court: Court): Concern {
  const { truth } = court;
  /** Started in this step although others could have gone before them, with those others. */
  let passed: { readonly id: string; readonly by: readonly string[]; readonly rule: string }[] = [];
  let heldBefore = new Set<string>();
  let decidedBeforeStop: ReadonlySet<string> = new Set();

  function started(event: SeenEvent, session: SessionTruth): void {
    const { id } = session;
    if (session.end !== undefined) court.report('I4', `${id} starts, and has settled as ${session.status}`);
    if (truth.status !== 'running') court.report('I6', `${id} starts in a group that is ${truth.status}`);
    if (!session.inPlay && truth.graph.trigger(id, truth.ends) !== 'start') {
      court.report('I2', `${id} starts, and its trigger is not satisfied`);
    }
    if (truth.overLimit) {
      court.report('I9', `${id} starts at ${truth.total} of ${truth.limit} micro-dollars`);
    }
    if (heldBefore.has(id) && session.held && session.disputed.size === 0)
      court.report('§7 holds', `${id} starts, and a person holds it`);
    if (session.retry !== undefined && session.status === 'retrying') {
      const early = session.retry.due - court.at;
      if (early > EARLY) court.report('§5 retries', `${id} starts ${early} ms before its retry is due`);
    }
    const account = accountOf(id); // ASSUMPTIONS.gatesAfterCrash
    const gate = truth.gates.get(account ?? '');
    // ASSUMPTIONS.admittedBefore
    const admitted = truth.definition.delivery && admittedBefore.has(id);
    if (
      !admitted &&
      gate !== undefined &&
      passedGates.get(account ?? '') !== gate &&
      timeOf(event) < gate - EARLY
    ) {
      court.report('§5 quota', `${id} starts ${gate - timeOf(event)} ms before its account opens`);
    }
    inOrder(session);
  }

  /** Limits that an event was later than: a clock that is set back closes nothing again. */
  const passedGates = new Map<string, number>();

  function passGates(event: SeenEvent): void {
    for (const [account, until] of truth.gates) {
      if (timeOf(event) >= until) passedGates.set(account, until);
    }
  }

  const accounts = new Map<boolean, string>();
  /** The account of a session, known once one with such an agent has met a limit (ASSUMPTIONS.accounts). */
  function accountOf(id: string): string | undefined {
    return accounts.get(truth.graph.session(id)?.resumes !== false);
  }

  function inOrder(session: SessionTruth): void {
    if (session.inPlay || session.reopened) return; // ASSUMPTIONS.reopened
    const before: string[] = [];
    for (const other of truth.sessions.values()) {
      if (other.id === session.id || !couldStart(other)) continue;
      if (other.inPlay) passed.push({ id: session.id, by: [other.id], rule: '§5 those in play first' });
      else if (!other.reopened && truth.graph.surelyBefore(other.id, session.id)) before.push(other.id);
    }
    if (before.length > 0) passed.push({ id: session.id, by: before, rule: '§5 order' });
  }

  /** As far as can be seen from outside, nothing but a slot keeps it from starting. */
  function couldStart(session: SessionTruth): boolean {
    if (session.end !== undefined || session.held || session.disputed.size > 0) return false;
    if (session.status !== 'pending') return false;
    const account = accountOf(session.id);
    if (account === undefined ? truth.gates.size > 0 : (truth.gates.get(account) ?? 0) > 0) return false;
    return session.inPlay || truth.graph.trigger(session.id, truth.ends) === 'start';
  }

  /** Those that were passed over in this step and have not started in it either: preparing takes no time of its own. */
  function stillPassed(): void {
    if (court.ownerless || court.trouble.disk) passed = []; // it could not start, or not write, all that it had chosen
    const places = truth.definition.maxPerProject;
    const inProject = new Map<string, number>();
    if (passed.length > 0) {
      for (const { id, status } of truth.sessions.values()) {
        if (status !== 'running' && status !== 'awaiting_approval') continue;
        const project = truth.graph.session(id)?.project ?? '';
        inProject.set(project, (inProject.get(project) ?? 0) + 1);
      }
    }
    for (const { id, by, rule } of passed) {
      for (const other of by) {
        const session = truth.sessions.get(other);
        const project = truth.graph.session(other)?.project ?? '';
        const free = (inProject.get(project) ?? 0) < places && project !== truth.graph.session(id)?.project;
        if (session && free && couldStart(session) && !preparing.has(other)) {
          court.report(rule, `${id} starts before ${other}`);
        }
      }
    }
    passed = [];
  }

  /** Sessions that had been admitted when the last limit was met. */
  let admittedBefore: ReadonlySet<string> = new Set();
  /** Sessions that the last picture shows as admitted. */
  let preparing = new Set<string>();

  function skipped(event: SeenEvent, session: SessionTruth): void {
    const { id } = session;
    const reason = textOf(event.reason);
    const because = Array.isArray(event.because) ? event.because.map(String) : [];
    if (session.inPlay) court.report('§5 skips', `${id} is skipped, and is in play`);
    const decided = truth.graph.trigger(id, truth.ends) === 'skip';
    if (reason === 'group_stopped') {
      if (truth.status !== 'stopping')
        court.report('§4 stop', `${id} is skipped by a stop of a ${truth.status} group`);
      if (because.length > 0)
        court.report('§5 skips', `${id} is skipped by a stop because of ${because.join(', ')}`);
      if (decidedBeforeStop.has(id))
        court.report('§5 skips', `${id} is skipped by a stop, and its dependencies had decided it`);
      return;
    }
    if (!decided) {
      court.report('§5 skips', `${id} is skipped as ${reason}, and could still start`);
      return;
    }
    const violated = truth.graph.violated(id, truth.ends);
    const expected = truth.graph.skipReason(violated, truth.ends);
    if (reason !== expected) court.report('§5 skips', `${id} is skipped as ${reason}, expected ${expected}`);
    const wrong = because.filter(upstream => !violated.includes(upstream));
    // ASSUMPTIONS.because
    if (because.length === 0 || wrong.length > 0) {
      court.report('§5 because', `${id} is skipped because of [${because}], violated are [${violated}]`);
    }
  }

  return {
    see(observation) {
      if (observation.kind !== 'picture') return;
      const { sessions } = observation.picture;
      preparing = new Set(sessions.flatMap(({ id, status }) => (status === 'preparing' ? [id] : [])));
    },
    before(event) {
      if (event.type === 'group_stopping') decidedBeforeStop = new Set(truth.undecided);
      if (ENDS.test(event.type) && truth.undecided.size > 0) {
        const open = [...truth.undecided].slice(0, 3).join(', ');
        court.report('§5 cascade', `${event.type} comes before the skip of ${open}`);
      }
      passGates(event);
      const session = truth.sessions.get(sessionOf(event));
      if (session === undefined) return;
      if (isStart(event)) started(event, session);
      else if (event.type === 'session_skipped') skipped(event, session);
      else if (event.type === 'quota_limited') {
        admittedBefore = preparing;
        accounts.set(truth.graph.session(session.id)?.resumes !== false, textOf(event.account));
      } else if (event.type === 'dependency_resolved') {
        const upstream = textOf(event.dependency);
        const satisfied = truth.graph
          .verdicts(session.id, truth.ends)
          .some(edge => edge.id === upstream && edge.verdict === 'satisfied');
        if (!satisfied) court.report('§5 triggers', `${session.id} is told that ${upstream} is resolved`);
      }
    },
    step() {
      stillPassed();
      heldBefore = new Set();
      for (const { id, held } of truth.sessions.values()) if (held) heldBefore.add(id);
    },
  };
}
