import type { AttemptConfig, AttemptSpec } from '../../session/agent.ts';
import { portable } from '../config/output-schema.ts';
import type { ResolvedSession } from '../config/resolve-session.ts';
import type { RenderedPrompt } from '../prompts/render-prompt.ts';
import { openingMessage, type Resumption } from '../resume-message.ts';

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
