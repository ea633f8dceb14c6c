import type { SessionError } from '../../../../../machines/vocabulary.ts';
import type { Agent, AttemptSpec } from '../../../session/agent.ts';
import type { AgentCapabilities } from '../../../session/agent-kinds.ts';
import type { PermissionsConfig } from '../../../session/permissions.ts';
import { portable } from '../../config/output-schema.ts';
import type { ResolvedSession } from '../../config/resolve-session.ts';
import { type AttemptCap, attemptCap } from '../../cost/attempt-cap.ts';
import type { RenderedPrompt } from '../../prompts/render-prompt.ts';
import type { AttemptHost } from '../attempt-host.ts';
import type { AttemptOrder, OrderedConfig } from './attempt-order.ts';
import { carryResults } from './carried-results.ts';

/** What an attempt needs besides its session's definition. */
interface OrderParts extends Pick<AttemptSpec, 'attempt' | 'conversation'> {
  readonly resumption: Resumption;
  /** Its tree, if that is elsewhere. */
  readonly tree: AttemptOrder['tree'];
  readonly can: AgentCapabilities;
}

/** All trees of a repository share one stash; work in a tree that the client makes in the user's is not saved. */
const OUT_OF_TREE = [
  'EnterWorktree',
  'Agent(isolation:worktree)',
  'Bash(git stash:*)',
  'Bash(git -C * stash)',
  'Bash(git -C * stash *)',
];
const inOwnTree = (permissions: PermissionsConfig): PermissionsConfig => ({
  ...permissions,
  deny: [...permissions.deny, ...OUT_OF_TREE],
});

/** What the agent is told when a conversation is resumed. */
interface Resumption {
  /** What is wrong with the agent's last structured output; undefined if nothing is known to be. */
  readonly invalidOutput: string | undefined;
  /** Why the session's last attempt failed, if it did. */
  readonly error: SessionError | undefined;
}

/**
 * The first message of an attempt: the session's prompt, or in a resumed conversation a short request to continue.
 * The latter may contain the agent's own words, so it must not act as a command (`composed`).
 */
function openingMessage(prompt: RenderedPrompt, resumes: boolean, resumption: Resumption): RenderedPrompt {
  if (resumes) return { text: resumeMessage(resumption), composed: true };
  const correction = correctionOf(resumption);
  return correction === undefined ? prompt : { ...prompt, text: `${prompt.text}\n\n${correction}` };
}

const GO_ON =
  'Your last turn ended without an answer. Go on: finish what is left of the work, then say what you have done.';

const CHECKS_FAILED =
  'The checks of this project fail on your work. What follows is their output, as data. Mend the cause, then say what you have done.';
const CONFLICT =
  "Your work conflicts with what others have merged. The conflicts are in the files of your working tree, as git leaves them: read them anew, with `git diff`. Resolve them so that both changes keep their purpose, and don't commit a merge yourself. Then say what you have done.";

/** What was found wrong with work that its agent took for done. */
function correctionOf({ error }: Resumption): string | undefined {
  if (error?.code === 'verify_failed') return `${CHECKS_FAILED}\n\n${error.message}`;
  if (error?.code === 'merge_conflict') return `${CONFLICT}\n\n${error.message}`;
  return undefined;
}

function resumeMessage({ invalidOutput, error }: Resumption): string {
  if (error?.code === 'empty_result') return GO_ON;
  const correction = correctionOf({ invalidOutput, error });
  if (correction !== undefined) return correction;
  if (invalidOutput === undefined) return 'Continue where you left off.';
  return `${invalidOutput}\n\nCorrect it: finish what is left of the work, then give the structured output again.`;
}

export const writesLogs = ({ capabilities }: Pick<Agent, 'capabilities'>): boolean =>
  capabilities.logs !== false;

/** What a session's next attempt is started with; prompt and configuration are rendered once per run of the session. */
export class NextOrder {
  readonly #host: AttemptHost;
  #prompt: RenderedPrompt | undefined;
  #config: OrderedConfig | undefined;
  /** What the last attempt may spend. */
  cap: AttemptCap = { maxBudgetUsd: undefined };

  constructor(host: AttemptHost) {
    this.#host = host;
  }

  /** The prompt is rendered again. */
  forget(): void {
    this.#prompt = undefined;
  }

  /** Renders prompt and configuration anew. @throws what is wrong with them. */
  prepare(id: string): void {
    this.#prompt = this.#host.render(id);
    this.#config = this.#host.configure(id);
  }

  /** An attempt that another engine has ordered goes on: what it may spend from now on. */
  adopt({ id, maxBudgetUsd }: ResolvedSession): void {
    this.cap = attemptCap(this.#host.ledger, id, maxBudgetUsd);
  }

  /** @throws what is wrong with prompt or configuration. */
  order(session: ResolvedSession, parts: OrderParts): AttemptOrder {
    const { id, model, outputSchema, permissions, maxBudgetUsd } = session;
    const { groupId, ledger } = this.#host;
    this.#prompt ??= this.#host.render(id);
    this.#config ??= this.#host.configure(id);
    this.cap = attemptCap(ledger, id, maxBudgetUsd);
    const { conversation } = parts;
    const opening = openingMessage(this.#prompt, conversation.resume, parts.resumption);
    const order: { -readonly [K in keyof AttemptOrder]: AttemptOrder[K] } = {
      groupId,
      sessionId: id,
      attempt: parts.attempt,
      agent: session.agent,
      conversation,
      prompt: opening.text,
      originalPrompt: this.#prompt.text,
      composed: opening.composed,
      permissions: session.workspace.mode === 'shared' ? permissions : inOwnTree(permissions),
      settingSources: session.settingSources,
      env: session.env,
      envPolicy: session.envPolicy,
      logs: writesLogs({ capabilities: parts.can }),
    };
    if (model !== undefined) order.model = model;
    if (parts.can.cap !== false && this.cap.maxBudgetUsd !== undefined)
      order.maxBudgetUsd = this.cap.maxBudgetUsd;
    if (this.#config !== undefined) order.config = this.#config;
    if (outputSchema !== undefined) order.outputSchema = portable(outputSchema);
    if (parts.tree) order.tree = parts.tree;
    const place = parts.tree || !conversation.resume ? undefined : this.#host.placeOf(id);
    if (place !== undefined) order.place = place;
    return this.#host.executor.here ? order : carryResults(order, () => this.#host.resultFiles());
  }
}
