import type { Finding } from './document/finding.ts';
import type { SessionView } from './document/session-view.ts';

/** A session has exactly one of these. */
export const PROMPT_KEYS = ['prompt', 'promptFile', 'template'] as const;

export function promptChoiceFindings(sessions: readonly SessionView[]): Finding[] {
  return sessions.flatMap((session): Finding[] => {
    const given = PROMPT_KEYS.filter(key => session.raw[key] !== undefined);
    if (given.length === 1) return [];
    if (given.length === 0) {
      const message = 'no prompt: give one of prompt, promptFile and template';
      return [{ code: 'prompt_choice', message, path: session.path }];
    }
    const message = `only one of prompt, promptFile and template may be given; here are ${given.join(' and ')}`;
    return [{ code: 'prompt_choice', message, path: [...session.path, given[1] ?? 'prompt'], points: 'key' }];
  });
}
