import { randomUUID } from 'node:crypto';
import type { GroupMachineEvent } from '../../../../../machines/contract.ts';
import { abortable, withFirstAbort } from '../../../abort.ts';
import { type Clock, LONGEST_TIMEOUT_MS, systemClock } from '../../../clock.ts';
import { RefusedError, SessionGroupsError } from '../../../errors.ts';
import { given } from '../../../given.ts';
import { UsdLimit } from '../../../usd.ts';
import type { ApprovalAnswer } from '../../attempt/permission-requests.ts';
import { limitInMicroUsd } from '../../cost/ledger.ts';
import type { DefinitionChanges } from '../../definition/definition-changes.ts';
import { type DefinitionChange, nextDefinition } from '../../definition/next-definition.ts';
import { namedIds } from '../../fan-out/members.ts';
import type { GroupResult } from '../../progress/progress.ts';
import type { Engine } from '../engine.ts';
import type { RunnerOptions } from '../runner-options.ts';
import type {
  AnswerOptions,
  HoldOptions,
  RetryOptions,
  SendOptions,
  SentMessage,
  WaitOption,
} from './call-options.ts';
import { checkAgents } from './check-agents.ts';
import { checkAnswer } from './check-answer.ts';
import { checkBy, checkDecision, checkMessage, checkRequest, wasSent } from './check-requests.ts';
import { RequestQueue } from './request-queue.ts';
import type { RestWaiters } from './rest-waiters.ts';

type Changing = Pick<RunnerOptions, 'loading' | 'onUpdated'>;

/** The rest that an accepted request leads to; undefined if it leads to none. */
type Coming = ReturnType<RestWaiters['next']> | undefined;

/**
 * What a host requests of its group: each request takes its turn, and is answered by the chart. A request that is refused
 * has no rest to wait for; one whose rest isn't waited for has the current result once it is accepted. A signal ends the
 * wait, and withdraws what has not been accepted by then.
 */
export class HostRequests {
  readonly #engine: Engine;
  readonly #changing: Changing;
  readonly #assertOpen: () => void;
  readonly #queue: RequestQueue;
  #limitsSet = 0;

