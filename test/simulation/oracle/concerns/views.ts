import type { Observation, Pid, SeenSession } from '../../history.ts';
import { type Concern, type Court, micro, sessionOf } from '../concern.ts';
import type { SessionTruth } from '../truth/session-truth.ts';
import { reasonOf, trueReason } from './reasons.ts';

type Shown = Extract<Observation, { kind: 'picture' }>;

/** The engine works on its tree. */
const STEPS = ['saving', 'verifying', 'integrating'];

/** How much later than it is due a timer may fire. */
const LATE_MS = 1_000;

const LIVE = new Set(['preparing', 'running', 'awaiting_approval', 'interrupting', ...STEPS]);

/** How often a session's figures are shown while its agent works. */
const SHOWN_EVERY_MS = 100;

/** What changes nothing that a view shows. */
const LOOKING = new Set(['journal', 'at rest', 'watch.began']);

const WAITING = new Set(['pending', 'preparing', 'quota_wait', 'retrying']);

/** What has a slot, and waits for somebody all the same. */
const MAY_WAIT = new Set(['awaiting_approval', 'integrating']);

/** In which statuses a session may be shown, by what the journal says of it. */
const SHOWN: Readonly<Record<string, readonly string[]>> = {
  pending: ['pending', 'preparing'],
  running: ['running', 'interrupting'],
  // ASSUMPTIONS.withdrawn
  awaiting_approval: ['awaiting_approval', 'running', 'interrupting'],
  retrying: ['retrying', 'pending', 'preparing'],
  quota_wait: ['quota_wait', 'pending', 'preparing'],
  paused: ['paused'],
};

