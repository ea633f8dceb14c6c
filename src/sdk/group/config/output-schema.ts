import type { ErrorObject, Ajv as Validator } from 'ajv';

export type OutputSchema = Readonly<Record<string, unknown>>;

/** The problems of an agent's output, in words for the agent; undefined if it is valid. */
export type OutputCheck = (output: unknown) => string | undefined;

/** Most clients get the schema as an argument, which is limited in size (128 KiB on Linux). */
export const LARGEST_SCHEMA_BYTES = 64 * 1024;

const MOST_ERRORS = 20;
const LONGEST_ERROR = 300;

/**
 * Prepares a check of outputs: JSON Schema draft-07 in Ajv's strict mode, as Claude Code accepts it; `format` is
 * only an annotation, as in Claude Code. The validator is loaded on first use.
 * @throws Error if the schema is invalid.
 */
export async function compileOutputSchema(schema: OutputSchema): Promise<OutputCheck> {
  const { Ajv } = await import('ajv');
  const options = { allErrors: true, validateFormats: false, strictTypes: false, logger: false } as const;
  const validator: Validator = new Ajv({ ...options, addUsedSchema: false });
  const validate = validator.compile(portable(schema));
  if ('$async' in validate) throw new Error('"$async" is not part of JSON Schema');
  return output => {
    if (output === undefined) return 'The required structured output is missing.';
    if (validate(output)) return undefined;
    return describeErrors(validate.errors ?? []);
  };
}

/** Removes `$schema`: every dialect is checked as draft-07, and clients only know that one. */
export function portable({ $schema: _, ...schema }: OutputSchema): OutputSchema {
  return schema;
}

function describeErrors(errors: readonly ErrorObject[]): string {
  const lines = errors.slice(0, MOST_ERRORS).map(error => `- ${lineOf(error).slice(0, LONGEST_ERROR)}`);
  const more = errors.length > MOST_ERRORS ? [`- and ${errors.length - MOST_ERRORS} more`] : [];
  return ['The structured output does not match its schema:', ...lines, ...more].join('\n');
}

function lineOf({ instancePath, keyword, params, message = 'is wrong' }: ErrorObject): string {
  const where = instancePath === '' ? 'the output' : instancePath;
  if (keyword === 'additionalProperties') return `${where}: must not have "${params.additionalProperty}"`;
  if (keyword === 'enum') return `${where}: must be one of ${JSON.stringify(params.allowedValues)}`;
  if (keyword === 'const') return `${where}: must be ${JSON.stringify(params.allowedValue)}`;
  return `${where}: ${message}`;
}