  /** @param assertOpen throws once the group takes no more requests. */
  constructor(engine: Engine, changing: Changing, assertOpen: () => void) {
    this.#engine = engine;
    this.#changing = changing;
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
  send(event: GroupMachineEvent, signal?: AbortSignal): Promise<void> {
    return this.#inTurn(() => this.#engine.request(event), signal).then(() => this.#answered());
  }

  async hold(word: string, { by = 'api', signal }: HoldOptions): Promise<void> {
    checkBy(by);
    return this.sendEach(word, id => ({ type: 'session.pause', id, by }), signal);
  }

  async release(word: string, signal?: AbortSignal): Promise<void> {
    return this.sendEach(word, id => ({ type: 'session.resume', id }), signal);
  }

  /**
   * The same for a session, or for each session of a fan-out: it is refused if none of them takes it.
   * @param word an id, or the name of a fan-out.
   */
  async sendEach(
    word: string,
    eventFor: (id: string) => GroupMachineEvent,
    signal?: AbortSignal,
  ): Promise<void> {
    const ids = this.named([word])?.map(id => this.#engine.runOf(id).id) ?? [];
    const sent = await Promise.allSettled(ids.map(id => this.send(eventFor(id), signal)));
    const refused = sent.filter(one => one.status === 'rejected');
    const [first] = refused.filter(({ reason }) => !(reason instanceof RefusedError)).concat(refused);
    if (first && (refused.length === sent.length || !(first.reason instanceof RefusedError)))
      throw first.reason;
  }

  /** The ids that ids and names of fan-outs stand for. */
  named(words: readonly string[] | undefined): readonly string[] | undefined {
    const { group, state } = this.#engine;
    const isId = (word: string) => state.roster.schedule.graph.indexOf(word) !== undefined;
    return words === undefined || words.every(isId) ? words : namedIds(group.definition.sessions, words);
  }

  async sendMessage(session: string, text: string, options: SendOptions): Promise<SentMessage> {
    const { by = 'api', messageId = randomUUID(), signal } = options;
    checkMessage({ text, by, messageId });
    const { id, agent } = this.#engine.runOf(session);
    if (agent.capabilities.messages !== true) {
      const what = `the agent of ${id} (${agent.kind}) takes no messages`;
      throw new RefusedError('message_refused', what, { hint: NO_MESSAGES_HINT });
    }
    await this.#inTurn(async () => {
      const message = { id, messageId, text };
      if (wasSent(this.#engine.progress.fold, message)) return;
      await this.#engine.request({ type: 'session.send', ...message, by });
    }, signal);
    await this.#answered();
    return { messageId };
  }

  /** A request that leads to a rest. */
  sendForRest(event: GroupMachineEvent, options: WaitOption): Promise<GroupResult> {
    const ask = () => {
      checkRequest(event);
      return this.#queue.inTurn(() => this.#askForRest(event), options.signal);
    };
    return this.#untilRest(ask, options);
  }

  /** The same for a pause or a stop. */
  sendEnd(event: GroupMachineEvent, options: WaitOption): Promise<GroupResult> {
    const ask = () => {
      checkRequest(event);
      return this.#queue.end(() => this.#askForRest(event), options.signal);
    };
    return this.#untilRest(ask, options);
  }

  /**
   * The same once the group's agents can start. A retry of a paused group starts nothing.
   * @param eventNow called when they can.
   */
  sendStart(eventNow: () => GroupMachineEvent, options: WaitOption): Promise<GroupResult> {
    const engine = this.#engine;
    const { signal } = options;
    const check = async (cut: AbortSignal) => {
      if (!signal) return checkAgents(engine, cut);
      const isChecked = await withFirstAbort([cut, signal], first => checkAgents(engine, first));
      signal.throwIfAborted();
      return isChecked;
    };
    const start = async () => {
      const event = eventNow();
      if (event.type !== 'retry' || engine.status !== 'paused') return this.#askForRest(event);
      await engine.request(event);
      return undefined;
    };
    return this.#untilRest(() => this.#queue.start(check, start, signal), options);
  }

  /** Finishes first what was left of a stop. */
  async retry({ sessions, fresh = false, ...options }: RetryOptions): Promise<GroupResult> {
    checkRequest({ type: 'retry', fresh, ...given({ sessions }) });
    const event = { type: 'retry' as const, ...given({ fresh, sessions: this.named(sessions) }) };
    const { signal } = options;
    if (this.#engine.stopUnfinished) await this.sendEnd({ type: 'stop' }, given({ signal }));
    for (const id of event.sessions ?? []) this.#engine.runOf(id); // an unknown one is an error of its own
    return this.sendStart(() => event, options);
  }

  /** @param limitUsd is set too, unless another one is set after this call. */
  async resume(limitUsd: number | 'none' | undefined, options: WaitOption): Promise<GroupResult> {
    const limit = limitUsd === undefined ? {} : { limitMicroUsd: microUsdOf(limitUsd) };
    const before = this.#limitsSet;
    const event = () => ({ type: 'resume' as const, ...(this.#limitsSet === before ? limit : {}) });
    return this.sendStart(event, options);
  }

  /** Goes ahead of a start whose agents are being asked. */
  async setLimit(usd: number | 'none', signal?: AbortSignal): Promise<void> {
    const event = { type: 'budget.change' as const, limitMicroUsd: microUsdOf(usd) };
    const set = async () => {
      await this.#engine.request(event);
      this.#limitsSet++;
    };
    await abortable(() => this.#queue.ahead(set, signal).then(() => this.#answered()), signal);
  }

  /** Goes ahead of a start whose agents are being asked. */
  answer(
    requestId: string,
    decision: 'allow' | 'deny',
    { by = 'api', signal, answer }: AnswerOptions,
  ): Promise<void> {
    return abortable(() => this.#answer(given({ requestId, decision, by, answer }), signal), signal);
  }

  async #answer(answer: ApprovalAnswer, signal: AbortSignal | undefined): Promise<void> {
    this.#assertOpen();
    await null; // a subscriber may answer from within the event, before the chart is ready
    checkDecision(answer);
    const { requestId, decision, answer: text } = answer;
    const id = this.#engine.sessionOfRequest(requestId);
    if (id === undefined) {
      throw new RefusedError('no_such_request', `no session is waiting for an answer to "${requestId}"`);
    }
    const request = this.#engine.runOf(id).request ?? { tool: '' };
    checkAnswer(request, decision, text);
    const event = { type: 'approval.answer' as const, id, ...answer };
    await this.#queue.ahead(() => this.#engine.request(event), signal);
    await this.#answered();
  }

  change(request: DefinitionChange, dryRun = false, signal?: AbortSignal): Promise<DefinitionChanges> {
    return this.#inTurn(async () => {
      const next = await nextDefinition(this.#engine.group, request, this.#changing.loading);
      signal?.throwIfAborted();
      const changes = await this.#engine.redefiner.redefine(next, dryRun);
      this.#changing.onUpdated();
      return changes;
    }, signal);
  }

  /** The rest that follows from the requests so far; the current one if nothing follows. */
  rest(signal?: AbortSignal): Promise<GroupResult> {
    const coming = async () => (this.#engine.atRest ? undefined : this.#engine.rests.next());
    return this.#untilRest(() => this.#queue.inTurn(coming, signal), given({ signal }));
  }

  #inTurn<T>(act: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return abortable(() => this.#queue.inTurn(act, signal), signal);
  }

  /** The last request, sent to a group that is live; no other may follow. */
  close(end: GroupMachineEvent): Promise<unknown> {
    const ended = async () =>
      this.#engine.live && (await this.#untilRest(() => this.#askForRest(end), {}).catch(() => {}));
    return this.#queue.close(ended);
  }

  /** Sends the request, and waits for the rest that follows from it: one that came before it is another one's. */
  async #askForRest(event: GroupMachineEvent): Promise<Coming> {
    const rest = this.#engine.rests.next();
    try {
      await this.#engine.request(event);
      return rest;
    } catch (error) {
      rest.forget();
      throw error;
    }
  }

  /** Nobody is told of what the journal may not have. */
  #answered(): Promise<void> | undefined {
    return this.#engine.recorder.answered();
  }

  async #untilRest(asked: () => Promise<Coming>, { wait = true, signal }: WaitOption): Promise<GroupResult> {
    const release = wait ? keepAlive(this.#engine.clock) : () => {};
    let rest: Coming;
    const resting = async () => {
      rest = await asked();
      if (!wait || signal?.aborted) rest?.forget();
      if (wait && rest) return await rest.result;
      const answered = this.#answered();
      if (answered) await answered;
      return this.#engine.result();
    };
    try {
      return await abortable(resting, signal);
    } finally {
      release();
      rest?.forget();
    }
  }
}

const NO_MESSAGES_HINT = 'Change its prompt, and retry it.';

/** Keeps this process alive: a group that waits for a project held by another process has no timer that would. */
function keepAlive(clock: Clock): () => void {
  if (clock !== systemClock) return () => {};
  const timer = setInterval(() => {}, LONGEST_TIMEOUT_MS);
  return () => clearInterval(timer);
}

/** @throws SessionGroupsError `invalid_argument`. */
function microUsdOf(usd: number | 'none'): number {
  const { data, error } = UsdLimit.safeParse(usd);
  if (data === undefined) {
    throw new SessionGroupsError('invalid_argument', `the limit: ${error?.issues[0]?.message}`);
  }
  return limitInMicroUsd(data);
}
