import type { Clock } from '../../sdk/clock.ts';
import type { StepAnswer, StepOptions, StepOrder } from '../../sdk/group/attempt/executor/step.ts';
import type { AttemptEnd } from '../../sdk/session/agent.ts';
import { WorkspaceError } from '../../sdk/workspace/error.ts';
import type { BlobName, Channel } from '../channel.ts';
import type { RemoteAttempt, RemoteEvent } from '../remote-attempt.ts';
import { readAnswer, stepBytes } from './step-texts.ts';

interface StepSenderOptions {
  readonly channel: Channel;
  readonly clock: Clock;
  readonly group: string;
  readonly pool: string;
  /** Orders it, and follows it. @param pool where it waits */
  readonly open: (
    step: {
      readonly session: string;
      readonly epoch: number;
      readonly bytes: Uint8Array;
      readonly pool: string;
    },
    sink: (event: RemoteEvent) => void,
  ) => RemoteAttempt;
}

/** How often in a row a step may be lost with its worker. */
const MOST_LOSSES = 4;
/** How often it asks how a step stands that waits for a worker. */
const LOOK_MS = 1_000;

/** Orders that any worker takes which has trees. */
export const treesOf = (pool: string): string => `${pool}.trees`;
/** Attempts in trees of a place. */
export const attemptsAt = (pool: string, place: string): string => `${pool}.at.${place}`;
/** Steps in trees of a place. */
export const stepsAt = (pool: string, place: string): string => `${pool}.steps.${place}`;
/** Steps are fenced apart from attempts. Ids of sessions don't begin with an underscore. */
export const stepsOf = (session: string): string => `${STEP}${session}`;
const STEP = '_step.';
/** Whose attempts or steps they are. */
export const sessionOf = (writer: string): string =>
  writer.startsWith(STEP) ? writer.slice(STEP.length) : writer;

type Outcome =
  | { readonly kind: 'answered'; readonly answer: BlobName }
  /** Handed back; `absent`: no worker serves the place. */
  | { readonly kind: 'returned'; readonly absent: boolean }
  | { readonly kind: 'lost' }
  | { readonly kind: 'failed'; readonly message: string; readonly passes: boolean };

/**
 * Sends steps to where the trees are, and brings their answers.
 *
 * STEPS-1 a step begins only while no later one of its session has been ordered, and has one answer.
 * STEPS-2 one that was lost with its worker, or handed back, is sent again: to the place that has the tree while a worker
 *    serves that, else to any.
 */
export class StepSender {
  readonly #options: StepSenderOptions;
  /** Later steps have higher numbers, also those of a later engine: its clock has gone on. */
  #last = 0;
  readonly #looking = new Set<() => void>();

  constructor(options: StepSenderOptions) {
    this.#options = options;
  }

  /** @throws WorkspaceError; the signal's reason. */
  async send(order: StepOrder, { pack, signal, onWait }: StepOptions): Promise<StepAnswer> {
    const { channel, group } = this.#options;
    const name = pack && (await channel.put(group, pack));
    const bytes = stepBytes({ order, pack: name });
    let { to } = order;
    for (let losses = 0; losses < MOST_LOSSES; ) {
      signal.throwIfAborted();
      const outcome = await this.#once(order.sessionId, bytes, to, { signal, onWait });
      signal.throwIfAborted();
      if (outcome.kind === 'answered') return this.#answer(outcome.answer);
      if (outcome.kind === 'failed')
        throw new WorkspaceError('workspace_failed', outcome.message, { retryable: outcome.passes });
      if (outcome.kind === 'lost') losses += 1;
      else if (outcome.absent) to = undefined;
    }
    throw new WorkspaceError('workspace_failed', `its worker was lost ${MOST_LOSSES} times in a row`, {
      retryable: true,
    });
  }

  /** Nothing is asked any more. */
  close(): void {
    for (const stop of this.#looking) stop();
  }

  #once(
    sessionId: string,
    bytes: Uint8Array,
    to: string | undefined,
    { signal, onWait = () => {} }: Pick<StepOptions, 'signal' | 'onWait'>,
  ): Promise<Outcome> {
    const { clock, pool, open } = this.#options;
    this.#last = Math.max(this.#last + 1, clock.now());
    const session = stepsOf(sessionId);
    const where = to === undefined ? treesOf(pool) : stepsAt(pool, to);
    return new Promise(resolve => {
      let isAbsent = false;
      let timer: unknown;
      const lookNoMore = (): void => {
        clock.clearTimeout(timer);
        timer = NONE;
        this.#looking.delete(lookNoMore);
      };
      const over = (outcome: Outcome): void => {
        lookNoMore();
        signal.removeEventListener('abort', cutOff);
        attempt.done();
        resolve(outcome);
      };
      const attempt = open({ session, epoch: this.#last, bytes, pool: where }, event => {
        if (event.type === 'placed') {
          lookNoMore();
          onWait(undefined);
        }
        const outcome = outcomeOf(event, isAbsent);
        if (outcome) over(outcome);
      });
      const cutOff = (): void => attempt.interrupt();
      const look = async (): Promise<void> => {
        const standing = await attempt.standing().catch(() => undefined); // asked again
        if (timer === NONE) return;
        if (standing?.kind === 'waiting') {
          const { workers, ahead } = standing;
          isAbsent = to !== undefined && workers === 0;
          if (isAbsent) attempt.interrupt();
          else onWait({ workers, ahead, pool });
        }
        timer = clock.setTimeout(() => void look(), LOOK_MS);
      };
      signal.addEventListener('abort', cutOff, { once: true });
      this.#looking.add(lookNoMore);
      void look();
    });
  }

  async #answer(name: BlobName): Promise<StepAnswer> {
    const { channel, group } = this.#options;
    const bytes = await channel.get(group, name);
    const told = bytes && readAnswer(bytes);
    if (!told) throw gone('what it answered');
    if (told.pack === undefined) return told.answer as StepAnswer;
    const pack = await channel.get(group, told.pack);
    if (!pack) throw gone('what it has made');
    return { ...told.answer, pack } as StepAnswer;
  }
}

/** No step waits any more. */
const NONE = Symbol('none');

const gone = (what: string): WorkspaceError =>
  new WorkspaceError('workspace_failed', `${what} is not there any more`, { retryable: true });

function outcomeOf(event: RemoteEvent, absent: boolean): Outcome | undefined {
  switch (event.type) {
    case 'placed':
      return undefined;
    case 'lost':
      return { kind: 'lost' };
    case 'returned':
      return { kind: 'returned', absent };
    case 'refused':
      return { kind: 'failed', message: event.message, passes: event.passes ?? false };
    default:
      return event.event.type === 'ended' ? outcomeOfEnd(event.event.end) : undefined;
  }
}

/** What a step answers is the result of its end. */
function outcomeOfEnd(end: AttemptEnd): Outcome {
  if (end.outcome === 'done') return { kind: 'answered', answer: end.result };
  if (end.outcome === 'interrupted') return { kind: 'returned', absent: false };
  return { kind: 'failed', message: end.message, passes: true };
}
