import type { SessionContext } from '../../../../machines/contract.ts';
import { textOfThrown } from '../../errors.ts';
import type { Baseline } from '../../project/working-tree.ts';
import type { Agent, AgentEvent, Attempt, AttemptEnd, AttemptSpec } from '../../session/agent.ts';
import { type ResolvedSession, treePlanOf, withParts } from '../config/resolve-session.ts';
import type { SessionFold } from '../journal/fold-session.ts';
import { NOT_HEARD } from '../journal/session/remote-fold.ts';
import { TreeWork } from '../tree/tree-work.ts';
import { type RunParts, runParts } from './attempt-ends.ts';
import type { AttemptHost } from './attempt-host.ts';
import { Conversation, type NextConversation } from './conversation.ts';
import type { OpenedAttempt } from './executor/executor.ts';
import { LiveAttempt } from './executor/live-attempt.ts';
import type { AttemptOrder } from './order/attempt-order.ts';
import { writesLogs } from './order/next-order.ts';
import type { ApprovalAnswer, PermissionRequests } from './permission-requests.ts';
import { RunState } from './run-state.ts';
import { startOnceWritten } from './start-once-written.ts';

/**
 * The host's side of one session: its conversation, its live attempt and its result. The chart decides what happens;
 * this carries it out and reports the outcome to the chart.
 *
 * RUN-1 at most one attempt is live (I1): the next one starts only after the previous one's `ended`.
 * RUN-2 the agent is started once its start is in the journal (I10). An attempt that is ended, or whose record is refused,
 *    before that ends as interrupted, and its agent never starts.
 */
export class SessionRun extends RunState {
  readonly id: string;
  /** As the definition has it. */
  readonly definition: ResolvedSession;
  readonly agent: Agent;
  /** Its tree, and its checks; undefined if the agent's word is enough. */
  readonly tree: TreeWork | undefined;
  readonly #host: AttemptHost;
  #placed: ResolvedSession;
  #conversation = new Conversation();
  #live: LiveAttempt | undefined;
  /** Until what an end is checked with is there, of an attempt that was taken over. */
  #ready: Promise<void> | undefined;
  /** Says that all that its last attempt was is journalled. */
  #done: (() => void) | undefined;
  /** Made when they are needed, and dropped once the session has completed. */
  #parts: RunParts | undefined;
  /** While there are no parts: the state of the project before the first attempt. */
  #baseline: Baseline | undefined;

  constructor(session: ResolvedSession, agent: Agent, host: AttemptHost) {
    super();
    this.id = session.id;
    this.definition = session;
    this.agent = agent;
    this.#host = host;
    this.#placed = session;
    this.tree =
      treePlanOf(session) &&
      new TreeWork(
        session,
        host.trees,
        this.watcher(() => this.#work.completion.recount()),
      );
  }

  get #work(): RunParts {
    this.#parts ??= this.#newParts();
    return this.#parts;
  }

