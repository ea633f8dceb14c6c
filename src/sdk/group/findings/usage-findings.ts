import type { CapabilitiesOf } from '../../session/own/registered.ts';
import { unreported } from '../cost/unreported.ts';
import type { Finding } from '../document/finding.ts';
import type { SessionGroupDefinition } from '../types.ts';

/** Agents that don't report what they spend, under a limit: the group is refused when it is created. */
export function usageFindings({ config, sessions }: SessionGroupDefinition, can: CapabilitiesOf): Finding[] {
  const places = sessions.flatMap(({ agent }, index) =>
    agent ? [{ agent, path: ['sessions', index, 'agent'] }] : [],
  );
  if (places.length < sessions.length) places.unshift({ agent: config.agent, path: ['config', 'agent'] });
  return places.flatMap(({ agent: { kind }, path }) => {
    const problem = unreported(kind, can(kind), config);
    if (!problem) return [];
    const { message, hint: suggestion } = problem;
    return [{ severity: 'warning', code: 'agent_reports_no_usage', message, path, suggestion } as const];
  });
}
