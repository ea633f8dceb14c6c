import type { PendingStep, SessionContext } from '../../../../machines/contract.ts';
import { type Corrections, NO_CORRECTIONS, type SessionError } from '../../../../machines/vocabulary.ts';
import { textOfThrown } from '../../errors.ts';
import type { Agent, AgentEvent, Attempt, AttemptEnd, AttemptSpec } from '../../session/agent.ts';
import { superviseAttempt } from '../../session/supervised-attempt.ts';
import type { PermissionDenial } from '../../session/usage.ts';
import { type ResolvedSession, treePlanOf } from '../config/resolve-session.ts';
import type { SessionFold } from '../journal/fold-session.ts';
import { restoredResult } from '../journal/session-result.ts';
import type { StoredResult } from '../journal/stored-result.ts';
import type { TreeWatcher } from '../tree/tree-host.ts';
import { TreeWork } from '../tree/tree-work.ts';
import { AgentReports } from './agent-reports.ts';
import { AttemptEnds } from './attempt-ends.ts';
import type { AttemptHost } from './attempt-host.ts';
import { NextAttempt } from './attempt-spec.ts';
import { Completion } from './completion.ts';
import { Conversation, type NextConversation } from './conversation.ts';
import { type ApprovalAnswer, PermissionRequests } from './permission-requests.ts';
import { startOnceWritten } from './start-once-written.ts';
import { type Watchdog, watchAttempt } from './watchdog.ts';

/**
 * The host's side of one session: its conversation, its live attempt and its result. The chart decides what happens;
 * this carries it out and reports the outcome to the chart.
 *
 * RUN-1 at most one attempt is live (I1): the next one starts only after the previous one's `ended`.
 * RUN-2 the agent is started once its start is in the journal (I10). An attempt that is ended, or whose record is refused,
 *    before that ends as interrupted, and its agent never starts.
 */
export class SessionRun {
  readonly id: string;
  /** As the definition has it. */
  readonly definition: ResolvedSession;
  readonly agent: Agent;
  /** Its result, once completed. */
  left: StoredResult | undefined;
  denials: readonly PermissionDenial[] = [];
  error: SessionError | undefined;
  attempts = 0;
  failures = 0;
  /** The conversation's agent was asked to go on after it was done without a word. */
  askedToGoOn = false;
  /** Its agent is done, and this step is left. */
  step: PendingStep | undefined;
  /** How often its conversation was told of something to correct. */
  corrected: Corrections = NO_CORRECTIONS;
  /** What was wrong with the conversation's last output. */
  invalidOutput: string | undefined;
  /** Its tree, and its checks; undefined if the agent's word is enough. */
  readonly tree: TreeWork | undefined;
  readonly #host: AttemptHost;
  #placed: ResolvedSession;
  #conversation = new Conversation();
  #attempt: Attempt | undefined;
  #watchdog: Watchdog | undefined;
  readonly #next: NextAttempt;
  readonly #permissions: PermissionRequests;
  readonly #reports: AgentReports;
  readonly #completion: Completion;
  readonly #ends: AttemptEnds;

