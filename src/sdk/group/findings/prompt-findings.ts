import type { Finding } from '../document/finding.ts';
import {
  authorsId,
  type EdgeView,
  isMap,
  keysOf,
  mapOf,
  type SessionView,
} from '../document/session-view.ts';
import { placeOf } from '../document/source-text.ts';
import { didYouMean } from '../document/suggest.ts';
import { GroupVariables, isRequired, variableValue } from '../fan-out/config.ts';
import { allOf, fanOutNamed } from '../fan-out/members.ts';
import { LATER_RESULT, promptScope, RESERVED_NAMES } from '../prompts/prompt-scope.ts';
import type { TemplateProblem } from '../prompts/template-error.ts';
import { ESCAPE_HINT } from '../prompts/template-expression.ts';
import { LATER, type Tag, writtenPath } from '../prompts/template-scope.ts';
import type { NamedTemplates } from '../prompts/template-uses.ts';
import { resolveTags } from '../prompts/templates.ts';
import { type Ancestry, createAncestry } from './ancestry.ts';
import { mayHaveOutput } from './output-findings.ts';
import { type PromptFiles, type SessionText, sessionTexts } from './prompt-texts.ts';

/** Problems with the tags of prompts and inputs, and with those of templates for each session that uses them. */
export function promptFindings(
  definition: unknown,
  sessions: readonly SessionView[],
  files: PromptFiles = new Map(),
  templates: NamedTemplates = new Map(),
): Finding[] {
  const byId = new Map(
    sessions.flatMap(session => (session.id === undefined ? [] : [[session.id, session]])),
  );
  const group = {
    definition,
    byId,
    ancestry: createAncestry(sessions),
    fanOuts: membersByName(sessions),
    vars: declaredVariables(definition),
  };
  return sessions.flatMap(session => [
    ...(session.raw.templating === false ? [] : shadowed(session, group.vars !== undefined)),
    ...sessionTexts(session, files, templates).flatMap(text => textFindings(group, session, text)),
  ]);
}

interface Group {
  readonly definition: unknown;
  readonly byId: ReadonlyMap<string, SessionView>;
  readonly ancestry: Ancestry;
  /** The ids of each fan-out's sessions, by its name. */
  readonly fanOuts: ReadonlyMap<string, readonly string[]>;
  /** What the group's variables stand for, if it declares any. */
  readonly vars: Readonly<Record<string, unknown>> | undefined;
}

/** One that lacks a value is a problem where it is declared, and none where it is used. */
function declaredVariables(definition: unknown): Group['vars'] {
  const { variables } = mapOf(definition);
  if (variables === undefined) return undefined;
  const declared = GroupVariables.safeParse(variables).data;
  if (declared === undefined) return Object.fromEntries(keysOf(variables).map(name => [name, LATER]));
  const values = Object.entries(declared).map(([name, one]) => {
    const value = variableValue(one);
    return [name, value === undefined && isRequired(one) ? LATER : value];
  });
  return Object.fromEntries(values);
}

function membersByName(sessions: readonly SessionView[]): ReadonlyMap<string, readonly string[]> {
  const byName = new Map<string, string[]>();
  for (const { raw, id } of sessions) {
    const of = text(mapOf(raw.forEach).of);
    if (of === undefined || id === undefined) continue;
    const ids = byName.get(of);
    if (ids) ids.push(id);
    else byName.set(of, [id]);
  }
  return byName;
}

function textFindings(group: Group, session: SessionView, text: SessionText): Finding[] {
  const { tags, problems } = text;
  const references = tags.flatMap(tag => referencesOf(tag));
  const checked = references.flatMap(reference => referenceProblems(group, session, reference));
  const isChecked = (problem: TemplateProblem) =>
    [...checked, ...text.reported].some(
      ({ line, column }) => line === problem.line && column === problem.column,
    );
  const others = variableProblems(group, session, text).filter(problem => !isChecked(problem));
  const absent = references.filter(reference => mayBeAbsent(group, session, reference)).map(absence);
  const warning = (problem: TemplateProblem, code: string) =>
    ({ ...finding(problem, text), severity: 'warning', code }) as const;
  return [
    ...[...problems, ...checked, ...others].map(problem => finding(problem, text)),
    ...absent.map(problem => warning(problem, 'maybe_absent')),
    ...references
      .flatMap(reference => outputProblems(group, reference))
      .filter(problem => !isChecked(problem))
      .map(problem => warning(problem, 'no_output_schema')),
  ];
}

