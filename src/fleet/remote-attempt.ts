import { textOfThrown } from '../sdk/errors.ts';
import type { AgentEvent, Attempt } from '../sdk/session/agent.ts';
import type { Channel } from './channel.ts';
import type { PlacedOrder, Placement, PlacementStanding } from './placement.ts';
import { type Control, controlText, type ToldWork, type WorkerReport } from './protocol.ts';

/** What becomes of an order, besides what its agent reports. */
export type PlaceNews =
  /** `n`: the number of the report that says so. */
  | (Extract<WorkerReport, { readonly type: 'placed' }> & { readonly n: number })
  /** Its worker is gone, or can't be heard of: the attempt is over. */
  | { readonly type: 'lost' }
  /** It was taken back before a worker had it, or its worker was stopped: the attempt is over, and is nobody's failure. */
  | { readonly type: 'returned'; readonly kept?: ToldWork }
  /** `passes`: it could not be ordered. Default: a worker has refused it. */
  | { readonly type: 'refused'; readonly message: string; readonly passes?: true };

export type RemoteEvent =
  | PlaceNews
  | { readonly type: 'event'; readonly n: number; readonly event: AgentEvent; readonly kept?: ToldWork };

/** Whether nothing of the attempt follows. */
export const isOver = (event: RemoteEvent): boolean =>
  event.type === 'event' ? event.event.type === 'ended' : event.type !== 'placed';

export interface RemoteAttemptOptions {
  readonly placement: Placement;
  readonly channel: Channel;
}

/** An attempt, as it begins to be followed. */
interface Beginning {
  /** Resolves once it is placed; rejects if that is not possible. */
  readonly placed: Promise<void>;
  /** Reports up to this one have been taken in before. Default: 0. */
  readonly after?: number;
  /** Who has it. Default: nobody yet, or nobody knows. */
  readonly worker?: string | undefined;
}

/** One attempt that works elsewhere, seen from its group; see `RemoteAttempts`. */
export class RemoteAttempt implements Attempt {
  readonly order: PlacedOrder;
  readonly #options: RemoteAttemptOptions;
  readonly #sink: (event: RemoteEvent) => void;
  readonly #placed: Promise<void>;
  readonly #after: number;
  #worker: string | undefined;
  /** What was to be told before it was known to whom. */
  #early: Control[] = [];
  #takingBack: Promise<void> | undefined;
  #isDrained = false;
  #isOver = false;
  /** Resolves when all that it has reported is journalled. */
  readonly settled: Promise<void>;
  done = () => {};

  constructor(
    order: PlacedOrder,
    { placed, after = 0, worker }: Beginning,
    options: RemoteAttemptOptions,
    sink: (event: RemoteEvent) => void,
  ) {
    this.order = order;
    this.#options = options;
    this.#sink = sink;
    this.#after = after;
    this.#worker = worker;
    this.settled = new Promise(resolve => {
      this.done = resolve;
    });
    this.#placed = placed.catch((thrown: unknown) => {
      this.#emit({ type: 'refused', message: textOfThrown(thrown), passes: true });
    });
    if (worker !== undefined) this.#tell({ key: order.key, do: 'repeat' });
  }

  /** Where it waits. */
  get pool(): string {
    return this.order.pool;
  }

  interrupt(): void {
    this.#end('interrupt');
  }

  terminate(): void {
    this.#end('terminate');
  }

  kill(): void {
    this.#end('kill');
  }

  answerPermission(
    requestId: string,
    decision: 'allow' | 'deny',
    message?: string,
    answers?: readonly string[],
  ): void {
    this.#tell({
      key: this.order.key,
      do: 'answer',
      requestId,
      decision,
      ...(message === undefined ? {} : { message }),
      ...(answers === undefined ? {} : { answers: [...answers] }),
    });
  }

  send({ id, text }: { readonly id: string; readonly text: string }): void {
    this.#tell({ key: this.order.key, do: 'send', id, text });
  }

  heard(report: WorkerReport, n: number): void {
    if (report.type === 'placed') {
      this.#worker = report.worker;
      if (n > this.#after) this.#emit({ ...report, n });
      for (const control of this.#early.splice(0)) this.#tell(control);
    } else if (report.type === 'drained') {
      this.#isDrained = true;
      if (this.#worker === undefined) this.#emit({ type: 'returned' }); // it had not begun
    } else if (report.type === 'refused') this.#emit(report);
    else if (report.event.type === 'ended' && this.#isDrained && report.event.end.outcome === 'interrupted')
      this.#emit({ type: 'returned', ...(report.kept && { kept: report.kept }) });
    else if (n > this.#after) this.#emit({ ...report, n });
  }

  lost(): void {
    this.#emit({ type: 'lost' });
  }

  /** How it stands; undefined if it was not placed. @throws if nobody answers. */
  async standing(): Promise<PlacementStanding | undefined> {
    await this.#placed;
    return this.#isOver ? undefined : this.#options.placement.standing(this.order);
  }

  #end(how: 'interrupt' | 'terminate' | 'kill'): void {
    this.#tell({ key: this.order.key, do: how });
    if (this.#worker === undefined) this.#takingBack ??= this.#takeBack().catch(() => {}); // asked again
  }

  async #takeBack(): Promise<void> {
    await this.#placed;
    if (await this.#options.placement.takeBack(this.order)) this.#emit({ type: 'returned' });
    this.#takingBack = undefined;
  }

  #tell(control: Control): void {
    if (this.#isOver) return;
    if (this.#worker === undefined) this.#early.push(control);
    else this.#options.channel.tell(this.#worker, [controlText(control)]).catch(() => {}); // its lease ends it
  }

  #emit(event: RemoteEvent): void {
    if (this.#isOver) return;
    this.#isOver = isOver(event);
    this.#sink(event);
  }
}
