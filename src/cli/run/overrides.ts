import { z } from 'zod';
import type { SessionGroupDefinition } from '../../sdk/group/types.ts';
import type { ResolvedAgent } from '../../sdk/session/agent-config.ts';
import { capabilitiesOf } from '../../sdk/session/own/registered.ts';
import { UsdLimit } from '../../sdk/usd.ts';

/** Settings of the command line that override the definition. */
export const Overrides = z.object({
  scripted: z.boolean().default(false),
  maxBudgetUsd: UsdLimit.optional(),
  maxConcurrent: z.number().optional(),
});
export type RunOverrides = z.output<typeof Overrides>;

/**
 * Applies the overrides. The result can be passed to `createSessionGroup`: prompt files were already read when the
 * definition was loaded.
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

/** Makes every agent scripted; those that already are keep their steps. */
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
  const { standsIn } = capabilitiesOf()(agent.kind);
  return standsIn ? agent : { kind: 'scripted', ignoreInterrupt: false };
}
