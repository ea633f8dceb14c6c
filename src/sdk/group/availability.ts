import type { Finding } from './finding.ts';
import { isMap, type SessionView } from './session-view.ts';

/**
 * Keys of the format that this version reads but does not act on. Invariant: such a key is an error, never
 * silently ignored, so that a group does not run without what its author asked for. An entry goes when its
 * feature comes.
 */
export function availabilityFindings(sessions: readonly SessionView[]): Finding[] {
  const perSession = [...SESSION_KEYS.keys()].map(key => [key]);
  return sessions.flatMap(({ raw, path }) => perSession.flatMap(key => check(raw, path, key)));
}

/** What to do instead, by session key. */
const SESSION_KEYS: ReadonlyMap<string, string> = new Map([
  ['outputSchema', 'describe the form of the answer in the prompt'],
]);

function check(owner: unknown, prefix: readonly (string | number)[], keys: readonly string[]): Finding[] {
  const value = keys.reduce<unknown>(
    (map, key) => (isMap(map) && Object.hasOwn(map, key) ? map[key] : undefined),
    owner,
  );
  const name = keys.at(-1) ?? '';
  if (value === undefined || value === false || value === null) return [];
  return [
    {
      code: 'not_available_yet',
      message: `"${name}" is part of the format, but this version does not act on it yet`,
      path: [...prefix, ...keys],
      points: 'key',
      suggestion: SESSION_KEYS.get(name),
    },
  ];
}
