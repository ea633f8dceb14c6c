import { compileOutputSchema } from '../../sdk/group/config/output-schema.ts';
import type { Diagnostic } from '../../sdk/group/document/diagnostics.ts';
import type { SessionGroupDefinition } from '../../sdk/group/types.ts';
import { isOfKind } from '../../sdk/session/agent-config.ts';
import { sampleOutput } from '../../sdk/session/scripted/sample-output.ts';

/** Warns of sessions whose scripted agent has no steps, and no sample of their output is found: they will fail. */
export async function rehearsalWarnings({ config, sessions }: SessionGroupDefinition): Promise<Diagnostic[]> {
  const warnings = sessions.map(
    async ({ id, outputSchema, agent = config.agent }, index): Promise<Diagnostic[]> => {
      if (outputSchema === undefined || !isOfKind(agent, 'scripted') || agent.steps) return [];
      const check = await compileOutputSchema(outputSchema);
      if (check(sampleOutput(outputSchema)) === undefined) return [];
      return [
        {
          severity: 'warning',
          code: 'no_sample_output',
          message: `the scripted agent of "${id}" finds no sample output that this schema accepts: the session will fail`,
          path: ['sessions', index, 'outputSchema'],
          suggestion: 'give the schema, or a property of it, a valid value as `default`',
        },
      ];
    },
  );
  return (await Promise.all(warnings)).flat();
}
