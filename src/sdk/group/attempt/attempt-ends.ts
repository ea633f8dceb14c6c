import type { PendingStep } from '../../../../machines/contract.ts';
import type { SessionError } from '../../../../machines/vocabulary.ts';
import { given } from '../../given.ts';
import type { Baseline } from '../../project/working-tree.ts';
import type { Agent, AttemptEnd } from '../../session/agent.ts';
import type { PermissionDenial } from '../../session/usage.ts';
import { type ResolvedSession, treePlanOf } from '../config/resolve-session.ts';
import { endedByGroup } from '../cost/attempt-cap.ts';
import { eventOfResult } from '../journal/session-result.ts';
import type { StoredResult } from '../journal/stored-result.ts';
import type { TreeWork } from '../tree/tree-work.ts';
import { AgentReports } from './agent-reports.ts';
import type { AttemptHost } from './attempt-host.ts';
import { Completion } from './completion.ts';
import { Messages } from './messages.ts';
import { NextOrder } from './order/next-order.ts';
import { type Asking, PermissionRequests } from './permission-requests.ts';

/** The session's run. */
interface EndedRun {
  readonly id: string;
  readonly session: ResolvedSession;
  readonly tree: TreeWork | undefined;
  left: StoredResult | undefined;
  denials: readonly PermissionDenial[];
  step: PendingStep | undefined;
  invalidOutput: string | undefined;
  /** All that its attempt reported is journalled. */
  told(): void;
}

interface EndsParts {
  readonly host: AttemptHost;
  readonly completion: Completion;
  readonly permissions: PermissionRequests;
  readonly messages: Messages;
  readonly next: NextOrder;
}

/**
 * What an attempt's end means for its session's chart, which is told once all that the attempt left behind is safe: its
 * result, and the files in its tree.
 *
 * ENDS-1 the chart hears of each end once, and until then no other attempt can start (RUN-1); of an end that nobody
 *    waits for any more, not at all.
 */
export class AttemptEnds {
  readonly #run: EndedRun;
  readonly #parts: EndsParts;
  /** Set while something of a finished attempt is being saved; identifies it. */
  #saving: object | undefined;
  #abandoned: (() => void) | undefined;

  constructor(run: EndedRun, parts: EndsParts) {
    this.#run = run;
    this.#parts = parts;
  }

  /** The chart gets no more events: calls back at the next end instead. */
  abandon(ended: () => void): void {
    this.#abandoned = ended;
    this.#saving = undefined;
  }

  /** Its attempt is gone with its worker; `returned`: that was stopped, or never had it. */
  lost(returned: boolean): void {
    if (this.#abandoned) this.ended({ outcome: 'interrupted' });
    else this.#tell(given({ type: 'agent.lost', returned: returned || undefined }));
  }

  ended(end: AttemptEnd): void {
    const abandoned = this.#abandoned;
    this.#abandoned = undefined;
    if (abandoned) {
      abandoned();
      this.#run.told();
      return;
    }
    if (end.outcome === 'done') {
      this.#done(end);
      return;
    }
    this.#whenSafe(() => {
      if (end.outcome === 'failed') this.#failed({ code: end.code, message: end.message });
      else if (end.outcome === 'limited')
        this.#tell(given({ type: 'agent.limited', message: end.message, until: end.until }));
      else this.#tell({ type: 'agent.ended' });
    });
  }

  /** After the files in the session's own tree have been saved, if it has one; else at once. */
  #whenSafe(then: () => void): void {
    const left = this.#run.tree?.leave();
    if (!left) {
      then();
      return;
    }
    const saving = {};
    this.#saving = saving;
    void left.then(() => this.#isStill(saving) && then());
  }

  #isStill(saving: object): boolean {
    if (this.#saving !== saving) return false; // abandoned in the meantime
    this.#saving = undefined;
    return true;
  }

  #done(end: Extract<AttemptEnd, { outcome: 'done' }>): void {
    const { completion, messages, permissions } = this.#parts;
    const { session } = this.#run;
    const { denials, denied } = permissions.unanswered(end.denials);
    const isRefused = denials > 0 && session.permissions.onRequest !== 'deny'; // the chart handles these
    const outputError = isRefused ? undefined : completion.outputError(end);
    if (outputError !== undefined) {
      this.#whenSafe(() => this.#failed({ code: 'output_invalid', message: outputError }));
      return;
    }
    const saving = {};
    this.#saving = saving;
    completion.take(end, left => {
      if (!this.#isStill(saving)) return;
      this.#run.left = left;
      this.#run.denials = end.denials;
      const waiting = isRefused ? 0 : messages.left();
      if (!isRefused && waiting === 0) this.#keepDone();
      this.#tell(given({ type: 'agent.done', denials, denied, waiting: waiting || undefined }));
    });
  }

  /** What the agent has done is not done again, whatever happens before the engine's own steps are through. */
  #keepDone(): void {
    const run = this.#run;
    const plan = treePlanOf(run.session);
    if (!plan || !run.left) return;
    run.step = plan.own ? 'saving' : 'verifying';
    const { id: sessionId, step } = run;
    this.#parts.host.internal({ type: '_done', sessionId, step, ...eventOfResult(run.left) });
  }

  #failed(error: SessionError): void {
    const { host, next } = this.#parts;
    const { id } = this.#run;
    if (error.code === 'output_invalid') {
      this.#run.invalidOutput = error.message;
      host.internal({ type: '_invalid_output', sessionId: id, message: error.message });
    }
    const capped = error.code === 'session_budget' && endedByGroup(host.ledger, id, next.cap);
    this.#tell({ type: 'agent.failed', error, ...(capped ? { cappedByGroup: true } : {}) });
  }

  #tell(event: Parameters<AttemptHost['tell']>[1]): void {
    this.#parts.host.tell(this.#run.id, event);
    this.#run.told();
  }
}

/** What a session's attempts need. */
export interface RunParts extends Omit<EndsParts, 'host'> {
  readonly reports: AgentReports;
  readonly ends: AttemptEnds;
}

interface PartedRun extends EndedRun {
  readonly definition: ResolvedSession;
  readonly agent: Agent;
}

/**
 * @param asking the live attempt.
 * @param baseline the state of the project before the first attempt, if there was one.
 */
export function runParts(
  run: PartedRun,
  host: AttemptHost,
  asking: () => Asking,
  baseline: Baseline | undefined,
): RunParts {
  const { id, definition, agent } = run;
  const next = new NextOrder(host);
  const completion = new Completion(definition, agent, host);
  completion.restore(baseline);
  const permissions = new PermissionRequests(id, definition.permissions, host, asking);
  const messages = new Messages(id, host);
  const reports = new AgentReports(definition, host, permissions, messages, {
    onOwnLimit: error => host.tell(id, { type: 'timeout', error }),
    cwd: () => run.session.projectPath,
  });
  const ends = new AttemptEnds(run, { host, next, completion, permissions, messages });
  return { next, permissions, messages, reports, completion, ends };
}
