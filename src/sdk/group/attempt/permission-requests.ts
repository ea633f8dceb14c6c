import type { SessionMachineEvent } from '../../../../machines/contract.ts';
import { given } from '../../given.ts';
import type { Attempt } from '../../session/agent.ts';
import type { PermissionsConfig } from '../../session/permissions.ts';
import { questionsIn, saidTo } from '../../session/reports/questions.ts';
import { refusedInput, shortInput } from '../../session/reports/tool-input.ts';
import type { PermissionDenial } from '../../session/usage.ts';
import type { ShownRequest } from '../journal/session/shown-request.ts';
import {
  type ApprovalRequest,
  Approvals,
  type DeniedIn,
  deniedText,
  unansweredOf,
  unansweredText,
} from './approvals.ts';
import type { AttemptHost } from './attempt-host.ts';
import type { Watchdog } from './watchdog.ts';

const NONE_DENIED = { denials: 0 };

/** What was said to a permission request; `answer` is the answer to a question, or the reason of a denial. */
export type ApprovalAnswer = Omit<Extract<SessionMachineEvent, { type: 'approval.answer' }>, 'type'>;

/** The live attempt; both undefined if there is none. */
export interface Asking {
  readonly attempt: Attempt | undefined;
  readonly watchdog: Watchdog | undefined;
}

/** The permission requests of a session's agent: denied, failed, or shown to a person, depending on configuration. */
export class PermissionRequests {
  /** The request that is waiting for a person. */
  shown: ShownRequest | undefined;
  readonly #id: string;
  readonly #config: PermissionsConfig;
  readonly #host: AttemptHost;
  readonly #asking: () => Asking;
  #waiting: Approvals | undefined;
  /** How many requests a person has denied in the attempt. */
  #deniedByPerson = 0;
  #marked: 'approval' | undefined;

  constructor(id: string, config: PermissionsConfig, host: AttemptHost, asking: () => Asking) {
    this.#id = id;
    this.#config = config;
    this.#host = host;
    this.#asking = asking;
  }

  get #where(): DeniedIn {
    return { groupId: this.#host.groupId, sessionId: this.#id };
  }

  get #approvals(): Approvals {
    this.#waiting ??= new Approvals({
      clock: this.#host.clock,
      timeoutMs: this.#config.timeout,
      onShow: request => this.#show(request),
      onTimeout: request => this.#refuse(request, 'nobody answered the request in time'),
    });
    return this.#waiting;
  }

  asked(request: ApprovalRequest): void {
    const { requestId, tool, input } = request;
    const { onRequest } = this.#config;
    if (onRequest === 'deny') {
      const message = 'this group denies permission requests';
      this.#asking().attempt?.answerPermission(requestId, 'deny', message);
    } else if (onRequest === 'fail' || !this.#host.attended) {
      this.#refuse({ tool, input }, 'nobody is attending the group to answer the request');
    } else {
      this.#approvals.ask(request);
    }
  }

  withdrawn(requestId: string): void {
    if (this.#approvals.current?.requestId === requestId) this.#asking().watchdog?.release();
    this.#mark(undefined);
    this.#host.tell(this.#id, { type: 'agent.withdrew', requestId });
    this.#approvals.done(requestId);
  }

  answered({ requestId, decision, by, answer }: ApprovalAnswer): void {
    const { attempt, watchdog } = this.#asking();
    if (decision === 'deny') this.#deniedByPerson++;
    this.#mark(undefined);
    const { shown, told } = wordsOf(this.#approvals.current, decision, answer);
    this.#host.record(
      given({ type: 'approval_answered', sessionId: this.#id, requestId, decision, by, answer: shown }),
    );
    const tell = () => {
      attempt?.answerPermission(requestId, decision, ...told);
      watchdog?.release();
    };
    const written = this.#host.trees.written();
    if (written)
      written.then(tell, () => {}); // refused: the group pauses, and the attempt ends without an answer
    else tell();
    this.#approvals.done(requestId);
  }

  /** How many of the denials of the attempt nobody could answer, and what they were. */
  unanswered(all: readonly PermissionDenial[]): { readonly denials: number; readonly denied?: string } {
    if (all.length === 0) return NONE_DENIED;
    const denials = unansweredOf(all, this.#deniedByPerson);
    return given({ denials: denials.length, denied: deniedText(denials, this.#where) });
  }

  /** Call before an attempt. */
  begin(): void {
    this.#deniedByPerson = 0;
  }

  /** Call when the attempt has ended. */
  clear(): void {
    this.#waiting?.clear();
    this.#mark(undefined);
  }

  /** Others may wait for the project that the session keeps meanwhile. */
  #mark(waitsFor: 'approval' | undefined): void {
    if (this.#marked === waitsFor) return;
    this.#marked = waitsFor;
    this.#host.trees.places.mark?.(`${this.#host.groupId}/${this.#id}`, waitsFor);
  }

  #show({ requestId, tool, input }: ApprovalRequest): void {
    const other = this.#host.sessionOfRequest(requestId);
    // People answer by this id alone: one answer must not stand for two requests.
    if (other !== undefined) {
      this.#misnamed(requestId, other);
      return;
    }
    this.#asking().watchdog?.hold();
    this.shown = { requestId, tool, input };
    this.#mark('approval');
    this.#host.record({ type: 'approval_requested', sessionId: this.#id, requestId, tool, input });
    this.#host.tell(this.#id, { type: 'agent.approval', requestId, tool });
  }

  #misnamed(requestId: string, other: string): void {
    const message = `its permission request has the id ${JSON.stringify(requestId)}, as one of session "${other}" has: the ids of an agent's requests have to be unique in the group`;
    this.#host.tell(this.#id, { type: 'timeout', error: { code: 'agent_misbehaved', message } });
  }

  /** Fails the session rather than leaving the request unanswered. */
  #refuse({ tool, input }: Pick<ApprovalRequest, 'tool' | 'input'>, why: string): void {
    const message = unansweredText({ tool, input: shortInput(refusedInput(input)) }, why, this.#where);
    this.#host.tell(this.#id, { type: 'timeout', error: { code: 'permission_denied', message } });
  }
}

/** An answer, as it may be written down, and as the agent is told: with options as it has called them itself. */
function wordsOf(
  asked: ApprovalRequest | undefined,
  decision: 'allow' | 'deny',
  answer: string | undefined,
): {
  readonly shown: string | undefined;
  readonly told: [message: string | undefined, answers?: readonly string[]];
} {
  if (answer === undefined || asked === undefined) return { shown: answer, told: [answer] };
  const { tool, input, written, redact } = asked;
  const questions = decision === 'allow' ? questionsIn(tool, input) : [];
  if (questions.length === 0) return { shown: redact(answer), told: [answer] };
  const { text, answers } = saidTo(questions, answer, questionsIn(tool, written));
  return { shown: redact(saidTo(questions, answer).text), told: [text, answers] };
}
