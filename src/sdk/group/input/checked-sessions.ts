import { z } from 'zod';
import type { ThrownCode } from '../../error-codes.ts';
import { textOfThrown } from '../../errors.ts';
import { DefinitionError } from '../document/diagnostics.ts';
import { type Finding, locateAll } from '../document/finding.ts';
import { definitionError } from '../document/render-diagnostic.ts';
import { isMap, sessionViews } from '../document/session-view.ts';
import { shapeFindings } from '../document/shape-findings.ts';
import { SESSION_ID, SessionDefinition, SessionId } from '../types.ts';
import { graphFindings } from './graph-findings.ts';

/**
 * Sessions, and parts of them, as people write them in code, outside of a whole definition. Invariant: they are checked
 * by the rules of a definition, and come with its defaults; a session that was checked before comes out as it was.
 */

/**
 * A list of sessions and the edges between them.
 * @throws DefinitionError with every problem; paths begin with `sessions`.
 */
export function checkSessions(input: unknown, options: EdgeOptions): SessionDefinition[] {
  return readable('sessions', () => checkedSessions(input, options));
}

function checkedSessions(input: unknown, options: EdgeOptions): SessionDefinition[] {
  const sessions = List.safeParse({ sessions: input });
  const shape = sessions.success ? [] : shapeFindings({ sessions: input }, sessions.error.issues, List);
  const edges = edgeFindings(input, options);
  if (!sessions.success || edges.length > 0) throw inputError([...shape, ...edges], 'sessions');
  return sessions.data.sessions;
}

/** What is wrong between sessions whose shape is right: the first problem that a definition would have. */
export function edgeError(sessions: unknown, options: EdgeOptions): DefinitionError {
  return inputError(edgeFindings(sessions, options), 'sessions');
}

export interface EdgeOptions {
  /** false: what `dependsOn` names is not looked at. */
  readonly respectDependencies: boolean;
}

/** One session by itself; what it depends on need not exist. @throws DefinitionError; paths begin in the session. */
export function checkSession(input: unknown): SessionDefinition {
  return checkInput(SessionDefinition, input, 'session');
}

/** Any part of a definition. @throws DefinitionError that calls it `what`. */
export function checkInput<T extends z.ZodType>(schema: T, input: unknown, what: string): z.output<T> {
  return readable(what, () => {
    const parsed = schema.safeParse(input);
    if (!parsed.success) throw inputError(shapeFindings(input, parsed.error.issues, schema), what);
    return parsed.data;
  });
}

/** Only the ids of sessions: of ten thousand, too, whenever a group is opened. @throws DefinitionError that calls it `what`. */
export function checkIds(input: { readonly sessions: readonly unknown[] }, what: string): void {
  if (!readable(what, () => haveIds(input.sessions))) checkInput(WithIds, input, what);
}

const WithIds = z.object({ sessions: z.array(z.object({ id: SessionId })) });

/** Whether they would pass the schema. */
const haveIds = (sessions: unknown): boolean =>
  Array.isArray(sessions) &&
  !sessions.includes(undefined) &&
  sessions.every(session => isMap(session) && typeof session.id === 'string' && SESSION_ID.test(session.id));

/** A host's objects may have getters, or be proxies, that throw. @throws DefinitionError with the path `what`. */
function readable<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (reason) {
    if (reason instanceof DefinitionError) throw reason;
    const message = `it cannot be read: ${textOfThrown(reason)}`;
    throw inputError([{ code: 'invalid_value', message, path: [what] }], what);
  }
}

/** @param what what was given, for the message: `session`. */
export function inputError(findings: readonly Finding[], what: string): DefinitionError {
  const first = findings.find(({ severity }) => severity !== 'warning')?.code;
  return definitionError(
    locateAll(findings, undefined),
    what,
    first === undefined ? undefined : EDGE_CODES.get(first),
  );
}

/** Problems that have a code of their own where a graph is built. */
const EDGE_CODES: ReadonlyMap<string, ThrownCode> = new Map([
  ['unknown_session', 'unknown_session'],
  ['duplicate_session', 'duplicate_session'],
  ['self_dependency', 'cycle'],
  ['cycle', 'cycle'],
]);

const List = z.object({ sessions: z.array(SessionDefinition) });

function edgeFindings(sessions: unknown, { respectDependencies }: EdgeOptions): Finding[] {
  const views = sessionViews({ sessions });
  const findings = graphFindings(respectDependencies ? views : views.map(view => ({ ...view, edges: [] })));
  return findings.filter(({ severity }) => severity !== 'warning');
}