/** I8, I11 and I13: what any process shows at the end of a step is what the journal says, with true reasons. */
export function views(court: Court): Concern {
  const { truth } = court;
  let shown: Shown[] = [];
  /** The process that has shown the group as its own last. */
  let owner: Pid = 0;

  function group({ pid, via, picture }: Shown): void {
    const legal = statuses();
    if (!legal.includes(picture.status)) {
      court.report('I11', `${via} of ${pid} shows ${picture.status}, the journal says ${legal.join(' or ')}`);
    }
    let sum = 0;
    for (const session of picture.sessions) sum += micro(session.costUsd);
    if (sum !== micro(picture.totalCostUsd)) {
      court.report(
        'I8',
        `${via} shows ${picture.totalCostUsd} in all, its sessions add up to ${sum} micro-dollars`,
      );
    }
    if (picture.limitUsd !== undefined || truth.limit !== undefined) {
      if (micro(picture.limitUsd ?? Number.NaN) !== truth.limit) {
        court.report('I11', `${via} shows the limit ${picture.limitUsd}, it is ${truth.limit} micro-dollars`);
      }
    }
    if (picture.sessions.length !== truth.sessions.size) {
      court.report('I11', `${via} shows ${picture.sessions.length} sessions of ${truth.sessions.size}`);
    }
    for (const [name, count] of Object.entries(picture.counts ?? {})) {
      const those = picture.sessions.filter(
        ({ status }) => name === 'totalSessions' || status === name,
      ).length;
      if (count !== those) court.report('I11', `${via} shows that ${name} is ${count}, and shows ${those}`);
    }
    const live = picture.sessions.filter(({ status }) => LIVE.has(status)).length;
    if (live > slots) court.report('I3', `${via} shows ${live} sessions with a slot, ${slots} there are`);
    const waits =
      picture.status === 'paused' || picture.status === 'created' || picture.status === 'interrupted';
    if (picture.status === 'paused' && picture.why === undefined)
      court.report('I13', `${via} shows no reason for the pause`);
    for (const session of picture.sessions) {
      const known = truth.sessions.get(session.id);
      if (known === undefined) court.report('I11', `${via} shows ${session.id}, which is not in the group`);
      else compare(session, known, via);
    }
    // ASSUMPTIONS.interruptedReasons
    const interrupted = court.ownerless && truth.live;
    if (!interrupted && (waits || truth.status === 'running')) {
      reasons({ via, picture });
      if (via === 'handle' || via === 'control') turns({ via, picture });
    }
  }

  function statuses(): readonly string[] {
    const { status } = truth;
    if (!truth.live || !court.ownerless) return [status];
    const here: string[] = status === 'pausing' ? ['pausing', 'paused'] : [status];
    return [...here, 'interrupted'];
  }

  /** Somebody stands still, or goes on in this moment. */
  const stood = (): boolean =>
    [...court.processes.values()].some(({ state, since }) => state === 'frozen' || since === court.at);

  function compare(session: SeenSession, known: SessionTruth, via: string): void {
    const { id, status } = session;
    const legal = known.end === undefined ? (SHOWN[known.status] ?? [known.status]) : [known.status];
    // Between a crash and the next resume, what was in play is shown as it waits.
    const steps = truth.definition.delivery && known.end === undefined && STEPS.includes(status);
    const released = court.ownerless || known.disputed.size > 0;
    const free = released && known.end === undefined && !isSettled(status);
    // It was held, and waits for a slot now.
    const goesOn =
      known.status === 'paused' && !known.held && truth.status === 'running' && WAITING.has(status);
    const interrupts = status === 'interrupting' && known.end === undefined;
    // A skip that follows from the journal is published with the next request (§8).
    const decided = court.ownerless && status === 'skipped' && truth.undecided.has(id);
    if (!legal.includes(status) && !free && !goesOn && !decided && !interrupts && !steps) {
      court.report('I11', `${via} shows ${id} as ${status}, the journal says ${known.status}`);
    }
    if (known.end?.outcome === 'skipped' && session.skipReason !== known.end.reason) {
      court.report('I11', `${via} shows ${id} skipped as ${session.skipReason}, it is ${known.end.reason}`);
    }
    if (known.end?.outcome === 'failed' && session.errorCode !== known.errorCode) {
      court.report('I11', `${via} shows ${id} failed with ${session.errorCode}, it is ${known.errorCode}`);
    }
    if (session.attempts !== known.attempts) {
      court.report('I11', `${via} shows ${session.attempts} attempts of ${id}, there were ${known.attempts}`);
    }
    const late = court.at - (known.retry?.due ?? court.at);
    if (
      status === 'retrying' &&
      late > LATE_MS &&
      truth.status === 'running' &&
      !court.ownerless &&
      !stood()
    ) {
      court.report('§5 retries', `${via} shows ${id} as retrying ${late} ms after its retry was due`);
    }
    const cost = micro(session.costUsd);
    if (cost !== known.microUsd && cost !== known.reconciledTo && !isAhead(cost, known)) {
      court.report(
        'I11',
        `${via} shows that ${id} costs ${session.costUsd}, it is ${known.microUsd} micro-dollars`,
      );
    }
  }

  /** ASSUMPTIONS.spendAhead */
  function isAhead(cost: number, { id, microUsd }: SessionTruth): boolean {
    const all = court.runs.of(id);
    const told = all.reduce((sum, run) => sum + run.told, 0);
    const hasDied = all.some(({ pid }) => court.processes.get(pid)?.state !== 'alive');
    const isSoon = court.at - (progressed.get(id) ?? Number.NEGATIVE_INFINITY) <= SHOWN_EVERY_MS;
    return cost > microUsd && cost <= told + all.length && (isSoon || hasDied);
  }

  /** §5 (its tree): of those that are to merge in a repository, all but one wait for it. */
  function turns({ via, picture }: Pick<Shown, 'via' | 'picture'>): void {
    const first = new Map<string | undefined, string>();
    for (const { id, status, why } of picture.sessions) {
      if (status !== 'integrating' || why !== undefined) continue;
      const repository = truth.graph.session(id)?.repository;
      const other = first.get(repository);
      if (other !== undefined)
        court.report('I13', `${via} shows that ${other} and ${id} merge in ${repository} at once`);
      first.set(repository, id);
    }
  }

  /** I13: what waits says for what, and that is so. */
  function reasons({ via, picture }: Pick<Shown, 'via' | 'picture'>): void {
    for (const session of picture.sessions) {
      const known = truth.sessions.get(session.id);
      if (known === undefined || known.end !== undefined) continue;
      const isFirst = session.status === 'integrating' && session.why === undefined;
      if (isFirst || (LIVE.has(session.status) && !MAY_WAIT.has(session.status))) continue;
      const reason = reasonOf(session.why);
      if (reason === undefined) {
        court.report('I13', `${via} shows no reason why ${session.id} is ${session.status}: ${session.why}`);
        continue;
      }
      const wrong = trueReason(court, known, reason, picture, {
        pid: owner,
        isOwners: via === 'handle' || via === 'control',
      });
      if (wrong !== undefined)
        court.report('I13', `${via} says of ${session.id} "${session.why}", and ${wrong}`);
    }
  }

  /** When each session's figures were shown last. */
  const progressed = new Map<string, number>();
  /** After an update that takes slots away, those that have one keep it. */
  let slots = truth.definition.maxConcurrent;

  return {
    see(observation) {
      if (observation.kind === 'picture') {
        shown.push(observation);
        if (observation.via === 'handle') owner = observation.pid;
      } else if (!LOOKING.has(observation.kind)) shown = [];
    },
    before(event) {
      if (event.type === 'session_progress') progressed.set(sessionOf(event) ?? '', court.at);
    },
    step() {
      slots = Math.max(truth.definition.maxConcurrent, Math.min(slots, court.runs.live.size));
      if (!court.trouble.disk && truth.status !== 'none') for (const one of shown) group(one);
      shown = [];
    },
  };
}

function isSettled(status: string): boolean {
  return /^(completed|failed|stopped|skipped)$/.test(status);
}
