import { given } from '../../given.ts';
import type { Finding } from '../document/finding.ts';
import { isMap } from '../document/session-view.ts';
import type { SourcePlaces } from '../document/source-places.ts';
import { countEdges, expandEdges, MOST_EDGES } from './edges.ts';
import { fillSession, unfilledFindings } from './fill-session.ts';
import { fillText } from './fill-text.ts';
import { type FanOut, type FanOutContext, type FoundFanOuts, findFanOuts } from './find-fan-outs.ts';
import { asFinding, earlyScope, VARS } from './values.ts';
import { type GivenVariables, readVariables } from './variables.ts';

/**
 * A definition that says something once for many sessions, as the checks and the engine read it: each session with
 * `forEach` is replaced by one for each value, names of fan-outs in `dependsOn` by the ids of their sessions, and tags
 * outside of prompts by their values. Invariants:
 *
 * EXPANSION-1 what is expanded is a definition like any other, and expanding it again changes nothing.
 * EXPANSION-2 sessions, edges and texts are counted before they are made: nothing multiplies without a bound.
 * EXPANSION-3 every place in it leads back to the place in the definition that it comes from.
 * EXPANSION-4 a value that stays keeps its session: see FAN-OUT-2.
 */
export interface ExpandedDefinition {
  readonly value: unknown;
  /** Where its parts come from; undefined if sessions and edges are those of the definition. */
  readonly places: SourcePlaces | undefined;
  readonly findings: readonly Finding[];
  /** Sessions are missing, whose values could not be had: what follows from that is no problem of its own. */
  readonly incomplete: boolean;
}

export interface ExpansionContext extends FanOutContext {
  /** Values of variables. Default: none. */
  readonly given?: GivenVariables | undefined;
}

type Raw = Readonly<Record<string, unknown>>;

export async function expandDefinition(
  value: unknown,
  context: ExpansionContext,
): Promise<ExpandedDefinition> {
  const definition: Raw = isMap(value) ? value : {};
  const variables = readVariables(definition.variables, context.given, context.replaces?.variables);
  const { stored, values } = variables;
  const unchanged = { value, places: undefined, incomplete: false };
  const { sessions } = definition;
  const hasFanOuts = Array.isArray(sessions) && sessions.some(one => isMap(one) && one.forEach !== undefined);
  if (values === undefined && !hasFanOuts) return { ...unchanged, findings: variables.findings };
  const head = filledHead(definition, values);
  const findings = [...variables.findings, ...head.findings];
  const withValues = { ...head.value, ...(stored === undefined ? {} : { variables: stored }) };
  if (!Array.isArray(sessions)) return { ...unchanged, value: withValues, findings };
  const found = await findFanOuts(sessions, value, values, context);
  findings.push(...found.findings);
  const made = makeSessions(sessions, found, values);
  return {
    value: { ...withValues, sessions: made.sessions },
    places: { sessions: made.origins, edges: made.edges },
    findings: unique([...findings, ...made.findings]),
    incomplete: found.incomplete || made.incomplete,
  };
}

/** Texts of the group itself. */
function filledHead(definition: Raw, values: GivenVariables | undefined) {
  const scope = earlyScope(values);
  const { config, name, description } = definition;
  const own = fillSession(given({ description }), [], scope, VARS);
  const ofConfig = isMap(config)
    ? fillSession(given({ model: config.model }), ['config'], scope, VARS)
    : undefined;
  const named = typeof name === 'string' ? fillText(name, scope, VARS) : undefined;
  return {
    value: {
      ...definition,
      ...own.session,
      ...(named ? { name: named.text } : {}),
      ...(ofConfig && isMap(config) ? { config: { ...config, ...ofConfig.session } } : {}),
    },
    findings: [
      ...own.findings,
      ...(ofConfig?.findings ?? []),
      ...(isMap(config) ? unfilledFindings(config, ['config'], MODEL) : []),
      ...(named?.problems ?? []).map(problem => asFinding(problem, ['name'])),
    ],
  };
}

/** All that is filled in in `config`. */
const MODEL: ReadonlySet<string> = new Set(['model']);

interface MadeSessions {
  readonly sessions: unknown[];
  /** The index of the session that each comes from. */
  readonly origins: number[];
  readonly edges: (readonly number[] | undefined)[];
  readonly findings: Finding[];
  readonly incomplete: boolean;
}

function makeSessions(
  sessions: readonly unknown[],
  { at, byName }: FoundFanOuts,
  values: GivenVariables | undefined,
): MadeSessions {
  const made: MadeSessions = { sessions: [], origins: [], edges: [], findings: [], incomplete: false };
  let edgesLeft = MOST_EDGES;
  let incomplete = false;
  const add = (raw: Raw, index: number, value: string | undefined) => {
    const path = ['sessions', index];
    const scope = earlyScope(values, value);
    const names = new Set(Object.keys(scope.values));
    const { session, findings } = fillSession(raw, path, scope, names);
    const edges = expandEdges(raw.dependsOn, [...path, 'dependsOn'], byName, value);
    made.sessions.push(edges.origins ? { ...session, dependsOn: edges.dependsOn } : session);
    made.origins.push(index);
    made.edges.push(edges.origins);
    made.findings.push(...findings, ...edges.findings);
  };
  for (const [index, raw] of sessions.entries()) {
    const fanOut = at.get(index);
    if (fanOut === 'unusable') continue;
    if (!isMap(raw)) {
      made.sessions.push(raw); // the schema says what it has to be
      made.origins.push(index);
      made.edges.push(undefined);
      continue;
    }
    const path = ['sessions', index];
    if (fanOut !== undefined || values !== undefined) made.findings.push(...unfilledFindings(raw, path));
    edgesLeft -= countEdges(raw.dependsOn, byName) * (fanOut?.ids.size ?? 1);
    if (edgesLeft < 0) {
      made.findings.push({ code: 'too_many_edges', message: TOO_MANY_EDGES, path: [...path, 'dependsOn'] });
      incomplete = true;
      break;
    }
    if (fanOut === undefined)
      add({ ...raw, ...filledId(raw, path, values, made.findings) }, index, undefined);
    else for (const [value, id] of fanOut.ids) add(memberOf(raw, fanOut, value, id), index, value);
  }
  return { ...made, incomplete };
}

const TOO_MANY_EDGES = `the fan-outs of a definition may make at most ${MOST_EDGES} edges`;

function filledId(
  raw: Raw,
  path: Finding['path'],
  values: GivenVariables | undefined,
  findings: Finding[],
): Raw {
  if (values === undefined || typeof raw.id !== 'string') return {};
  const { text: id, problems } = fillText(raw.id, earlyScope(values), VARS);
  findings.push(...problems.map(problem => asFinding(problem, [...path, 'id'])));
  return id === raw.id ? {} : { id };
}

function memberOf(raw: Raw, { name, areProjects }: FanOut, value: string, id: string): Raw {
  const hasProject = raw.projectPath !== undefined || raw.project !== undefined;
  const member = { ...raw, id, forEach: { of: name, value } };
  return areProjects && !hasProject ? { ...member, projectPath: value } : member;
}

/** What is wrong in each session of a fan-out is wrong once in the definition. */
export function unique(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ code, message, path, within }) => {
    const key = JSON.stringify([code, message, path, within?.line, within?.column]);
    return seen.has(key) ? false : seen.add(key);
  });
}