  constructor(session: ResolvedSession, agent: Agent, host: AttemptHost) {
    this.id = session.id;
    this.definition = session;
    this.agent = agent;
    this.#host = host;
    this.#placed = session;
    this.#next = new NextAttempt(host);
    this.tree = treePlanOf(session) && new TreeWork(session, host.trees, this.#watcher());
    this.#completion = new Completion(session, agent, {
      clock: host.clock,
      env: host.env,
      folder: () => host.logDir(this.id),
      keep: baseline => host.internal({ type: '_baseline', sessionId: this.id, ...baseline }),
      warn: message => host.record({ type: 'session_warning', sessionId: this.id, message }),
    });
    this.#permissions = new PermissionRequests(this.id, session.permissions, host, () => ({
      attempt: this.#attempt,
      watchdog: this.#watchdog,
    }));
    this.#reports = new AgentReports(session, host, this.#permissions, error =>
      host.tell(this.id, { type: 'timeout', error }),
    );
    this.#ends = new AttemptEnds(this, {
      ...{ host, next: this.#next, completion: this.#completion, permissions: this.#permissions },
    });
  }

  /** Where its own tree is ready, that is its project. */
  get session(): ResolvedSession {
    const cwd = this.tree?.cwd;
    if (cwd === undefined || cwd === this.#placed.projectPath) return this.#placed;
    this.#placed = { ...this.definition, projectPath: cwd };
    return this.#placed;
  }

  get live(): boolean {
    return this.#attempt !== undefined;
  }

  /** Continues from where another process, or an earlier run of the group, left the session. */
  restore(from: SessionFold): void {
    this.attempts = from.attempts;
    this.failures = from.failures;
    this.askedToGoOn = from.askedToGoOn;
    this.step = from.step;
    this.corrected = from.corrected;
    this.tree?.restore(from.tree);
    this.left = from.left && restoredResult(from.left, () => this.#host.logDir(this.id));
    this.error = from.error;
    this.invalidOutput = from.invalidOutput;
    this.#completion.restore(from.baseline);
    this.#conversation.restore(from);
  }

  /** Takes over from the run of the session's previous definition. The session isn't in play. */
  takeOverFrom(before: SessionRun): void {
    const { attempts, failures, askedToGoOn, left, denials, error, step, corrected } = before;
    Object.assign(this, { attempts, failures, askedToGoOn, left, denials, error, step, corrected });
    if (before.tree) this.tree?.restore(before.tree.tree);
    this.#conversation = before.#conversation;
    this.invalidOutput = before.invalidOutput;
    this.#completion.restore(before.#completion.baseline);
  }

  /** The session's prompt has changed: the next attempt begins a new conversation. */
  forgetConversation(): void {
    this.#conversation.forget();
  }

  /** Prepares the session to run again, in the same conversation unless `fresh`. */
  reopen(fresh: boolean): void {
    this.failures = 0;
    this.askedToGoOn = false;
    this.step = undefined;
    this.corrected = NO_CORRECTIONS;
    this.error = undefined;
    this.#next.forget();
    if (!fresh) return;
    this.#conversation.forget();
    this.tree?.startOver();
  }

  /** Prepares prompt, configuration and completion; an error fails the session (prepare_failed). */
  prepare(signal: AbortSignal): Promise<void> | undefined {
    this.#next.prepare(this.id);
    return this.#completion.prepare(signal);
  }

  start({ attempts, failures, askedToGoOn = false, corrected = NO_CORRECTIONS }: SessionContext): void {
    const conversation = this.#conversation.next(this.agent.capabilities.resume);
    const announced = this.#announce(attempts, conversation);
    if (!announced) return;
    this.#conversation.take(conversation);
    this.attempts = attempts;
    this.failures = failures;
    this.askedToGoOn = askedToGoOn;
    this.corrected = corrected;
    this.#permissions.begin();
    if (!conversation.spec.resume) this.invalidOutput = undefined;
    this.#host.ledger.openAttempt(this.id, { newConversation: !conversation.spec.resume });
    const begin = () => this.#begin(attempts, conversation.spec);
    const begun = ({ pid }: Attempt) => {
      if (pid !== undefined) this.#host.internal({ type: '_spawned', sessionId: this.id, pid });
    };
    if (announced.written) {
      const interrupted = () => this.#ended({ outcome: 'interrupted' });
      this.#attempt = startOnceWritten(announced.written, this.#host.clock, { begin, begun, interrupted });
      return;
    }
    this.#attempt = begin();
    if (this.#attempt) begun(this.#attempt);
  }

  #begin(attempts: number, conversation: AttemptSpec['conversation']): Attempt | undefined {
    let spec: AttemptSpec;
    try {
      spec = this.#spec(attempts, conversation);
    } catch (reason) {
      const message = textOfThrown(reason);
      const end: AttemptEnd = this.#host.storeFails
        ? { outcome: 'interrupted' } // the group is pausing because of the store
        : { outcome: 'failed', code: 'prepare_failed', message };
      this.#host.clock.setTimeout(() => this.#ended(end), 0);
      return undefined;
    }
    this.#watchdog = watchAttempt(this.#host.clock, this.session.timeouts, error =>
      this.#host.tell(this.id, { type: 'timeout', error }),
    );
    return superviseAttempt(this.agent, spec, this.#host.clock, event => this.#on(event));
  }

  interrupt(): void {
    this.#attempt?.interrupt();
  }

  terminate(): void {
    this.#attempt?.terminate();
    this.#completion.cancel();
  }

  kill(): void {
    this.tree?.cutOff();
    this.#attempt?.kill();
    this.#completion.cancel();
  }

  /** Its chart has failed and gets no more events: ends the attempt, and calls `ended` when nothing is left running. */
  abandon(ended: () => void): void {
    this.#ends.abandon(ended);
    this.#completion.cancel();
    this.tree?.abandon();
    if (this.#attempt) this.#attempt.kill();
    else this.#ended({ outcome: 'interrupted' });
  }

  answer(answer: ApprovalAnswer): void {
    this.#permissions.answered(answer);
  }

  /** The permission request that is shown to a person. */
  get request(): PermissionRequests['shown'] {
    return this.#permissions.shown;
  }

  forgetRequest(): void {
    this.#permissions.shown = undefined;
  }

  /** Without a journal record, nothing starts (I10): the group pauses, and the chart takes the attempt back. */
  #announce(
    attempts: number,
    { spec, startsOver }: NextConversation,
  ): { readonly written: Promise<void> | undefined } | undefined {
    const attempt = { sessionId: this.id, attempt: attempts, agentSessionId: spec.id };
    try {
      this.#host.logDir(this.id); // fails early if the folder can't be created
      const written = this.#host.announce(
        spec.resume
          ? { type: 'session_resumed', ...attempt }
          : { type: 'session_started', ...attempt, ...(startsOver ? { startedOver: true } : {}) },
      );
      return { written };
    } catch {
      this.#host.clock.setTimeout(() => this.#host.tell(this.id, { type: 'agent.unstarted' }), 0);
      return undefined;
    }
  }

  #spec(attempt: number, conversation: AttemptSpec['conversation']): AttemptSpec {
    const env = this.#host.environment(this.id);
    return this.#next.spec(this.session, {
      ...{ attempt, conversation, canCap: this.agent.capabilities.cap !== false },
      env: this.tree?.environment(env) ?? env,
      resumption: { invalidOutput: this.invalidOutput, error: this.tree?.problem ?? this.error },
    });
  }

  #on(event: AgentEvent): void {
    if (event.type !== 'warning') this.#watchdog?.touch();
    if (event.type === 'ended') {
      this.#ended(event.end);
      return;
    }
    if (event.type === 'started' && event.startedOver) this.invalidOutput = undefined;
    if (event.type === 'started') this.#conversation.begun(event);
    this.#reports.handle(event, this.attempts);
  }

  #ended(end: AttemptEnd): void {
    this.#watchdog?.stop();
    this.#watchdog = undefined;
    this.#attempt = undefined;
    this.#reports.close();
    this.#ends.ended(end);
  }

  #watcher(): TreeWatcher {
    const run = this;
    return {
      saved: changed => {
        if (this.left) this.left = { ...this.left, ...changed };
      },
      recount: () => this.#completion.recount(),
      get changed() {
        return run.left?.changedFiles && { changedFiles: run.left.changedFiles };
      },
    };
  }
}
