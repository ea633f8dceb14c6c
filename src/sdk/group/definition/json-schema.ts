import { z } from 'zod';
import { SessionGroupDefinition } from '../types.ts';

/**
 * The definition format as JSON Schema (draft-7), for editors: what a person writes, before defaults. It follows
 * from the zod schemas and cannot say what they check in code; `loadDefinition` is what decides.
 */
export function definitionJsonSchema(): Record<string, unknown> {
  const { $schema, properties, ...schema } = z.toJSONSchema(SessionGroupDefinition, {
    target: 'draft-7',
    io: 'input',
    reused: 'inline',
    override: ({ jsonSchema }) => {
      // Draft-7 tuples are open at the short end unless told.
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
