import type { AttemptConfig, AttemptSpec } from '../../session/agent.ts';
import { portable } from '../config/output-schema.ts';
import type { ResolvedSession } from '../config/resolve-session.ts';
import type { RenderedPrompt } from '../prompts/render-prompt.ts';

/** What an attempt is given beside its session's definition. */
export interface AttemptParts extends Pick<AttemptSpec, 'groupId' | 'attempt' | 'conversation' | 'env'> {
  readonly prompt: RenderedPrompt;
  /** Of a conversation that goes on. */
  readonly resumption: Resumption;
  readonly maxBudgetUsd: number | undefined;
  readonly config: AttemptConfig | undefined;
  readonly logDir: string | undefined;
}

export function attemptSpec(session: ResolvedSession, parts: AttemptParts): AttemptSpec {
  const { groupId, attempt, conversation, env, prompt, maxBudgetUsd, config, logDir } = parts;
  const { model, outputSchema, permissions, settingSources } = session;
  const opening = openingMessage(prompt, conversation.resume ? parts.resumption : undefined);
  return {
    groupId,
    sessionId: session.id,
    attempt,
    agent: session.agent,
    cwd: session.projectPath,
    conversation,
    prompt: opening.text,
    originalPrompt: prompt.text,
    composed: opening.composed,
    ...(model === undefined ? {} : { model }),
    ...(maxBudgetUsd === undefined ? {} : { maxBudgetUsd }),
    permissions,
    settingSources,
    ...(config === undefined ? {} : { config }),
    ...(outputSchema === undefined ? {} : { outputSchema: portable(outputSchema) }),
    env,
    ...(logDir === undefined ? {} : { logDir }),
  };
}

/** Why an attempt goes on in a conversation that exists, as far as the agent is to be told. */
interface Resumption {
  /** What was wrong with the structured output that the agent gave last; undefined: nothing that is known. */
  readonly invalidOutput: string | undefined;
}

/**
 * What an attempt is told first: the session's prompt, or in a conversation that goes on a short request to do so.
 * The latter is never a person's words, and may hold the agent's own: it must not act as a command (`composed`).
 */
function openingMessage(prompt: RenderedPrompt, resumption: Resumption | undefined): RenderedPrompt {
  return resumption === undefined ? prompt : { text: resumeMessage(resumption), composed: true };
}

function resumeMessage({ invalidOutput }: Resumption): string {
  if (invalidOutput === undefined) return 'Continue where you left off.';
  return `${invalidOutput}\n\nCorrect it: finish what is left of the work, then give the structured output again.`;
}