/** A path into `sessions`, and whether another operand follows as a fallback. */
interface Reference {
  readonly path: readonly (string | number)[];
  readonly guarded: boolean;
  readonly place: Pick<TemplateProblem, 'line' | 'column' | 'length'>;
}

function referencesOf({ expression, source }: Tag): Reference[] {
  return expression.flatMap((operand, index) => {
    if (operand.kind !== 'path' || operand.path[0] !== 'sessions') return [];
    const { path, span } = operand;
    const place = { ...placeOf(source, span.start), length: span.end - span.start };
    return [{ path, place, guarded: index < expression.length - 1 }];
  });
}

function referenceProblems(group: Group, session: SessionView, reference: Reference): TemplateProblem[] {
  const [, id] = reference.path;
  const at = { ...reference.place, variable: writtenPath(reference.path) };
  if (typeof id !== 'string') {
    const suggestion = "write sessions['ID'].result";
    return [{ code: 'unknown_variable', message: "the session's id is missing", ...at, suggestion }];
  }
  const members = group.fanOuts.get(fanOutNamed(id) ?? '');
  if (members !== undefined) return memberProblems(group, session, id, members, at);
  if (!group.byId.has(id)) {
    const suggestion = group.fanOuts.has(id)
      ? `write sessions['${allOf(id)}'] for all of its sessions`
      : didYouMean(id, group.byId.keys());
    return [{ code: 'unknown_variable', message: `no session has the id "${id}"`, ...at, suggestion }];
  }
  if (group.ancestry.comesBefore(id, session)) return [];
  const message = `"${id}" is not a dependency of ${id === session.id ? 'itself' : `"${authorsId(session) ?? ''}"`}`;
  const suggestion = id === session.id ? undefined : `add ${id} to this session's dependsOn`;
  return [{ code: 'not_a_dependency', message, ...at, suggestion }];
}

/** `audit[*]` names all sessions of a fan-out: each has to come before. */
function memberProblems(
  group: Group,
  session: SessionView,
  id: string,
  members: readonly string[],
  at: Omit<TemplateProblem, 'code' | 'message'>,
): TemplateProblem[] {
  if (members.every(member => group.ancestry.comesBefore(member, session))) return [];
  const message = `"${id}" names sessions that are no dependencies of "${authorsId(session) ?? ''}"`;
  const suggestion = `add ${fanOutNamed(id)} to this session's dependsOn`;
  return [{ code: 'not_a_dependency', message, ...at, suggestion }];
}

/** A structured output that nothing asks for. */
function outputProblems({ definition, byId, fanOuts }: Group, { path, place }: Reference): TemplateProblem[] {
  const [, key, field] = path;
  if (typeof key !== 'string' || field !== 'output') return [];
  const ids = fanOuts.get(fanOutNamed(key) ?? '') ?? [key];
  const named = ids.flatMap(id => byId.get(id) ?? []);
  const [first] = named;
  const config = mapOf(mapOf(definition).config);
  if (first === undefined || named.some(one => mayHaveOutput(one, config))) return [];
  const variable = writtenPath(path);
  const name = authorsId(first);
  const message = `"${variable}" has no value: ${name} has no outputSchema`;
  const suggestion = `give ${name} an outputSchema, or use {{ ${writtenPath(['sessions', key, 'result'])} }}`;
  return [{ code: 'missing_value', message, variable, suggestion, ...place }];
}

