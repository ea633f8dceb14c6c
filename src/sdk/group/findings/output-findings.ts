import { compileOutputSchema, LARGEST_SCHEMA_BYTES, type OutputSchema } from '../config/output-schema.ts';
import type { Finding } from '../document/finding.ts';
import { isMap, type SessionView } from '../document/session-view.ts';

/** What is wrong with the schemas of structured outputs. Nothing is loaded for a definition without one. */
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

const DIALECT = /^https?:\/\/json-schema\.org\/(draft-0[67]|draft\/20(19-09|20-12))\/schema#?$/;

async function problemOf(schema: OutputSchema): Promise<Pick<Finding, 'message' | 'suggestion'> | undefined> {
  const bytes = sizeOf(schema);
  if (bytes === undefined) {
    return { message: 'the schema has values that JSON cannot hold', suggestion: undefined };
  }
  if (bytes > LARGEST_SCHEMA_BYTES) {
    const message = `a schema has at most ${LARGEST_SCHEMA_BYTES} bytes as JSON; this one has ${bytes}`;
    return { message, suggestion: 'describe the details in the prompt' };
  }
  if (schema.type !== 'object') {
    const message = 'the schema of a structured output describes an object';
    return { message, suggestion: 'write type: object at its top, and name the properties' };
  }
  if ('$schema' in schema && !(typeof schema.$schema === 'string' && DIALECT.test(schema.$schema))) {
    const message = `no dialect of JSON Schema that is known here: ${JSON.stringify(schema.$schema)}`;
    return { message, suggestion: 'write it in draft-07, or leave $schema out' };
  }
  try {
    await compileOutputSchema(schema);
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `not a schema of draft-07: ${reason.slice(0, 300)}`;
    return { message, suggestion: 'agents are given it as it stands, and take draft-07 without extensions' };
  }
}

function sizeOf(schema: OutputSchema): number | undefined {
  try {
    return Buffer.byteLength(JSON.stringify(schema));
  } catch {
    return undefined;
  }
}
