import type { Observation, SeenEvent, Verb } from '../../history.ts';
import { type Concern, type Court, fieldOf, listOf, micro, textOf } from '../concern.ts';
import { MACHINE } from './codes.ts';
import { allowed, type Standing } from './table.ts';

type Request = Extract<Observation, { kind: 'request' }>;

interface Followed {
  readonly seen: Request;
  /** The number of the next event when it was made. */
  readonly from: number;
  readonly free: boolean;
  readonly archived: boolean;
  /** Of a group that somebody owns. */
  readonly standing: Standing | undefined;
  answer?: Extract<Observation, { kind: 'answer' }>;
}

/** The event of each verb whose requests are applied in the order of the calls (§7); a limit holds at once. */
const EVENT: Readonly<Partial<Record<Verb, string>>> = {
  pause: 'group_pausing',
  resume: 'group_resumed',
  stop: 'group_stopping',
  retry: 'group_retried',
};
/** Where an event leaves the group. */
const STATUS: Readonly<Record<string, Standing>> = {
  group_pausing: 'pausing',
  group_paused: 'paused',
  group_resumed: 'running',
  group_stopping: 'stopping',
  group_stopped: 'stopped',
  group_retried: 'running',
  group_completed: 'completed',
  group_failed: 'failed',
};
const UNARCHIVES = /^group_(started|resumed|retried)$/;

