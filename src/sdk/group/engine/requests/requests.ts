import { randomUUID } from 'node:crypto';
import type { GroupMachineEvent, PendingStep, RefusalCode } from '../../../../../machines/contract.ts';
import { isSettled, type SessionStatus } from '../../../../../machines/vocabulary.ts';
import type { RefusedError } from '../../../errors.ts';
import { MOST_MESSAGES } from '../../journal/session-lists.ts';
import type { ProgressAggregator } from '../../progress-aggregator.ts';
import { REFUSALS, refusal } from '../../standing/refusal.ts';

interface Pending {
  readonly sessionId: string | undefined;
  readonly accept: () => void;
  readonly refuse: (error: Error) => void;
}

/** Requests in flight to the chart. Each is answered: accepted, or refused with a reason (I15). */
export class Requests {
  readonly #pending = new Map<string, Pending>();
  readonly #progress: Pick<ProgressAggregator, 'status' | 'statusOf' | 'fold'>;

  /** Whether what is requested now may let a session start. */
  admits = true;

  constructor(progress: Pick<ProgressAggregator, 'status' | 'statusOf' | 'fold'>) {
    this.#progress = progress;
  }

  /**
   * @param send sends the request to the chart, which answers immediately or at the end of its current step.
   * @param sessionId the session that the request is about, if any.
   */
  open(send: (request: string) => void, sessionId?: string): Promise<void> {
    const request = randomUUID();
    return new Promise((accept, refuse) => {
      this.#pending.set(request, { sessionId, accept, refuse });
      send(request);
      // Has no effect if the chart has answered. A request that a subscriber makes within a chart's step is answered
      // after that step, before any promise continues.
      queueMicrotask(() => this.refuse(request, 'not_in_this_state'));
    });
  }

  /** For requests of which the last pauses or ends the group: no session starts in between. */
  admittingNone<T>(send: () => T): T {
    this.admits = false;
    try {
      return send();
    } finally {
      this.admits = true;
    }
  }

  accept(request: string | undefined): void {
    this.#take(request)?.accept();
  }

  refuse(request: string | undefined, code: RefusalCode): void {
    const pending = this.#take(request);
    pending?.refuse(refusal(code, this.#explain(code, pending.sessionId)));
  }

  /** The error of a request that is refused before the chart is asked. */
  refusal(code: RefusalCode): RefusedError {
    return refusal(code, this.#explain(code, undefined));
  }

  failAll(error: Error): void {
    for (const { refuse } of this.#pending.values()) refuse(error);
    this.#pending.clear();
  }

  #take(request: string | undefined): Pending | undefined {
    if (request === undefined) return undefined;
    const pending = this.#pending.get(request);
    this.#pending.delete(request);
    return pending;
  }

  /** Why the chart refused a request, for people. */
  #explain(code: RefusalCode, id = ''): string {
    const session = this.#progress.statusOf(id);
    const step = this.#progress.fold.sessions.get(id)?.step;
    const text = session && isAboutSession(code) ? sessionText(code, session, step) : REFUSALS[code];
    return text.replace('{group}', this.#progress.status).replace('{id}', id);
  }
}

type AboutSession = 'session_not_pausable' | 'session_not_paused' | 'message_refused';
const isAboutSession = (code: RefusalCode): code is AboutSession =>
  code === 'session_not_pausable' || code === 'session_not_paused' || code === 'message_refused';

function sessionText(code: AboutSession, status: SessionStatus, step: PendingStep | undefined): string {
  if (isSettled(status)) return `{id} is already ${status}`;
  if (code === 'message_refused')
    return step === undefined
      ? `${MOST_MESSAGES} messages wait for {id} already`
      : 'the agent of {id} is done: its work is being saved, checked or merged';
  if (code === 'session_not_pausable') return '{id} is already held';
  if (status === 'interrupting') return '{id} is still being paused';
  return status === 'paused' ? '{id} is paused with its group, not on its own' : REFUSALS[code];
}

const NEED_THE_JOURNAL: ReadonlySet<GroupMachineEvent['type']> = new Set([
  'run',
  'resume',
  'retry',
  'integrate',
  'stop',
  'session.resume',
  'session.send',
  'budget.change',
  'definition.change',
]);

/** Whether it is refused while records can't be written. A stop of a live group is not, because it ends the spending. */
export const needsJournal = (type: GroupMachineEvent['type']): boolean => NEED_THE_JOURNAL.has(type);
