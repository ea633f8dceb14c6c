import { z } from 'zod';
import { given } from '../../sdk/given.ts';
import type { SessionGroupDefinition } from '../../sdk/group/types.ts';
import { isOfKind, type ResolvedAgent } from '../../sdk/session/agent-config.ts';
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
  const config = { ...definition.config, agent: scripted(definition.config.agent) };
  return {
    ...definition,
    config,
    sessions: definition.sessions.map(session => {
      const agent = session.agent && scripted(session.agent);
      return { ...session, ...given({ agent }), ...sameAgain(agent ?? config.agent, session, config.retry) };
    }),
  };
}

/** An agent without steps returns the same output each time: one that is not accepted is not tried again. */
function sameAgain(
  agent: ResolvedAgent,
  { outputSchema, retry }: SessionGroupDefinition['sessions'][number],
  common: SessionGroupDefinition['config']['retry'],
): Pick<SessionGroupDefinition['sessions'][number], 'retry'> {
  if (outputSchema === undefined || !isOfKind(agent, 'scripted') || agent.steps) return {};
  const { nonRetryableErrorTypes = common.nonRetryableErrorTypes } = retry ?? {};
  return { retry: { ...retry, nonRetryableErrorTypes: [...nonRetryableErrorTypes, 'output_invalid'] } };
}

function scripted(agent: ResolvedAgent): ResolvedAgent {
  const { standsIn } = capabilitiesOf()(agent.kind);
  return standsIn ? agent : { kind: 'scripted', ignoreInterrupt: false };
}
