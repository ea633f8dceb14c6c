import type { AgentEvent, Attempt, AttemptEnd } from '../../../session/agent.ts';
import type { ResolvedSession } from '../../config/resolve-session.ts';
import type { AttemptHost } from '../attempt-host.ts';
import { type Watchdog, watchAttempt } from '../watchdog.ts';
import type { AttemptSink, OpenedAttempt } from './executor.ts';

/** The session's run, to which the attempt belongs. */
interface LiveRun {
  readonly id: string;
  readonly session: Pick<ResolvedSession, 'timeouts'>;
  /** What its agent reports, but for the end. */
  handle(event: Exclude<AgentEvent, { readonly type: 'ended' }>): void;
  ended(end: AttemptEnd): void;
}

/** A session's attempt while it lives. */
export class LiveAttempt implements AttemptSink {
  readonly #run: LiveRun;
  readonly #host: AttemptHost;
  /** undefined until there is something to control. */
  attempt: Attempt | undefined;
  watchdog: Watchdog | undefined;

  constructor(run: LiveRun, host: AttemptHost) {
    this.#run = run;
    this.#host = host;
  }

  begun({ attempt }: OpenedAttempt): Attempt {
    this.#watch();
    return attempt;
  }

  reported(event: AgentEvent): void {
    if (event.type !== 'warning') this.watchdog?.touch();
    if (event.type === 'ended') this.#run.ended(event.end);
    else this.#run.handle(event);
  }

  placed(): void {}

  /** Call when it has ended. */
  over(): void {
    this.watchdog?.stop();
    this.watchdog = undefined;
    this.attempt = undefined;
  }

  #watch(): void {
    this.watchdog = watchAttempt(this.#host.clock, this.#run.session.timeouts, error =>
      this.#host.tell(this.#run.id, { type: 'timeout', error }),
    );
  }
}
