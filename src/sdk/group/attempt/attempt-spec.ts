import type { SessionError } from '../../../../machines/vocabulary.ts';
import type { AttemptConfig, AttemptSpec } from '../../session/agent.ts';
import type { PermissionsConfig } from '../../session/permissions.ts';
import { WorkspaceError } from '../../workspace/error.ts';
import { portable } from '../config/output-schema.ts';
import type { ResolvedSession } from '../config/resolve-session.ts';
import { type AttemptCap, attemptCap } from '../cost/attempt-cap.ts';
import type { RenderedPrompt } from '../prompts/render-prompt.ts';
import type { AttemptHost } from './attempt-host.ts';

/** What an attempt needs besides its session's definition. */
interface AttemptParts extends Pick<AttemptSpec, 'attempt' | 'conversation' | 'env'> {
  readonly resumption: Resumption;
  /** The agent keeps within a cap that it is given. */
  readonly canCap: boolean;
  /** Whether the agent writes to its `logDir`. */
  readonly logs: boolean;
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

/** Where the agent works. @throws WorkspaceError if its repository has not been cloned. */
function folderOf({ id, projectPath }: ResolvedSession): string {
  if (projectPath !== undefined) return projectPath;
  throw new WorkspaceError('workspace_failed', `session "${id}" has no workspace yet`);
}

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

/** What a session's next attempt is started with; prompt and configuration are rendered once per run of the session. */
export class NextAttempt {
  readonly #host: AttemptHost;
  #prompt: RenderedPrompt | undefined;
  #config: AttemptConfig | undefined;
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

  /** @throws what is wrong with prompt or configuration. */
  spec(session: ResolvedSession, parts: AttemptParts): AttemptSpec {
    const { id, model, outputSchema, permissions, maxBudgetUsd } = session;
    const { groupId, ledger } = this.#host;
    this.#prompt ??= this.#host.render(id);
    this.#config ??= this.#host.configure(id);
    this.cap = attemptCap(ledger, id, maxBudgetUsd);
    const { conversation } = parts;
    const opening = openingMessage(this.#prompt, conversation.resume, parts.resumption);
    const spec: { -readonly [K in keyof AttemptSpec]: AttemptSpec[K] } = {
      groupId,
      sessionId: id,
      attempt: parts.attempt,
      agent: session.agent,
      cwd: folderOf(session),
      conversation,
      prompt: opening.text,
      originalPrompt: this.#prompt.text,
      composed: opening.composed,
      permissions: session.workspace.mode === 'shared' ? permissions : inOwnTree(permissions),
      settingSources: session.settingSources,
      env: parts.env,
    };
    if (model !== undefined) spec.model = model;
    if (parts.canCap && this.cap.maxBudgetUsd !== undefined) spec.maxBudgetUsd = this.cap.maxBudgetUsd;
    if (this.#config !== undefined) spec.config = this.#config;
    const logDir = parts.logs ? this.#host.logDir(id) : undefined;
    if (logDir !== undefined) {
      spec.logDir = logDir;
      spec.secrets = this.#host.secrets(id, parts.env);
    }
    if (outputSchema !== undefined) spec.outputSchema = portable(outputSchema);
    return spec;
  }
}