/** All problems except references to sessions, which are already checked. */
function variableProblems(
  group: Group,
  session: SessionView,
  { tags, variables, declared }: SessionText,
): readonly TemplateProblem[] {
  for (const given of [session.raw.variables, session.raw.inputs]) {
    if (given !== undefined && !isMap(given)) return [];
  }
  const named = tags.flatMap(tag => referencesOf(tag)).map(reference => String(reference.path[1] ?? ''));
  const description = isMap(group.definition) ? group.definition.description : undefined;
  const scope = promptScope(
    {
      id: LATER,
      name: '',
      description: typeof description === 'string' ? description : undefined,
      vars: group.vars,
    },
    {
      ...(session.raw.forEach === undefined ? {} : { forEach: { of: '', value: '' } }),
      id: session.id ?? '',
      projectPath: '',
      description: text(session.raw.description),
      model: text(session.raw.model),
      priority: 0,
      variables,
    },
    new Map(named.map(id => [id, LATER_RESULT])),
    { declared },
  );
  return resolveTags(tags, scope).problems.map(problem =>
    session.raw.forEach === undefined && !declared && EACH.test(problem.variable ?? '')
      ? { ...problem, suggestion: NO_EACH }
      : problem,
  );
}

const EACH = /^each\b/;
const NO_EACH = `each is one of the values of forEach: give this session forEach: [VALUE, …], or ${ESCAPE_HINT}`;

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Whether the field may have no value even though the session could start. */
function mayBeAbsent(group: Group, session: SessionView, { path, guarded }: Reference): boolean {
  const [, id, field] = path;
  if (fanOutNamed(String(id)) !== undefined) return !guarded && (field === 'error' || field === 'errorCode');
  const edge = session.edges.find(candidate => candidate.session === id);
  if (guarded || edge === undefined || !(field === 'result' || field === 'error' || field === 'errorCode'))
    return false;
  if (session.raw.trigger === 'any' && session.edges.length > 1) return true;
  return !presentFields(edge, group.byId.get(edge.session)?.raw.allowFailure === true).includes(field);
}

function presentFields(edge: EdgeView, allowFailure: boolean): readonly string[] {
  if (edge.when === 'failed') return ['error', 'errorCode'];
  return edge.when === 'completed' && !allowFailure ? ['result'] : [];
}

function absence(reference: Reference): TemplateProblem {
  const variable = writtenPath(reference.path);
  const message = `"${variable}" may have no value when this session starts, which makes the session fail`;
  const suggestion = `provide a fallback: {{ ${variable} ?? 'none' }}`;
  return { code: 'missing_value', message, variable, suggestion, ...reference.place };
}

/** @param hasVars whether the group declares variables. */
function shadowed({ raw, path }: SessionView, hasVars: boolean): Finding[] {
  const reserved = [
    ...RESERVED_NAMES,
    ...(hasVars ? ['vars'] : []),
    ...(raw.forEach === undefined ? [] : ['each']),
  ];
  return ['variables', 'inputs'].flatMap(key => {
    const names = reserved.filter(name => isMap(raw[key]) && Object.hasOwn(raw[key], name));
    return names.map(
      (name): Finding => ({
        severity: 'warning',
        code: 'reserved_name',
        message: `in a prompt, "${name}" does not refer to this variable`,
        path: [...path, key, name],
        points: 'key',
        suggestion: `rename it, or use {{ variables.${name} }}`,
      }),
    );
  });
}

function finding(problem: TemplateProblem, { path, file }: SessionText): Finding {
  const { code, message, suggestion, line, column, length } = problem;
  return {
    code,
    message,
    suggestion,
    path,
    within: { line, column, length, ...(file ? { text: file } : {}) },
  };
}

/** A session has exactly one of these. */
export const PROMPT_KEYS = ['prompt', 'promptFile', 'template'] as const;

export function promptChoiceFindings(sessions: readonly SessionView[]): Finding[] {
  return sessions.flatMap((session): Finding[] => {
    const given = PROMPT_KEYS.filter(key => session.raw[key] !== undefined);
    if (given.length === 1) return [];
    if (given.length === 0) {
      const message = 'no prompt: set one of prompt, promptFile and template';
      return [{ code: 'prompt_choice', message, path: session.path }];
    }
    const message = `only one of prompt, promptFile and template is allowed; found ${given.join(' and ')}`;
    return [{ code: 'prompt_choice', message, path: [...session.path, given[1] ?? 'prompt'], points: 'key' }];
  });
}