  #newParts(): RunParts {
    const asking = () => ({ attempt: this.#live?.attempt, watchdog: this.#live?.watchdog });
    return runParts(this, this.#host, asking, this.#baseline);
  }

  /** The session has completed: what only an attempt needs is dropped. */
  rest(): void {
    this.#baseline = this.#parts?.completion.baseline ?? this.#baseline;
    this.#parts = undefined;
  }

  /** Where its own tree is ready, that is its project. */
  get session(): ResolvedSession {
    const cwd = this.tree?.cwd;
    if (cwd === undefined || cwd === this.#placed.projectPath) return this.#placed;
    this.#placed = withParts(this.definition, { projectPath: cwd });
    return this.#placed;
  }

  /** Continues from where another process, or an earlier run of the group, left the session. */
  restore(from: SessionFold): void {
    this.restoreState(from, () => this.#host.logDir(this.id));
    this.tree?.restore(from.tree);
    this.#baseline = from.baseline;
    this.#parts?.completion.restore(from.baseline);
    this.#conversation.restore(from);
  }

  /** Takes over from the run of the session's previous definition. The session isn't in play. */
  takeOverFrom(before: SessionRun): void {
    this.takeState(before);
    if (before.tree) this.tree?.restore(before.tree.tree);
    this.#conversation = before.#conversation;
    before.rest();
    this.#baseline = before.#baseline;
    this.#parts?.completion.restore(before.#baseline);
  }

  /** The session's prompt has changed: the next attempt begins a new conversation. */
  forgetConversation(): void {
    this.#conversation.forget();
  }

  /** Prepares the session to run again, in the same conversation unless `fresh`. */
  reopen(fresh: boolean): void {
    this.reopenState();
    this.#parts?.next.forget();
    if (!fresh) return;
    this.#conversation.forget();
    this.tree?.startOver();
  }

  /** Prepares prompt, configuration and completion; an error fails the session (prepare_failed). */
  prepare(signal: AbortSignal): Promise<void> | undefined {
    this.#work.next.prepare(this.id);
    return this.#work.completion.prepare(signal);
  }

  start(context: SessionContext): void {
    const { attempts } = context;
    const conversation = this.#conversation.next(this.agent.capabilities.resume);
    const announced = this.#announce(attempts, conversation);
    if (!announced) return;
    this.#conversation.take(conversation);
    this.beginState(context);
    this.#work.permissions.begin();
    this.#work.messages.announced();
    if (!conversation.spec.resume) this.invalidOutput = undefined;
    this.#host.ledger.openAttempt(this.id, { newConversation: !conversation.spec.resume });
    const live = new LiveAttempt(this, this.#host);
    this.#live = live;
    const begin = () => this.#begin(live, attempts, conversation.spec);
    if (announced.written) {
      live.attempt = startOnceWritten(announced.written, this.#host.clock, {
        begin,
        begun: attempt => this.#begun(attempt),
        interrupted: () => this.ended({ outcome: 'interrupted' }),
      });
      return;
    }
    live.attempt = begin();
    if (live.attempt) this.#begun(live.attempt);
  }

  #begun(attempt: Attempt): void {
    this.#work.messages.begin(attempt);
    if (attempt.pid) this.#host.internal({ type: '_spawned', sessionId: this.id, pid: attempt.pid });
  }

  #begin(
    live: LiveAttempt,
    attempts: number,
    conversation: AttemptSpec['conversation'],
  ): Attempt | undefined {
    let opened: OpenedAttempt;
    try {
      opened = this.#host.executor.open(this.#order(attempts, conversation), live);
    } catch (reason) {
      const message = textOfThrown(reason);
      const end: AttemptEnd = this.#host.storeFails
        ? { outcome: 'interrupted' } // the group is pausing because of the store
        : { outcome: 'failed', code: 'prepare_failed', message };
      this.#host.clock.setTimeout(() => this.ended(end), 0);
      return undefined;
    }
    this.#work.reports.begin(opened.secrets);
    return live.begun(opened);
  }

  /** Takes over the attempt that another engine has started, from where that has followed it. */
  adopt({ remote = NOT_HEARD, tools, tree }: SessionFold): void {
    const { completion, messages, next, permissions, reports } = this.#work;
    this.#conversation.adopted();
    const live = new LiveAttempt(this, this.#host, remote);
    this.#live = live;
    permissions.begin();
    messages.adopted();
    next.adopt(this.session);
    reports.adopt(tools);
    this.#ready = completion.prepare(new AbortController().signal)?.catch(() => {}); // it was right before
    messages.begin(live.takeOver(this.attempts, tree.at));
  }

  /** How the place of its attempt stands; undefined without one. */
  get place(): Pick<LiveAttempt, 'wait' | 'lostAt'> | undefined {
    return this.#live;
  }

  handMessages(): void {
    this.#parts?.messages.hand();
  }

  interrupt(): void {
    this.#parts?.messages.interrupted();
    this.#live?.attempt?.interrupt();
  }

  terminate(): void {
    this.#live?.attempt?.terminate();
    this.#parts?.completion.cancel();
  }

  kill(): void {
    this.tree?.cutOff();
    this.#live?.attempt?.kill();
    this.#parts?.completion.cancel();
  }

  /** Its chart has failed and gets no more events: ends the attempt, and calls `ended` when nothing is left running. */
  abandon(ended: () => void): void {
    this.#work.ends.abandon(ended);
    this.#parts?.completion.cancel();
    this.tree?.abandon();
    if (this.#live?.attempt) this.#live.attempt.kill();
    else this.ended({ outcome: 'interrupted' });
  }

  answer(answer: ApprovalAnswer): void {
    this.#work.permissions.answered(answer);
  }

  /** The permission request that is shown to a person. */
  get request(): PermissionRequests['shown'] {
    return this.#parts?.permissions.shown;
  }

  forgetRequest(): void {
    if (this.#parts) this.#parts.permissions.shown = undefined;
  }

  /** Without a journal record, nothing starts (I10): the group pauses, and the chart takes the attempt back. */
  #announce(
    attempts: number,
    { spec, startsOver }: NextConversation,
  ): { readonly written: Promise<void> | undefined } | undefined {
    const type = spec.resume ? 'session_resumed' : 'session_started';
    const started = { type, sessionId: this.id, attempt: attempts, agentSessionId: spec.id } as const;
    try {
      if (writesLogs(this.agent)) this.#host.logDir(this.id); // fails early if the folder can't be created
      return { written: this.#host.announce(startsOver ? { ...started, startedOver: true } : started) };
    } catch {
      this.#host.clock.setTimeout(() => this.#host.tell(this.id, { type: 'agent.unstarted' }), 0);
      return undefined;
    }
  }

  #order(attempt: number, conversation: AttemptSpec['conversation']): AttemptOrder {
    return this.#work.next.order(this.session, {
      attempt,
      conversation,
      can: this.agent.capabilities,
      tree: this.tree?.ordered,
      resumption: { invalidOutput: this.invalidOutput, error: this.tree?.problem ?? this.error },
    });
  }

  // For its attempt.

  handle(event: Exclude<AgentEvent, { readonly type: 'ended' }>, report?: number): void {
    if (event.type === 'started' && event.startedOver) this.invalidOutput = undefined;
    if (event.type === 'started') this.#conversation.begun(event);
    this.#work.reports.handle(event, this.attempts, report);
  }

  ended(end: AttemptEnd): void {
    const ready = this.#ready;
    this.#ready = undefined;
    if (ready) void ready.then(() => this.ended(end));
    else {
      const safe = this.#work.reports.endOf(end);
      this.#over();
      this.#work.ends.ended(safe);
    }
  }

  lost(returned: boolean): void {
    this.#over();
    this.#work.ends.lost(returned);
  }

  told(): void {
    this.#done?.();
    this.#done = undefined;
  }

  #over(): void {
    this.#done = this.#live?.over();
    this.#live = undefined;
    this.#work.reports.close();
  }
}