/** §3, §4, §6 and §7: what a request may ask for, all that it brings about, and in which order. */
export function outcomes(court: Court): Concern {
  const { truth } = court;
  const requests = new Map<number, Followed>();
  let answeredNow: Followed[] = [];
  let archived = false;
  /** Sessions whose tree is being made, as the owner shows: they are in play, and have not started. */
  let preparing: ReadonlySet<string> = new Set();

  /** Whether no session that the change is about has been in play, as far as is known. */
  function isFree(change: unknown): boolean {
    const kind = textOf(fieldOf(change, 'kind'));
    if (kind === 'add') return true;
    const session = truth.sessions.get(textOf(fieldOf(change, 'session')));
    if ((kind !== 'remove' && kind !== 'change') || session === undefined) return false;
    if (session.attempts > 0 || session.inPlay || preparing.has(session.id)) return false;
    return session.end === undefined && session.status === 'pending';
  }

  function check(one: Followed): void {
    const { seen, answer, free } = one;
    const { verb, via, args } = seen;
    const accepted = answer?.outcome === 'accepted';
    const code = answer?.code;
    if (accepted && verb === 'update' && one.archived && archived && updatedSince(one.from)) {
      court.report('§4 archived', `an update by ${via} is accepted, and the group is archived`);
    }
    if (code === 'archived' && !one.archived && !archived) {
      court.report('§4 archived', `${verb} by ${via} is refused with archived, and the group is not`);
    }
    const usd = args.usd ?? args.maxBudgetUsd;
    if (accepted && typeof usd === 'number' && micro(usd) < 1) {
      court.report('§6', `${verb} by ${via} is accepted with a limit of ${usd}`);
    }
    // A whole definition, as it goes over HTTP, may also undo what another update has done.
    if (code === 'sessions_in_the_way' && via !== 'http' && free && isFree(args.change)) {
      court.report(
        '§14',
        `an update by ${via} is refused with sessions_in_the_way, and nothing is in the way`,
      );
    }
    for (const other of requests.values()) inOrder(one, other);
  }

  const updatedSince = (seq: number): boolean =>
    court.journal.events.slice(seq).some(({ type }) => type === 'group_updated');

  /** Of two calls of one handle in one turn, the second finds what the first has brought about, and not the other way round (§7). */
  function inOrder(one: Followed, other: Followed): void {
    const [first, second] = one.seen.id < other.seen.id ? [one, other] : [other, one];
    const isTurn = first.seen.step === second.seen.step && first.seen.pid === second.seen.pid;
    if (!isTurn || first === second || first.standing === undefined) return;
    if ([first, second].some(({ seen }) => seen.via !== 'handle' || EVENT[seen.verb] === undefined)) return;
    const { events } = court.journal;
    const statusAt = (seq: number): Standing | undefined => {
      const before = events.slice(0, seq).findLast(({ type }) => STATUS[type] !== undefined);
      const type = events[seq]?.type ?? '';
      // What is opened again in a paused group waits for its resume.
      return type === 'group_retried' && before?.type === 'group_paused' ? 'paused' : STATUS[type];
    };
    const standingsAt = (from: number, to = events.length): Standing[] =>
      events.slice(from, to).flatMap((_, index) => statusAt(from + index) ?? []);
    const [before, after] = [eventOf(first), eventOf(second)];
    if (before !== undefined && !fits(second, standingsAt(before))) {
      court.report('§7 order', `${said(second)} as if ${first.seen.verb} had not been called before it`);
    }
    if (after !== undefined && !fits(first, [first.standing, ...standingsAt(first.from, after)])) {
      court.report('§7 order', `${said(first)} as if ${second.seen.verb} had been called before it`);
    }
  }

  /** Whether it can have been answered as it was in one of these. */
  function fits({ seen, answer }: Followed, standings: readonly Standing[]): boolean {
    if (answer === undefined || MACHINE.has(answer.code ?? '')) return true;
    const word = answer.outcome === 'accepted' ? 'accept' : (answer.code ?? '');
    return standings.some(standing => allowed(seen.verb, standing)?.includes(word) !== false);
  }

  const said = ({ seen, answer }: Followed): string =>
    `${seen.verb} is ${answer?.outcome === 'accepted' ? 'accepted' : `refused with ${answer?.code}`}`;

  /** The number of the event that it has caused, if no other can have. */
  function eventOf({ seen, from, answer }: Followed): number | undefined {
    if (answer?.outcome !== 'accepted') return undefined;
    const type = EVENT[seen.verb];
    const found = court.journal.events.slice(from).filter(event => event.type === type);
    const [event] = found;
    if (event === undefined || found.length > 1) return undefined;
    const rivals = [...requests.values()].filter(
      other => other.from >= from && other.seen.verb === seen.verb && other.seen.id !== seen.id,
    );
    return rivals.length > 0 || (event.reason !== undefined && event.reason !== 'manual')
      ? undefined
      : event.seq;
  }

  /** A retry reaches all that can run again, or those that it selects and what was skipped because of them. */
  function retried(event: SeenEvent): void {
    const asked = [...requests.values()].filter(({ seen, answer }) => {
      const open = answer === undefined || answeredNow.some(one => one.seen.id === seen.id);
      return seen.verb === 'retry' && open && answer?.outcome !== 'refused';
    });
    const ids = listOf(event.sessions);
    if (asked.length === 0) return;
    const selecting = asked.filter(({ seen }) => seen.args.sessions !== undefined);
    if (selecting.length > 0 && asked.length > 1) return;
    const selected = selecting
      .flatMap(({ seen }) => listOf(seen.args.sessions))
      .flatMap(word => truth.graph.named(word));
    const all = selecting.length > 0 ? withSkipped(selected) : [...truth.sessions.keys()];
    const missing = all.filter(id => truth.retryable(id) && !ids.includes(id));
    if (missing.length > 0) court.report('§7 retry', `${missing.join(', ')} is not retried`);
  }

  /** With those that nothing else keeps from running. */
  function withSkipped(selected: readonly string[]): readonly string[] {
    const all = new Set(selected.filter(id => truth.retryable(id)));
    for (const id of all) {
      for (const other of truth.graph.dependents(id)) {
        const because = truth.graph.violated(other, truth.ends);
        const isSkipped = truth.ends(other)?.reason === 'upstream_failed';
        if (isSkipped && because.length > 0 && because.every(one => all.has(one))) all.add(other);
      }
    }
    return [...all];
  }

  return {
    see(observation) {
      if (observation.kind === 'request') {
        const { id, args } = observation;
        const from = court.journal.next;
        const standing = court.ownerless ? undefined : truth.status;
        requests.set(id, { seen: observation, from, free: isFree(args.change), archived, standing });
      } else if (observation.kind === 'answer') {
        const one = requests.get(observation.id);
        if (one === undefined) return;
        one.answer = observation;
        answeredNow.push(one);
      } else if (
        observation.kind === 'picture' &&
        observation.via === 'handle' &&
        truth.definition.delivery
      ) {
        const { sessions } = observation.picture;
        preparing = new Set(sessions.flatMap(({ id, status }) => (status === 'preparing' ? id : [])));
      }
    },
    before(event) {
      if (event.type === 'group_archived') archived = true;
      else if (UNARCHIVES.test(event.type)) archived = false;
      if (event.type === 'group_retried') retried(event);
    },
    step() {
      if (!court.trouble.disk) for (const one of answeredNow) check(one);
      answeredNow = [];
    },
  };
}
