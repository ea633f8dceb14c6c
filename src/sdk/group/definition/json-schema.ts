import { z } from 'zod';
import { SCHEMA_ADDRESS } from '../../process/own-files.ts';
import { SESSION_ID, SessionDefinition, SessionGroupConfig, SessionGroupDefinition } from '../types.ts';
import { GUIDE } from './guide.ts';
import type { KeyGuide } from './guide-type.ts';

const EXTENSIBLE: ReadonlySet<unknown> = new Set([
  SessionGroupDefinition,
  SessionGroupConfig,
  SessionDefinition,
]);

/** Tags in ids are filled in before these are checked. */
const ID_OR_TAG = `${SESSION_ID.source}|^[A-Za-z0-9._-]*\\{\\{[^{}]*\\}\\}[A-Za-z0-9._{} -]*$`;

/**
 * The definition format as JSON Schema (draft-07), for editors: the input before defaults. It is derived from the zod
 * schemas and lacks what they check in code; `loadDefinition` has the final say.
 */
export function definitionJsonSchema(): Record<string, unknown> {
  const { $schema, properties, ...schema } = z.toJSONSchema(SessionGroupDefinition, {
    target: 'draft-7',
    io: 'input',
    reused: 'inline',
    override: ({ zodSchema, jsonSchema }) => {
      // By default, draft-07 tuples have no minimum length.
      if (Array.isArray(jsonSchema.items)) jsonSchema.minItems = jsonSchema.items.length;
      // `check` of definition.ts takes them away before the schema sees them.
      if (jsonSchema.pattern === SESSION_ID.source) jsonSchema.pattern = ID_OR_TAG;
      if (EXTENSIBLE.has(zodSchema)) jsonSchema.patternProperties = { '^x-': {} };
    },
  });
  const whole: Node = {
    ...($schema ? { $schema } : {}),
    $id: SCHEMA_ADDRESS,
    title: 'Session group definition',
    description: 'A set of AI coding-agent sessions that work toward one goal (session-groups, version 1)',
    ...schema,
    properties: { $schema: { type: 'string' }, ...properties },
  };
  describe(whole, '');
  return whole;
}

type Node = z.core.JSONSchema.BaseSchema;

/** Writes into each key what the guide says of it. */
function describe(node: Node, path: string): void {
  for (const part of [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.allOf ?? [])])
    describeIn(part, path);
  for (const item of [node.items ?? []].flat()) describeIn(item, `${path}[]`);
  describeIn(node.additionalProperties, `${path}.*`);
  for (const [name, value] of Object.entries(node.properties ?? {})) {
    const key = path === '' ? name : `${path}.${name}`;
    const guide = guideOf(key);
    if (typeof value === 'boolean') continue;
    if (guide) Object.assign(value, { description: words(guide), ...examplesOf(guide) });
    describe(value, key);
  }
}

const describeIn = (node: Node | boolean | undefined, path: string): void => {
  if (typeof node === 'object') describe(node, path);
};

/** Of a session's key, what is said of the group's, unless it has words of its own. */
export function guideOf(path: string): KeyGuide | undefined {
  return (
    GUIDE[path] ??
    GUIDE[
      path.replace(/^sessions\[\]\.(config\.)?/, (_, own) => (own ? 'config.sessionDefaults.' : 'config.'))
    ]
  );
}

const words = ({ text, values = {} }: KeyGuide): string =>
  [text, ...Object.entries(values).map(([value, meaning]) => `${value}: ${meaning}`)].join('\n');

const examplesOf = ({ examples }: KeyGuide) => (examples ? { examples } : {});
