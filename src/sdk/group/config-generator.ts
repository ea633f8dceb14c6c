import type { AttemptConfig } from '../session/agent.ts';
import type { ResolvedSession } from './resolve-session.ts';
import type { SessionGroup } from './types.ts';

/** Generates what is switched on for a session into its own folder; undefined where nothing is. */
export function configureSession(
  _session: ResolvedSession,
  _group: SessionGroup,
  _dir: string | undefined,
): AttemptConfig | undefined {
  return undefined;
}
