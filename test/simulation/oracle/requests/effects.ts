import type { Observation, SeenEvent, Verb } from '../../history.ts';
import { type Court, fieldOf, textOf } from '../concern.ts';
import type { SessionTruth } from '../truth/session-truth.ts';
import { limitOf } from '../truth/truth.ts';
import type { Standing } from './table.ts';

/** A request, and what was known when it was made. */
export interface Asked {
  readonly seen: Extract<Observation, { kind: 'request' }>;
  readonly fromSeq: number;
  /** The disk was failing while it was under way: the journal did not say how the group stood. */
  clouded: boolean;
  /** Every standing of the group from then until the answer. */
  readonly standings: Set<Standing>;
  /** Sessions that were not held, and that were held and at rest. */
  readonly couldPause: readonly SessionTruth[];
  readonly wasHeld: readonly SessionTruth[];
  readonly spent: boolean;
  readonly retryable: number;
  readonly requestOpen: boolean;
  /** How often it may have been carried out: once more after each death of another process, by which it had been sent. */
  times: number;
}

export interface Seen {
  readonly asked: Asked;
  readonly answer: Extract<Observation, { kind: 'answer' }>;
}

/** What an accepted request has not brought about, in words; undefined if it has its effect. */
export function effectOf(court: Court, { seen, fromSeq, standings }: Asked): string | undefined {
  const { truth, journal } = court;
  const { verb, args } = seen;
  const since = (...types: string[]): boolean => {
    for (let seq = journal.next - 1; seq > fromSeq; seq--) {
      if (types.includes(journal.events[seq]?.type ?? '')) return true;
    }
    return false;
  };
  const any = (...all: Standing[]): boolean => all.some(standing => standings.has(standing));
  switch (verb) {
    case 'run':
      return truth.status === 'none' || truth.status === 'created' ? 'the group has not started' : undefined;
    case 'pause':
      if (any('pausing', 'interrupted pausing')) return undefined;
      // §8: where only its end was missing, it has completed or failed.
      if (any('interrupted running', 'delivering') && truth.settled) return undefined;
      return since('group_pausing', 'group_paused') ? undefined : 'the group does not pause';
    case 'resume':
      if (any('stopping', 'interrupted stopping')) return undefined;
      if (!since('group_resumed', 'budget_changed')) return 'the group is not resumed';
      return args.usd === undefined || truth.limit === limitOf(args.usd) || since('budget_changed')
        ? undefined
        : 'the limit that it brings is not set';
    case 'stop':
      if (any('stopping', 'interrupted stopping')) return undefined;
      // §8: where only its end was missing, it has completed or failed.
      if (any('interrupted running', 'interrupted pausing', 'delivering') && truth.settled) return undefined;
      return since('group_stopping') ? undefined : 'the group does not stop';
    case 'archive':
      return journal.events.some(({ type }) => type === 'group_archived')
        ? undefined
        : 'the group is not archived';
    case 'integrate':
      return since('group_delivering') ? undefined : 'nothing is delivered';
    case 'retry':
      return since('group_retried') ? undefined : 'nothing is retried';
    case 'send':
      return since('message_sent') ? undefined : 'no message is journalled';
    case 'answer':
      return since('approval_answered') ? undefined : 'no answer is journalled';
    case 'update': {
      const change = args.change;
      const id = textOf(fieldOf(fieldOf(change, 'session'), 'id'));
      if (fieldOf(change, 'kind') !== 'add' || id === '' || since('group_updated')) return undefined;
      return truth.sessions.has(id) ? undefined : `${id} is not added`;
    }
    case 'setMaxBudget': {
      const limit = limitOf(args.usd ?? args.maxBudgetUsd);
      return truth.limit === limit || since('budget_changed') ? undefined : 'the limit is what it was';
    }
    default:
      return undefined;
  }
}

/** Which requests can have caused an event that the engine does not give by itself. */
const CAUSES: Readonly<Record<string, readonly Verb[]>> = {
  group_started: ['run'],
  group_pausing: ['pause'],
  group_resumed: ['resume', 'retry'],
  group_stopping: ['stop'],
  group_retried: ['retry'],
  group_updated: ['update'],
  group_archived: ['archive'],
  budget_changed: ['setMaxBudget', 'resume', 'update'],
  approval_answered: ['answer'],
  message_sent: ['send'],
};

/** §7: nothing happens unasked: each of these events has a request of its own that was not refused. */
export function attributionOf(court: Court, open: ReadonlyMap<number, Asked>) {
  const possible = new Map<Verb, number>();
  const caused = new Map<string, number>();

  function check(type: string): void {
    let requests = 0;
    for (const verb of CAUSES[type] ?? []) requests += (possible.get(verb) ?? 0) + openOf(verb);
    const events = caused.get(type) ?? 0;
    if (events > requests)
      court.report('I15', `${type} comes ${events} times, and ${requests} requests can have caused it`);
  }

  function openOf(verb: Verb): number {
    let count = 0;
    for (const { seen, times } of open.values()) if (seen.verb === verb) count += times;
    return count;
  }

  /** Requests that have been answered by something else than a refusal, or whose caller has died. */
  return {
    gone({ seen: { verb }, times }: Asked): void {
      possible.set(verb, (possible.get(verb) ?? 0) + times);
    },
    event(event: SeenEvent): void {
      if (CAUSES[event.type] === undefined) return;
      const own = event.type === 'group_pausing' || event.type === 'group_stopping';
      if (own && event.reason !== 'manual') return;
      if (event.type === 'approval_answered' && event.decision !== 'allow') return;
      caused.set(event.type, (caused.get(event.type) ?? 0) + 1);
      check(event.type);
    },
    refused(verb: Verb): void {
      for (const [type, verbs] of Object.entries(CAUSES)) if (verbs.includes(verb)) check(type);
    },
  };
}
