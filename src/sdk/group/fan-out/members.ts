import type { FanOutMember, ForEach } from './config.ts';

/**
 * Which sessions belong to a fan-out: those that a session with `forEach` has become. They are sessions like any other;
 * that they belong together stands in each of them.
 */
interface Session {
  readonly id: string;
  readonly forEach?: ForEach | undefined;
}

/** Which value of which fan-out the session is for; undefined for any other session, and for one that is not expanded. */
export function fanOutOf({ forEach }: Pick<Session, 'forEach'>): FanOutMember | undefined {
  return typeof forEach === 'object' && 'of' in forEach ? forEach : undefined;
}

/** The sessions of each fan-out, by its name, in the order of the definition. */
export function fanOuts<T extends Session>(sessions: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const found = new Map<string, T[]>();
  for (const session of sessions) {
    const of = fanOutOf(session)?.of;
    if (of === undefined) continue;
    const members = found.get(of);
    if (members) members.push(session);
    else found.set(of, [session]);
  }
  return found;
}

/** The ids that words of a user's name: a fan-out's name is all of its sessions'; any other word is an id itself. */
export function namedIds(sessions: readonly Session[], words: readonly string[]): readonly string[] {
  const named = fanOuts(sessions);
  return words.flatMap(word => named.get(word)?.map(({ id }) => id) ?? [word]);
}

const ALL = '[*]';

/** As templates name all sessions of a fan-out together: `audit[*]`. */
export const allOf = (name: string): string => name + ALL;

/** The fan-out that `audit[*]` names; undefined for the id of a session. */
export const fanOutNamed = (key: string): string | undefined =>
  key.endsWith(ALL) ? key.slice(0, -ALL.length) : undefined;
