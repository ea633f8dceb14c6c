import type { Clock } from '../../../clock.ts';
import type { Agent } from '../../../session/agent.ts';
import { superviseAttempt } from '../../../session/supervised-attempt.ts';
import type { AttemptOrder } from '../order/attempt-order.ts';
import { type Here, specHere } from '../order/order-here.ts';
import type { AttemptSink, KnownAttempt, OpenedAttempt, SessionExecutor } from './executor.ts';

interface LocalExecutorOptions {
  readonly clock: Clock;
  /** The session's agent, and where it works. */
  readonly placeOf: (sessionId: string) => Here & { readonly agent: Agent };
}

const NOTHING = () => {};

/** Carries attempts out on this machine: each is placed at once, and ends with this process. */
export class LocalExecutor implements SessionExecutor {
  readonly here = true;
  readonly #options: LocalExecutorOptions;

  constructor(options: LocalExecutorOptions) {
    this.#options = options;
  }

  open(order: AttemptOrder, sink: AttemptSink): OpenedAttempt {
    const { clock, placeOf } = this.#options;
    const place = placeOf(order.sessionId);
    const spec = specHere(order, place);
    const attempt = superviseAttempt(place.agent, spec, clock, event => sink.reported(event));
    return { attempt, secrets: spec.secrets };
  }

  /** What another process had here has ended with it. */
  reconcile(_: KnownAttempt, sink: AttemptSink): OpenedAttempt {
    this.#options.clock.setTimeout(() => sink.placed({ type: 'lost' }), 0);
    const attempt = { interrupt: NOTHING, terminate: NOTHING, kill: NOTHING, answerPermission: NOTHING };
    return { attempt };
  }

  async close(): Promise<void> {}
}
