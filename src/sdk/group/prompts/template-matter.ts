import type { Document } from 'yaml';
import { z } from 'zod';
import { textOfThrown } from '../../errors.ts';
import type { Diagnostic } from '../document/diagnostics.ts';
import { createDocumentSource, type DocumentSource } from '../document/document-source.ts';
import { type Finding, locate } from '../document/finding.ts';
import { yamlProblems } from '../document/read-document.ts';
import { shapeFindings } from '../document/shape-findings.ts';
import { type Place, placeOf, type SourceText } from '../document/source-text.ts';
import { parseYaml } from '../document/yaml/parse-yaml.ts';
import { keepWrittenNumbers } from '../document/yaml/written-numbers.ts';
import { yamlPlaces } from '../document/yaml/yaml-places.ts';
import { RESERVED_NAMES } from './prompt-scope.ts';

const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

const Variable = z.strictObject({
  name: z
    .string()
    .regex(VARIABLE_NAME, 'expected letters, digits and underscores, not starting with a digit')
    .max(100),
  required: z.boolean().optional(),
  default: z.unknown().optional(),
  description: z.string().optional(),
});

/** The front matter of a template. */
const TemplateMatter = z.strictObject({
  name: z.string().min(1).optional(),
  description: z.string().optional(),
  variables: z.array(Variable).default([]),
});

export interface TemplateVariable {
  readonly name: string;
  /** Users of the template have to set it. Default: true, unless it has a default. */
  readonly required: boolean;
  /** Undefined: none. */
  readonly default: unknown;
  readonly description: string | undefined;
  /** Where it is declared. */
  readonly place: Place;
}

export interface Matter {
  readonly description: string | undefined;
  readonly variables: readonly TemplateVariable[];
}

export interface ReadMatter {
  /** Undefined if it can't be read. Empty for a file without front matter. */
  readonly matter: Matter | undefined;
  readonly findings: readonly Diagnostic[];
  /** Offset of the first nonblank line after it; undefined if its end is unknown. */
  readonly bodyStart: number | undefined;
}

/** Reads the front matter between the `---` of the first line and the next one, and reports all its problems. */
export function readMatter(source: SourceText, name: string): ReadMatter {
  const opening = OPENING.exec(source.text);
  if (opening === null) {
    return { matter: { description: undefined, variables: [] }, findings: [], bodyStart: blank(source, 0) };
  }
  CLOSING.lastIndex = opening[0].length;
  const closing = CLOSING.exec(source.text);
  if (closing === null) {
    const message = 'the front matter that starts here is not closed';
    const suggestion = 'end it with a line that contains only ---';
    const within = { line: 1, column: 1, length: 3, text: source };
    const finding = locate({ code: 'front_matter', message, suggestion, path: [], within });
    return { matter: undefined, findings: [finding], bodyStart: undefined };
  }
  const bodyStart = blank(source, closing.index + closing[0].length);
  const parsed = parseYaml(source.text.slice(0, closing.index), { merge: false });
  const { document } = parsed;
  const syntax = yamlProblems(document.errors, (code, offset, message, suggestion) =>
    locate({
      code,
      message,
      suggestion,
      path: [],
      within: { ...placeOf(source, offset), length: 1, text: source },
    }),
  );
  if (syntax.length > 0) return { matter: undefined, findings: syntax, bodyStart };
  keepWrittenNumbers(document, 'variables');
  return { ...checked(createDocumentSource(source, yamlPlaces(parsed)), document, name), bodyStart };
}

const OPENING = /^---[ \t]*(?:\r?\n|$)/;
/** Lines end with LF or CRLF only, not with the other line terminators of JavaScript. */
const CLOSING = /(?<=\n)(?:---|\.\.\.)[ \t]*(?:\r?\n|(?![\s\S]))/g;
/** Front matter has no use for nested anchors. */
const MOST_ALIASES = 100;

/** The offset of the first nonblank line from `offset` on. */
function blank({ text }: SourceText, offset: number): number {
  BLANK_LINES.lastIndex = offset;
  return offset + (BLANK_LINES.exec(text)?.[0].length ?? 0);
}

const BLANK_LINES = /(?:[ \t]*\r?\n)*/y;

function checked(source: DocumentSource, document: Document, name: string): Omit<ReadMatter, 'bodyStart'> {
  const at = (finding: Finding) => ({ ...locate(finding, source), path: [] });
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MOST_ALIASES }) ?? {};
  } catch (error) {
    const message = `aliases can't be expanded: ${textOfThrown(error)}`;
    return { matter: undefined, findings: [at({ code: 'yaml_alias', message, path: [] })] };
  }
  const parsed = TemplateMatter.safeParse(value);
  if (!parsed.success) {
    const findings = shapeFindings(value, parsed.error.issues, TemplateMatter);
    return { matter: undefined, findings: findings.map(at) };
  }
  const { description } = parsed.data;
  const findings = [...nameFindings(parsed.data.name, name), ...variableFindings(parsed.data.variables)];
  const variables = parsed.data.variables.map((variable, index) => ({
    name: variable.name,
    required: variable.required ?? !hasValue(variable.default),
    default: hasValue(variable.default) ? variable.default : undefined,
    description: variable.description,
    place: placeOf(source, source.span(['variables', index, 'name'], 'value').start),
  }));
  return { matter: { description, variables }, findings: findings.map(at) };
}

const hasValue = (value: unknown): boolean => value !== undefined && value !== null;

/** The file's name is what counts: a different one inside it would be misleading. */
function nameFindings(given: string | undefined, name: string): Finding[] {
  if (given === undefined || given === name || given === name.split('/').at(-1)) return [];
  const message = `the file's name makes this template "${name}", not ${JSON.stringify(given)}`;
  return [{ severity: 'warning', code: 'template_name', message, path: ['name'] }];
}

function variableFindings(variables: readonly z.output<typeof Variable>[]): Finding[] {
  const seen = new Set<string>();
  return variables.flatMap((variable, index): Finding[] => {
    const path = ['variables', index, 'name'];
    const { name } = variable;
    const again = seen.has(name);
    seen.add(name);
    if (again) {
      return [{ code: 'duplicate_variable', message: `the variable "${name}" is declared twice`, path }];
    }
    if (RESERVED_NAMES.includes(name)) {
      const message = `"${name}" is reserved in templates and can't be a variable`;
      return [{ code: 'reserved_name', message, path, suggestion: 'choose another name' }];
    }
    if (variable.required !== true || !hasValue(variable.default)) return [];
    const message = `required has no effect: "${name}" has a default`;
    const suggestion = 'remove required: true or the default';
    return [{ severity: 'warning', code: 'needless_required', message, path, suggestion }];
  });
}
