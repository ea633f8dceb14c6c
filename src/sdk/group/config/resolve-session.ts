import type { ResolvedAgent } from '../../session/agent-config.ts';
import type { PermissionsConfig, SettingSource } from '../../session/permissions.ts';
import type { RetryPolicy, SessionDefinition, SessionGroupConfig, TimeoutsConfig } from '../types.ts';

/** A session with the group's settings as defaults for its own. */
export interface ResolvedSession
  extends Omit<
    SessionDefinition,
    'agent' | 'model' | 'retry' | 'timeouts' | 'permissions' | 'settingSources'
  > {
  readonly agent: ResolvedAgent;
  readonly model: string | undefined;
  readonly retry: RetryPolicy;
  readonly timeouts: TimeoutsConfig;
  readonly permissions: PermissionsConfig;
  readonly settingSources: readonly SettingSource[];
}

/** Session settings take precedence; lists are replaced, not merged (design-docs/spec-session-groups.md §9). */
export function resolveSession(session: SessionDefinition, config: SessionGroupConfig): ResolvedSession {
  return {
    ...session,
    agent: session.agent ?? config.agent,
    model: session.model ?? config.model,
    retry: overlay(config.retry, session.retry),
    timeouts: overlay(config.timeouts, session.timeouts),
    permissions: overlay(config.permissions, session.permissions),
    settingSources: session.settingSources ?? config.settingSources,
  };
}

function overlay<T extends object>(
  base: T,
  over: { readonly [K in keyof T]?: T[K] | undefined } | undefined,
): T {
  if (over === undefined) return base;
  const given = Object.entries(over).filter(([, value]) => value !== undefined);
  return { ...base, ...Object.fromEntries(given) };
}
