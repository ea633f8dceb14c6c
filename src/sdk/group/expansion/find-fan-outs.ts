import type { Finding } from '../document/finding.ts';
import { isMap, text } from '../document/session-view.ts';
import { shown } from '../document/visible.ts';
import { fanOutIds, type IdPattern, idPattern } from '../fan-out/ids.ts';
import { fanOutOf } from '../fan-out/members.ts';
import type { SessionGroupDefinition } from '../types.ts';
import type { FanOutIds } from './edges.ts';
import { fillText } from './fill-text.ts';
import { asFinding, earlyScope, forEachValues, MOST_MEMBERS, VARS } from './values.ts';
import type { GivenVariables } from './variables.ts';

/**
 * The fan-outs of a definition: their names, their values, and an id for each value. Invariant: sessions and texts are
 * counted before any session is made (EXPANSION-2).
 */
export interface FanOutContext {
  readonly baseDir: string;
  /** The definition that this one replaces. Default: none. */
  readonly replaces?: Pick<SessionGroupDefinition, 'sessions' | 'variables'> | undefined;
}

type Raw = Readonly<Record<string, unknown>>;

/** A session of the definition with `forEach`. */
export interface FanOut {
  readonly name: string;
  /** The id for each value. */
  readonly ids: FanOutIds;
  readonly areProjects: boolean;
}

export interface FoundFanOuts {
  /** By the index of their session. */
  readonly at: ReadonlyMap<number, FanOut | 'unusable'>;
  /** By name, also of sessions that were expanded before. */
  readonly byName: ReadonlyMap<string, FanOutIds>;
  readonly findings: readonly Finding[];
  readonly incomplete: boolean;
}

export async function findFanOuts(
  sessions: readonly unknown[],
  definition: unknown,
  values: GivenVariables | undefined,
  { baseDir, replaces }: FanOutContext,
): Promise<FoundFanOuts> {
  const at = new Map<number, FanOut | 'unusable'>();
  const byName = expandedBefore(sessions);
  const plain = new Set(sessions.map(one => (isMap(one) && !isToExpand(one) ? one.id : undefined)));
  const findings: Finding[] = [];
  let most = MOST_MEMBERS;
  let room = MOST_TEXT;
  for (const [index, raw] of sessions.entries()) {
    if (!isMap(raw) || !isToExpand(raw)) continue;
    const path = ['sessions', index];
    const pattern = patternOf(raw.id, values);
    const list = await forEachValues(raw.forEach, [...path, 'forEach'], {
      definition,
      baseDir,
      variables: values,
      most,
    });
    const problems: Finding[] = list.ok ? [] : [...list.findings];
    if ('problem' in pattern) problems.push({ ...pattern.problem, path: [...path, 'id'] });
    else if (byName.has(pattern.name) || plain.has(pattern.name)) {
      const message = `${shown(pattern.name)} already names something else`;
      problems.push({ code: 'duplicate_session', message, path: [...path, 'id'] });
    }
    const count = list.ok ? list.values.length : 0;
    most -= count;
    if (count > 0) room -= count * lengthOf(raw);
    if (room < 0) problems.push({ code: 'too_large', message: TOO_LARGE, path: [...path, 'forEach'] });
    findings.push(...problems);
    if (!list.ok || 'problem' in pattern || problems.length > 0) {
      at.set(index, 'unusable');
      if (!('problem' in pattern)) byName.set(pattern.name, byName.get(pattern.name) ?? new Map());
      continue;
    }
    const ids = fanOutIds(pattern, list.values, idsBefore(replaces, pattern.name));
    at.set(index, { name: pattern.name, ids, areProjects: list.areProjects });
    byName.set(pattern.name, ids);
  }
  findings.push(...namedLikeSessions(sessions, at));
  return { at, byName, findings, incomplete: [...at.values()].includes('unusable') };
}

/** A fan-out's name is no session's id, also none of another fan-out: it would be unclear what a dependency names. */
function namedLikeSessions(sessions: readonly unknown[], at: FoundFanOuts['at']): Finding[] {
  const fanOuts = [...at].flatMap(([index, one]) => (one === 'unusable' ? [] : [{ ...one, index }]));
  const ids = new Set(fanOuts.flatMap(one => [...one.ids.values()]));
  for (const raw of sessions) if (isMap(raw) && isExpanded(raw.forEach)) ids.add(String(raw.id));
  return fanOuts
    .filter(({ name }) => ids.has(name))
    .map(({ name, index }) => {
      const message = `${shown(name)} names both a fan-out and one of its sessions`;
      return { code: 'duplicate_session', message, path: ['sessions', index, 'id'] };
    });
}

/** What the sessions of all fan-outs may take as text. */
const MOST_TEXT = 64 * 1024 * 1024;
const TOO_LARGE =
  'the fan-outs of a definition expand to more than 64 MB; is a long prompt better in a promptFile?';

/** As JSON; what can't be written as such, the schema refuses. */
function lengthOf(raw: Raw): number {
  try {
    return JSON.stringify(raw).length;
  } catch {
    return 0;
  }
}

const isExpanded = (forEach: unknown): boolean => isMap(forEach) && Object.hasOwn(forEach, 'of');
const isToExpand = ({ forEach }: Raw): boolean => forEach !== undefined && !isExpanded(forEach);

function patternOf(
  id: unknown,
  values: GivenVariables | undefined,
): IdPattern | { readonly problem: Omit<Finding, 'path'> } {
  if (text(id) === undefined)
    return { problem: { code: 'missing_key', message: 'missing "id": expected a string' } };
  const filled = fillText(String(id), earlyScope(values), VARS);
  const [problem] = filled.problems;
  if (problem !== undefined) return { problem: asFinding(problem, []) };
  const pattern = idPattern(filled.text);
  if (pattern !== undefined) return pattern;
  const message = 'an id needs a part that all of its sessions share, and {{ each }} at most once';
  return { problem: { code: 'invalid_value', message, suggestion: 'write id: audit, or audit-{{ each }}' } };
}

/** Sessions that were expanded when the definition was stored. */
function expandedBefore(sessions: readonly unknown[]): Map<string, Map<string, string>> {
  const byName = new Map<string, Map<string, string>>();
  for (const raw of sessions) {
    const { forEach, id }: Raw = isMap(raw) ? raw : {};
    if (!isExpanded(forEach) || !isMap(forEach)) continue;
    const [of, value, name] = [text(forEach.of), text(forEach.value), text(id)];
    if (of === undefined || value === undefined || name === undefined) continue;
    const ids = byName.get(of) ?? new Map<string, string>();
    byName.set(of, ids.set(value, name));
  }
  return byName;
}

function idsBefore(replaces: FanOutContext['replaces'], name: string): ReadonlyMap<string, string> {
  const members = (replaces?.sessions ?? []).flatMap(session => {
    const member = fanOutOf(session);
    return member?.of === name ? [[member.value, session.id] as const] : [];
  });
  return new Map(members);
}
