import { capabilitiesOf } from '../../session/own/registered.ts';
import type { SessionGroup } from '../types.ts';

/** Whether a group was created as a rehearsal and still is one: an update may have given it an agent that works. */
export function isRehearsal({
  rehearsal,
  definition: { config, sessions },
}: Pick<SessionGroup, 'rehearsal' | 'definition'>): boolean {
  if (!rehearsal) return false;
  const can = capabilitiesOf();
  return sessions.every(({ agent = config.agent }) => can(agent.kind).standsIn);
}
