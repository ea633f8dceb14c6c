import { given } from '../../../given.ts';
import type { AgentEvent, Attempt, AttemptEnd } from '../../../session/agent.ts';
import type { ResolvedSession } from '../../config/resolve-session.ts';
import type { RemoteFold } from '../../journal/session/remote-fold.ts';
import type { KeptWork, QueueNews } from '../../tree/tree-call.ts';
import { isSpend } from '../agent-reports.ts';
import type { AttemptHost } from '../attempt-host.ts';
import { type Watchdog, watchAttempt } from '../watchdog.ts';
import type { AttemptSink, OpenedAttempt, PlaceNews } from './executor.ts';

/** The session's run, to which the attempt belongs. */
interface LiveRun {
  readonly id: string;
  readonly session: Pick<ResolvedSession, 'timeouts'>;
  /** What its agent reports, but for the end. */
  handle(event: Exclude<AgentEvent, { readonly type: 'ended' }>, report: number | undefined): void;
  ended(end: AttemptEnd): void;
  lost(returned: boolean): void;
}

/** What an attempt waits for: its place. Nothing in it: that is not known yet. */
export type PlaceWait = Partial<QueueNews>;

/** A session's attempt while it lives. Its watchdog begins when it is placed. */
export class LiveAttempt implements AttemptSink {
  readonly #run: LiveRun;
  readonly #host: AttemptHost;
  /** What another engine has taken in of it. */
  readonly #before: RemoteFold | undefined;
  /** undefined until there is something to control. */
  attempt: Attempt | undefined;
  watchdog: Watchdog | undefined;
  /** undefined once it is placed. */
  wait: PlaceWait | undefined;
  /** When it is given up, while nothing is heard of its worker; epoch milliseconds. */
  lostAt: number | undefined;
  #done: (() => void) | undefined;

  constructor(run: LiveRun, host: AttemptHost, before?: RemoteFold) {
    this.#run = run;
    this.#host = host;
    this.#before = before;
  }

  begun({ attempt, waits, done }: OpenedAttempt): Attempt {
    this.#done = done;
    if (waits) {
      this.wait = {};
      this.#host.tell(this.#run.id, { type: 'agent.waits' });
    } else this.#watch();
    return attempt;
  }

  /** Goes on with the attempt of another engine. @param attempt its number. @param at the place that has its tree. */
  takeOver(attempt: number, treeAt: string | undefined): Attempt {
    const { heard = 0, counted = 0, worker, at } = this.#before ?? {};
    const after = Math.min(heard, counted);
    const known = { sessionId: this.#run.id, attempt, after, worker, at: treeAt ?? at };
    this.attempt = this.begun(this.#host.executor.reconcile(known, this));
    return this.attempt;
  }

  reported(event: AgentEvent, report?: number, kept?: KeptWork): void {
    if (event.type !== 'warning') this.watchdog?.touch();
    if (event.type === 'ended') this.#onceKept(kept, () => this.#run.ended(event.end));
    else if (!this.#isKnown(event, report)) this.#run.handle(event, report);
  }

  placed(news: PlaceNews): void {
    switch (news.type) {
      case 'waiting':
        this.wait = news;
        break;
      case 'placed':
        this.#isPlaced(news);
        break;
      case 'silent':
        this.lostAt = news.until;
        break;
      case 'heard':
        this.lostAt = undefined;
        break;
      case 'refused': {
        const { message, passes } = news;
        const code = passes ? 'start_failed' : 'prepare_failed';
        this.#run.ended({ outcome: 'failed', code, message });
        break;
      }
      case 'returned':
        this.#onceKept(news.kept, () => this.#run.lost(true));
        break;
      case 'lost':
        this.#run.lost(false);
        break;
    }
  }

  /** Call when it has ended; the function that is returned, when all that it was is journalled. */
  over(): (() => void) | undefined {
    this.watchdog?.stop();
    this.watchdog = undefined;
    this.attempt = undefined;
    this.wait = undefined;
    this.lostAt = undefined;
    return this.#done;
  }

  #isPlaced({ worker, host, place, report }: Extract<PlaceNews, { readonly type: 'placed' }>): void {
    const { id } = this.#run;
    this.wait = undefined;
    if (report > (this.#before?.heard ?? 0))
      this.#host.internal({ type: '_placed', sessionId: id, worker, host, ...given({ place }), report });
    if (!this.watchdog) this.#watch();
    this.#host.tell(id, { type: 'agent.placed' });
  }

  /** What is in its tree is here before anybody hears that it is over. */
  #onceKept(kept: KeptWork | undefined, then: () => void): void {
    if (kept) void this.#host.trees.ground.take(this.#run.id, kept).then(then);
    else then();
  }

  /** Whether another engine has journalled what it leaves. */
  #isKnown(event: AgentEvent, report: number | undefined): boolean {
    if (!this.#before || report === undefined) return false;
    const { heard, counted } = this.#before;
    return report <= (isSpend(event) ? counted : heard);
  }

  #watch(): void {
    this.watchdog = watchAttempt(this.#host.clock, this.#run.session.timeouts, error =>
      this.#host.tell(this.#run.id, { type: 'timeout', error }),
    );
  }
}

/** The session's wait for a place, as it is shown. */
export const shownWait = (wait: PlaceWait | undefined) =>
  wait && given({ kind: 'placement' as const, workers: wait.workers, ahead: wait.ahead, pool: wait.pool });
