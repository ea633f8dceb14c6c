import { textOfThrown } from '../../errors.ts';
import { isBuiltIn } from '../../session/agent-config.ts';
import { AGENT_KINDS } from '../../session/agent-kinds.ts';
import { compileOutputSchema, LARGEST_SCHEMA_BYTES, type OutputSchema } from '../config/output-schema.ts';
import type { Finding } from '../document/finding.ts';
import { isMap, mapOf, type SessionView, text } from '../document/session-view.ts';

/** Problems of schemas for structured outputs. Ajv isn't loaded for a definition without one. */
export async function outputFindings(sessions: readonly SessionView[]): Promise<Finding[]> {
  const found = sessions.map(async ({ raw, path }): Promise<Finding[]> => {
    const schema = raw.outputSchema;
    if (!isMap(schema)) return []; // the shape is checked elsewhere
    const problem = await problemOf(schema);
    if (problem === undefined) return [];
    return [{ code: 'invalid_output_schema', path: [...path, 'outputSchema'], points: 'key', ...problem }];
  });
  return (await Promise.all(found)).flat();
}

/**
 * Whether the session may return structured output. Without a schema only some agents may: those that are not built in,
 * and programs and scripts that bring it along.
 * @param config the group's
 */
export function mayHaveOutput({ raw }: SessionView, config: Readonly<Record<string, unknown>>): boolean {
  if (raw.outputSchema !== undefined) return true;
  const agent = raw.agent ?? config.agent ?? 'claude';
  const kind = text(isMap(agent) ? agent.kind : agent);
  return kind === undefined || !isBuiltIn(kind) || AGENT_KINDS[kind].outputUnasked(mapOf(agent));
}

const DIALECT = /^https?:\/\/json-schema\.org\/(draft-0[67]|draft\/20(19-09|20-12))\/schema#?$/;

async function problemOf(schema: OutputSchema): Promise<Pick<Finding, 'message' | 'suggestion'> | undefined> {
  const bytes = sizeOf(schema);
  if (bytes === undefined) {
    return { message: "the schema contains values that JSON can't represent", suggestion: undefined };
  }
  if (bytes > LARGEST_SCHEMA_BYTES) {
    const message = `a schema may have at most ${LARGEST_SCHEMA_BYTES} bytes as JSON; this one has ${bytes}`;
    return { message, suggestion: 'describe the details in the prompt' };
  }
  if (schema.type !== 'object') {
    const message = 'the schema of a structured output must describe an object';
    return { message, suggestion: 'set type: object at the top level and list the properties' };
  }
  if ('$schema' in schema && !(typeof schema.$schema === 'string' && DIALECT.test(schema.$schema))) {
    const message = `unknown JSON Schema dialect: ${JSON.stringify(schema.$schema)}`;
    return { message, suggestion: 'use draft-07, or remove $schema' };
  }
  try {
    await compileOutputSchema(schema);
    return undefined;
  } catch (error) {
    const reason = textOfThrown(error);
    const message = `not a valid draft-07 schema: ${reason.slice(0, 300)}`;
    return {
      message,
      suggestion: 'agents get the schema unchanged and only support draft-07 without extensions',
    };
  }
}

function sizeOf(schema: OutputSchema): number | undefined {
  try {
    return Buffer.byteLength(JSON.stringify(schema));
  } catch {
    return undefined;
  }
}
