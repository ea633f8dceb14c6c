import { z } from 'zod';
import type { SessionGroupDefinition } from '../../sdk/group/types.ts';
import type { ResolvedAgent } from '../../sdk/session/agent-config.ts';
import { AGENT_KINDS } from '../../sdk/session/agent-kinds.ts';

/** What the command line may say instead of the definition. */
export const Overrides = z.object({
  scripted: z.boolean().default(false),
  maxBudgetUsd: z.union([z.number(), z.literal('none')]).optional(),
  maxConcurrent: z.number().optional(),
});
export type RunOverrides = z.output<typeof Overrides>;

/**
 * The definition with what the command line says instead, as it can be given to `createSessionGroup`: the
 * texts of prompt files were read when it was loaded.
 */
export function overrideDefinition(
  definition: SessionGroupDefinition,
  overrides: RunOverrides,
): SessionGroupDefinition {
  const { config } = definition;
  const { maxBudgetUsd = config.budget.maxBudgetUsd, maxConcurrent = config.concurrency.maxConcurrent } =
    overrides;
  const changed = {
    ...definition,
    config: {
      ...config,
      budget: { ...config.budget, maxBudgetUsd },
      concurrency: { ...config.concurrency, maxConcurrent },
    },
    sessions: definition.sessions.map(({ promptFile, ...session }) => session),
  };
  return overrides.scripted ? rehearsalOf(changed) : changed;
}

/** Every agent becomes a scripted one; those that are keep their steps. */
function rehearsalOf(definition: SessionGroupDefinition): SessionGroupDefinition {
  return {
    ...definition,
    config: { ...definition.config, agent: scripted(definition.config.agent) },
    sessions: definition.sessions.map(session =>
      session.agent === undefined ? session : { ...session, agent: scripted(session.agent) },
    ),
  };
}

function scripted(agent: ResolvedAgent): ResolvedAgent {
  const { standsIn } = AGENT_KINDS[agent.kind].capabilities;
  return standsIn ? agent : { kind: 'scripted', ignoreInterrupt: false };
}
