import type { SessionStatus } from '../../../../machines/vocabulary.ts';
import type { SessionDefinition } from '../types.ts';
import { type ShownFrom, shownResult } from './shown-result.ts';
import { LATER, type Scope, type Tag } from './template-scope.ts';

/**
 * What a session's prompt can name (design-docs/spec-session-groups.md §9). Invariant: of other sessions only the dependencies, direct or
 * not, are in scope, so that a prompt never depends on what happened to be finished.
 */
export function promptScope(
  group: PromptGroup,
  session: PromptSession,
  upstream: ReadonlyMap<string, UpstreamResult | typeof LATER_RESULT>,
  options: {
    /** What `variables` holds is all that there is: any other name is a mistake, also before `??`. Default: false. */
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
  const values = { ...variables, variables, group: groupScope, session: sessionScope, sessions };
  return {
    values,
    closed: new Set<object>([
      groupScope,
      sessionScope,
      sessions,
      ...results.map(([, result]) => result),
      ...(options.declared === true ? [values, variables] : []),
    ]),
    shown: ([root, id, ...inner], value, text) => {
      const from = root === 'sessions' ? upstream.get(String(id)) : undefined;
      return from === undefined || from.status === LATER ? text : shownResult(inner, value, text, from);
    },
  };
}

/** Names that a session's variables cannot take; a variable of that name is reached as `variables.NAME`. */
export const RESERVED_NAMES: readonly string[] = ['variables', 'group', 'session', 'sessions'];

export interface PromptGroup {
  readonly id: string | typeof LATER;
  readonly name: string;
  readonly description?: string | undefined;
}

export type PromptSession = Pick<
  SessionDefinition,
  'id' | 'projectPath' | 'description' | 'priority' | 'variables'
> & {
  readonly model?: string | undefined;
  /** Default: none. */
  readonly inputs?: SessionDefinition['inputs'] | undefined;
};

/** What a settled session left for those after it. */
export interface UpstreamResult extends ShownFrom {
  readonly status: SessionStatus;
  readonly result?: string | undefined;
  readonly output?: unknown;
  /** The message as text. */
  readonly error?: string | undefined;
  readonly errorCode?: string | undefined;
  readonly changedFiles?: readonly string[] | undefined;
}

/** Whether a path leads to text that another agent, and no person, wrote. */
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

/** What of it a prompt can name. */
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

/** Stands for a session that has not run yet: every documented field will have a value. */
export const LATER_RESULT: Readonly<Record<Exclude<keyof UpstreamResult, keyof ShownFrom>, typeof LATER>> = {
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
