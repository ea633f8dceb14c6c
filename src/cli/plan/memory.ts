import { formatBytes } from '../../sdk/format.ts';
import type { Diagnostic } from '../../sdk/group/document/diagnostics.ts';
import type { SessionGroupDefinition } from '../../sdk/group/types.ts';
import { capabilitiesOf } from '../../sdk/session/own/registered.ts';

/** Warns of agents that take more memory at a time than there is. @param available in bytes. */
export function memoryWarnings(
  { config, sessions }: SessionGroupDefinition,
  available: number,
): readonly Diagnostic[] {
  const { maxConcurrent } = config.concurrency;
  const can = capabilitiesOf();
  const sizes = sessions.map(({ agent = config.agent }) => can(agent.kind).memoryBytes);
  const largest = sizes.sort((a, b) => b - a).slice(0, maxConcurrent);
  const taken = largest.reduce((sum, bytes) => sum + bytes, 0);
  if (taken <= available) return [];
  const room = roomFor(largest[0] ?? 1, available);
  return [
    {
      severity: 'warning',
      code: 'little_memory',
      message: `${largest.filter(bytes => bytes > 0).length} agents at a time take about ${formatBytes(taken)} of memory, and ${formatBytes(available)} are free`,
      path: ['config', 'concurrency', 'maxConcurrent'],
      suggestion: room > 0 ? `lower maxConcurrent to ${room}` : 'free some',
    },
  ];
}

/** How many agents of this size there is room for. */
export const roomFor = (bytes: number, available: number): number => Math.floor(available / bytes);
