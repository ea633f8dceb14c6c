import type { SessionStatus } from '../../../../machines/vocabulary.ts';
import { given } from '../../given.ts';
import { fanOutOf } from '../fan-out/members.ts';
import type { SessionDefinition } from '../types.ts';
import { type ResultDetails, shownResult } from './shown-result.ts';
import { LATER, type Scope, type Tag } from './template-scope.ts';

/**
 * What a session's prompt can name (design-docs/spec-session-groups.md §9). Invariant: of other sessions, only direct
 * and indirect dependencies are in scope, so a prompt never depends on which other sessions happen to be finished.
 */
export function promptScope(
  group: PromptGroup,
  session: PromptSession,
  upstream: ReadonlyMap<string, UpstreamResult | typeof LATER_RESULT>,
  options: {
    /** `variables` is complete: any other name is an error, even before `??`. Default: false. */
    readonly declared?: boolean;
  } = {},
): Scope {
  const groupScope = fixed({ id: group.id, name: group.name, description: group.description });
  const sessionScope = fixed({
    id: session.id,
    projectPath: session.projectPath,
    description: session.description,
    model: session.model,
    priority: session.priority,
  });
  const results = [...upstream].map(([id, result]) => [id, fixed(named(result))] as const);
  const sessions = fixed(Object.fromEntries(results));
  const { variables } = session;
  const declared = options.declared === true;
  const early = declared ? {} : earlyNames(group, session);
  const values = { ...variables, ...early, variables, group: groupScope, session: sessionScope, sessions };
  return {
    values,
    closed: new Set<object>([
      groupScope,
      sessionScope,
      sessions,
      ...results.map(([, result]) => result),
      ...(early.vars === undefined ? [] : [early.vars]),
      ...(declared ? [values, variables] : []),
    ]),
    shown: ([root, id, ...inner], value, text) => {
      const from = root === 'sessions' ? upstream.get(String(id)) : undefined;
      return from === undefined || from.status === LATER ? text : shownResult(inner, value, text, from);
    },
  };
}

/**
 * What is said once for many sessions: the group's variables, if it declares any, and the value that a session of a
 * fan-out is for. Templates don't see them, which are for any group: they are given values as variables.
 */
function earlyNames({ vars }: PromptGroup, { forEach }: PromptSession) {
  const each = fanOutOf({ forEach })?.value;
  return given({ vars: vars === undefined ? undefined : fixed({ ...vars }), each });
}

/** Names that a session's variables can't have; such a variable is accessed as `variables.NAME`. */
export const RESERVED_NAMES: readonly string[] = ['variables', 'group', 'session', 'sessions'];

export interface PromptGroup {
  readonly id: string | typeof LATER;
  readonly name: string;
  readonly description?: string | undefined;
  /** Values of the variables that the group declares. Default: it declares none. */
  readonly vars?: Readonly<Record<string, unknown>> | undefined;
}

export type PromptSession = Pick<
  SessionDefinition,
  'id' | 'projectPath' | 'description' | 'priority' | 'variables'
> & {
  /** The value that it is for. Default: it is of no fan-out. */
  readonly forEach?: SessionDefinition['forEach'] | undefined;
  readonly model?: string | undefined;
  /** Default: none. */
  readonly inputs?: SessionDefinition['inputs'] | undefined;
};

/** The result of a settled session, for the sessions that depend on it. */
export interface UpstreamResult extends ResultDetails {
  readonly status: SessionStatus;
  readonly result?: string | undefined;
  readonly output?: unknown;
  /** The error message. */
  readonly error?: string | undefined;
  readonly errorCode?: string | undefined;
  readonly changedFiles?: readonly string[] | undefined;
}

/** Whether a path leads to text that was written by another agent, not by a person. */
export function isForeign(path: readonly (string | number)[] | undefined): boolean {
  if (path?.[0] !== 'sessions') return false;
  const [, , field] = path;
  return field === undefined || FOREIGN_FIELDS.has(field);
}

const FOREIGN_FIELDS: ReadonlySet<string | number> = new Set(['result', 'output', 'error', 'changedFiles']);

/** The sessions that tags name, each once. */
export function namedSessions(tags: readonly Tag[]): readonly string[] {
  const operands = tags.flatMap(tag => tag.expression);
  const ids = operands.flatMap(operand => {
    const [root, id] = operand.kind === 'path' ? operand.path : [];
    return root === 'sessions' && typeof id === 'string' ? [id] : [];
  });
  return [...new Set(ids)];
}

/** The fields that a prompt can name. */
function named({
  status,
  result,
  output,
  error,
  errorCode,
  changedFiles,
}: UpstreamResult | typeof LATER_RESULT) {
  return { status, result, output, error, errorCode, changedFiles };
}

/** Placeholder for a session that hasn't run yet: every documented field will have a value. */
export const LATER_RESULT: Readonly<
  Record<Exclude<keyof UpstreamResult, keyof ResultDetails>, typeof LATER>
> = {
  status: LATER,
  result: LATER,
  output: LATER,
  error: LATER,
  errorCode: LATER,
  changedFiles: LATER,
};

function fixed<T extends object>(value: T): T {
  return Object.freeze(value);
}
