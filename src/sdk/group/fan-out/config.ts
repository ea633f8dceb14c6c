import { z } from 'zod';

/** The parts of a definition that say something once for many sessions: `variables` of the group, `forEach` of a session. */

/** A tag alone: the value is that of a variable of the group. */
const Tag = z
  .string()
  .regex(/^\s*\{\{[^{}]*\}\}\s*$/, 'expected a list, or a tag such as {{ vars.packages }}');
const Values = z.array(z.string().min(1)).min(1, 'expected at least one value');

/** The values that a session is run for, each by a session of its own. */
export const ForEach = z.union(
  [
    Values.meta({ description: 'The values themselves' }),
    Tag.meta({ description: 'A variable of the group whose value is a list: {{ vars.packages }}' }),
    z.strictObject({
      projects: z.union([Values, Tag]),
    }),
    z.strictObject({
      glob: z.string().min(1),
      files: z.boolean().optional(),
    }),
    z.strictObject({
      of: z.string().min(1),
      value: z.string().min(1),
    }),
  ],
  { error: 'expected a list of values, {projects: [...]} or {glob: "packages/*"}' },
);
export type ForEach = z.output<typeof ForEach>;

/** Which value of which fan-out a session is for. */
export interface FanOutMember {
  /** The name of the fan-out: `audit`. */
  readonly of: string;
  readonly value: string;
}

const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

const Declaration = z.strictObject({
  default: z.unknown().optional(),
  description: z.string().optional(),
  required: z.boolean().optional(),
  value: z.unknown().optional(),
});

/** A variable of a group: its default alone, or how it is declared. */
export const GroupVariable = z
  .union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.unknown()), Declaration], {
    error: 'expected a default, or {default, description, required}',
  })
  .transform((given): GroupVariable => {
    if (given === null) return {};
    return typeof given === 'object' && !Array.isArray(given) ? given : { default: given };
  });

/** A variable of a group, as it is declared and stored. */
export interface GroupVariable {
  /** Absent: none. */
  readonly default?: unknown;
  readonly description?: string | undefined;
  /** Default: true, unless it has a default. */
  readonly required?: boolean | undefined;
  /** The value that was given for it; absent: none was. */
  readonly value?: unknown;
}

/** The variables of a group by name. They are stored with the group, so secrets don't belong here. */
export const GroupVariables = z.record(
  z
    .string()
    .max(100)
    .regex(VARIABLE_NAME, 'expected letters, digits and underscores, not starting with a digit'),
  GroupVariable,
);
export type GroupVariables = z.output<typeof GroupVariables>;

const hasValue = (value: unknown): boolean => value !== undefined && value !== null;

/** Whether a value has to be given for it. */
export const isRequired = ({ default: fallback, required }: GroupVariable): boolean =>
  !hasValue(fallback) && required !== false;

/** Whether its value is not its default. */
export const isGiven = ({ value }: GroupVariable): boolean => hasValue(value);

/** What a variable stands for; undefined: nothing. */
export const variableValue = ({ default: fallback, value }: GroupVariable): unknown =>
  hasValue(value) ? value : hasValue(fallback) ? fallback : undefined;

/** What the tags of a group can name; undefined if it declares nothing. */
export function variableValues(
  variables: GroupVariables | undefined,
): Readonly<Record<string, unknown>> | undefined {
  if (variables === undefined) return undefined;
  return Object.fromEntries(Object.entries(variables).map(([name, one]) => [name, variableValue(one)]));
}
