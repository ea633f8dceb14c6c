import type { RenderedPrompt } from './prompts/render-prompt.ts';

/** Why an attempt goes on in a conversation that exists, as far as the agent is to be told. */
export interface Resumption {
  /** What was wrong with the structured output that the agent gave last; undefined: nothing that is known. */
  readonly invalidOutput: string | undefined;
}

/**
 * What an attempt is told first: the session's prompt, or in a conversation that goes on a short request to do so.
 * The latter is never a person's words, and may hold the agent's own: it must not act as a command (`composed`).
 */
export function openingMessage(prompt: RenderedPrompt, resumption: Resumption | undefined): RenderedPrompt {
  return resumption === undefined ? prompt : { text: resumeMessage(resumption), composed: true };
}

function resumeMessage({ invalidOutput }: Resumption): string {
  if (invalidOutput === undefined) return 'Continue where you left off.';
  return `${invalidOutput}\n\nCorrect it: finish what is left of the work, then give the structured output again.`;
}
