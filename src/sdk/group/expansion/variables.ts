import { looksSecret } from '../../session/reports/redaction.ts';
import type { Finding } from '../document/finding.ts';
import { didYouMean } from '../document/suggest.ts';
import { shown } from '../document/visible.ts';
import { GroupVariables, isRequired, variableValue, variableValues } from '../fan-out/config.ts';
import { secretFinding } from '../findings/environment-findings.ts';

/** Values of a group's variables by name, as they are given beside its definition. */
export type GivenVariables = Readonly<Record<string, unknown>>;

/** The variables of a definition, with the values that are given for them. */
export interface ReadVariables {
  /** As they are stored; undefined if the definition declares none, or none that can be read. */
  readonly stored: GroupVariables | undefined;
  /** What tags can name. */
  readonly values: GivenVariables | undefined;
  readonly findings: readonly Finding[];
}

const NONE: ReadVariables = { stored: undefined, values: undefined, findings: [] };

/**
 * @param declared `variables` of the definition, unchecked.
 * @param given values for them; each has to be declared.
 * @param before the variables of the definition that this one replaces: values that were given stay, while the variable
 *   is declared.
 */
export function readVariables(
  declared: unknown,
  given: GivenVariables = {},
  before: GroupVariables = {},
): ReadVariables {
  const names = Object.keys(given);
  if (declared === undefined) {
    const findings = names.map(name => undeclared(name, [], []));
    return findings.length === 0 ? NONE : { ...NONE, findings };
  }
  const parsed = GroupVariables.safeParse(declared);
  // What is wrong with their shape, the schema of the definition says.
  if (!parsed.success) return NONE;
  const variables = parsed.data;
  const known = Object.keys(variables);
  const stored = Object.fromEntries(
    Object.entries(variables).map(([name, variable]) => {
      const kept = Object.hasOwn(before, name) ? before[name]?.value : undefined;
      const value = Object.hasOwn(given, name) ? given[name] : (variable.value ?? kept);
      return [name, value === undefined ? variable : { ...variable, value }];
    }),
  );
  const findings = [
    ...names.filter(name => !known.includes(name)).map(name => undeclared(name, known, ['variables'])),
    ...Object.entries(stored).flatMap(([name, variable]): Finding[] => {
      const path = ['variables', name];
      const value = variableValue(variable);
      if (value === undefined && isRequired(variable)) return [missing(name, variable.description, path)];
      return typeof value === 'string' && looksSecret(name, value) ? [secretVariable(name, path)] : [];
    }),
  ];
  return { stored, values: variableValues(stored), findings };
}

function undeclared(name: string, known: readonly string[], path: Finding['path']): Finding {
  const message = `the definition does not declare a variable ${shown(name)}`;
  const others = known.length === 0 ? undefined : `it declares ${known.slice(0, MOST_NAMED).join(', ')}`;
  const suggestion = didYouMean(name, known) ?? others ?? `declare it: variables: { ${name}: … }`;
  return { code: 'unknown_variable', message, path, points: 'key', suggestion };
}

const MOST_NAMED = 12;

function missing(name: string, description: string | undefined, path: Finding['path']): Finding {
  const what = description === undefined ? '' : `: ${description.trim().replace(/\s+/g, ' ')}`;
  const message = `the variable "${name}" has no value${what}`;
  const suggestion = `give it one with --var ${name}=…, or a default`;
  return { code: 'missing_variable', message, path, points: 'key', suggestion };
}

function secretVariable(name: string, path: Finding['path']): Finding {
  const suggestion = 'keep it in your environment, and name it in env of the sessions that need it';
  return { ...secretFinding(name, path), suggestion };
}
