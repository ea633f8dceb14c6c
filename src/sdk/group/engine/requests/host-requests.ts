import type { GroupMachineEvent } from '../../../../../machines/contract.ts';
import { QUESTION_TOOL } from '../../../../../machines/vocabulary.ts';
import { type Clock, LONGEST_TIMEOUT_MS, systemClock } from '../../../clock.ts';
import { RefusedError, SessionGroupsError } from '../../../errors.ts';
import { UsdLimit } from '../../../usd.ts';
import type { ApprovalAnswer } from '../../attempt/permission-requests.ts';
import { limitInMicroUsd } from '../../cost/ledger.ts';
import type { GroupResult } from '../../progress/progress.ts';
import type { Engine } from '../engine.ts';
import { checkAgents } from './check-agents.ts';
import { RequestQueue } from './request-queue.ts';

/** The rest that an accepted request leads to, if it leads to one. */
interface Coming {
  readonly rest?: Promise<GroupResult>;
}

/**
 * What a host requests of its group: each request takes its turn, and is answered by the chart. A request that is refused
 * has no rest to wait for; one whose rest isn't waited for has the current result once it is accepted.
 */
export class HostRequests {
  readonly #engine: Engine;
  readonly #assertOpen: () => void;
  readonly #queue: RequestQueue;

  /** @param assertOpen throws once the group takes no more requests. */
  constructor(engine: Engine, assertOpen: () => void) {
    this.#engine = engine;
    this.#assertOpen = assertOpen;
    this.#queue = new RequestQueue(assertOpen, step => {
      try {
        return engine.requests.admittingNone(step);
      } finally {
        engine.send({ type: 'admission.changed' });
      }
    });
  }

  /** Resolves once it is accepted, and what follows from it at once is written. */
  async send(event: GroupMachineEvent): Promise<void> {
    await this.#queue.inTurn(() => this.#engine.request(event));
    const answered = this.#answered();
    if (answered) await answered;
  }

  /** The same, ahead of a start whose agents are being asked. */
  async sendAhead(event: GroupMachineEvent): Promise<void> {
    await this.#queue.ahead(() => this.#engine.request(event));
    const answered = this.#answered();
    if (answered) await answered;
  }

  /** A request that leads to a rest. */
  sendForRest(event: GroupMachineEvent, wait?: boolean): Promise<GroupResult> {
    return this.#until(() => this.#queue.inTurn(() => this.#askForRest(event)), wait);
  }

  /** The same for a pause or a stop. */
  sendEnd(event: GroupMachineEvent, wait?: boolean): Promise<GroupResult> {
    return this.#until(() => this.#queue.end(() => this.#askForRest(event)), wait);
  }

  /**
   * The same once the group's agents can start. A retry of a paused group starts nothing.
   * @param eventNow called when they can.
   */
  sendStart(eventNow: () => GroupMachineEvent, wait?: boolean): Promise<GroupResult> {
    const start = async () => {
      const event = eventNow();
      if (event.type !== 'retry' || this.#engine.status !== 'paused') return this.#askForRest(event);
      await this.#engine.request(event);
      return {};
    };
    return this.#until(() => this.#queue.start(signal => checkAgents(this.#engine, signal), start), wait);
  }

  async answer(answer: ApprovalAnswer): Promise<void> {
    this.#assertOpen();
    await null; // a subscriber may answer from within the event, before the chart is ready
    const { requestId, decision, answer: text } = answer;
    const id = this.#engine.sessionOfRequest(requestId);
    if (id === undefined) {
      throw new RefusedError('no_such_request', `no session is waiting for an answer to "${requestId}"`);
    }
    checkAnswer(this.#engine.runOf(id).request?.tool, decision, text);
    await this.sendAhead({ type: 'approval.answer', id, ...answer });
  }

  /** Something else that takes its turn. */
  inTurn<T>(act: () => Promise<T>): Promise<T> {
    return this.#queue.inTurn(act);
  }

  /** The last request, sent to a group that is live; no other may follow. */
  close(end: GroupMachineEvent): Promise<unknown> {
    const engine = this.#engine;
    return this.#queue.close(
      async () => engine.live && (await this.#until(() => this.#askForRest(end)).catch(() => {})),
    );
  }

  /** Sends the request, and waits for the rest that follows from it: one that came before it is another one's. */
  async #askForRest(event: GroupMachineEvent): Promise<Coming> {
    const rest = this.#engine.rest();
    try {
      await this.#engine.request(event);
      return { rest: rest.result };
    } catch (error) {
      rest.forget();
      throw error;
    }
  }

  /** Nobody is told of what the journal may not have. */
  #answered(): Promise<void> | undefined {
    return this.#engine.recorder.answered();
  }

  async #until(asked: () => Promise<Coming>, wait = true): Promise<GroupResult> {
    const release = wait ? keepAlive(this.#engine.clock) : () => {};
    try {
      const { rest } = await asked();
      if (wait && rest) return await rest;
      const answered = this.#answered();
      if (answered) await answered;
      return this.#engine.result();
    } finally {
      release();
    }
  }
}

/** Keeps this process alive: a group that waits for a project held by another process has no timer that would. */
function keepAlive(clock: Clock): () => void {
  if (clock !== systemClock) return () => {};
  const timer = setInterval(() => {}, LONGEST_TIMEOUT_MS);
  return () => clearInterval(timer);
}

/** @throws SessionGroupsError `invalid_argument`. */
export function microUsdOf(usd: number | 'none'): number {
  const { data, error } = UsdLimit.safeParse(usd);
  if (data === undefined) {
    throw new SessionGroupsError('invalid_argument', `the limit: ${error?.issues[0]?.message}`);
  }
  return limitInMicroUsd(data);
}

/**
 * Allowing a question is not an answer to it: the agent would hear that there is none.
 * @throws RefusedError `answer_required`; SessionGroupsError `invalid_argument`.
 */
function checkAnswer(tool: string | undefined, decision: 'allow' | 'deny', answer: string | undefined): void {
  if (decision === 'deny') return;
  if (tool === QUESTION_TOOL && answer === undefined) {
    throw new RefusedError('answer_required', `${tool} asks a question, which needs an answer`, {
      hint: 'Answer it with `session approve --answer TEXT`, or deny it.',
    });
  }
  if (tool !== QUESTION_TOOL && answer !== undefined) {
    throw new SessionGroupsError('invalid_argument', `${tool} asks for a permission, which takes no answer`, {
      hint: 'Allow it without one.',
    });
  }
}
