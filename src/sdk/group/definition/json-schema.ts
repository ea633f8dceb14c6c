import { z } from 'zod';
import { SessionGroupDefinition } from '../types.ts';

/**
 * The definition format as JSON Schema (draft-07), for editors: the input before defaults. It is derived from the zod
 * schemas and lacks what they check in code; `loadDefinition` has the final say.
 */
export function definitionJsonSchema(): Record<string, unknown> {
  const { $schema, properties, ...schema } = z.toJSONSchema(SessionGroupDefinition, {
    target: 'draft-7',
    io: 'input',
    reused: 'inline',
    override: ({ jsonSchema }) => {
      // By default, draft-07 tuples have no minimum length.
      if (Array.isArray(jsonSchema.items)) jsonSchema.minItems = jsonSchema.items.length;
    },
  });
  return {
    $schema,
    title: 'Session group definition',
    description: 'A set of AI coding-agent sessions that work toward one goal (session-groups, version 1)',
    ...schema,
    properties: { $schema: { type: 'string' }, ...properties },
  };
}
