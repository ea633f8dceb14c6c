import { isObject } from '../../argument.ts';
import { soundLedger } from '../cost/session-ledger.ts';
import { type GroupFold, newGroupFold } from './fold.ts';
import { newSessionFold, type SessionFold } from './fold-session.ts';

/** Increment when the fold of existing records changes: saved folds are then discarded, and recomputed. */
export const FOLD_VERSION = 3;

/**
 * The fold as JSON data, with its field names: a program with other fields recomputes the fold. Of a session, only what
 * differs from a new one: half the bytes, and half the time to read them.
 */
export const packFold = (fold: GroupFold): object => ({
  version: FOLD_VERSION,
  fields: FIELDS,
  group: { ...fold, sessions: Array.from(fold.sessions, ([id, session]) => [id, packSession(session)]) },
});

const NEW_SESSION = newSessionFold();

function packSession(session: SessionFold): object {
  const packed = changesFrom(NEW_SESSION, session);
  if (packed.ledger !== undefined) packed.ledger = changesFrom(NEW_SESSION.ledger, session.ledger);
  return packed;
}

/** The fields of an object that are not as in its beginning. */
function changesFrom(beginning: object, now: object): Record<string, unknown> {
  const before = beginning as Readonly<Record<string, unknown>>;
  const after = now as Readonly<Record<string, unknown>>;
  const changes: Record<string, unknown> = {};
  for (const name in after) {
    if (!isSame(before[name], after[name])) changes[name] = after[name];
  }
  return changes;
}

/** Whether they are the same in JSON; objects and lists only where that is seen at once. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === 0 && b.length === 0;
  if (!isObject(a) || !isObject(b)) return false;
  for (const name in a) if (a[name] !== b[name]) return false;
  for (const name in b) if (b[name] !== undefined && !(name in a)) return false;
  return true;
}

/** Unpacks a fold of this version; undefined for anything else. */
export function unpackFold(packed: unknown): GroupFold | undefined {
  if (!isObject(packed)) return undefined;
  if (packed.version !== FOLD_VERSION || packed.fields !== FIELDS || !isObject(packed.group))
    return undefined;
  const sessions = entriesOf<SessionFold>(packed.group.sessions);
  return sessions && groupFold(packed.group, sessions);
}

/** The names of all fields; if they differ, the fold is recomputed. */
const FIELDS = [newGroupFold(), newSessionFold(), newSessionFold().ledger]
  .map(part => Object.keys(part).join(' '))
  .join(', ');

/** Restores undefined fields, which JSON omits. */
const groupFold = (
  group: Readonly<Record<string, unknown>>,
  sessions: readonly (readonly [string, Partial<SessionFold>])[],
): GroupFold => ({
  ...newGroupFold(),
  ...group,
  sessions: new Map(sessions.map(([id, session]) => [id, sessionFold(session)])),
});

/** An older release counted what it was told, so its fold may hold money that cannot be. */
function sessionFold(session: Partial<SessionFold>): SessionFold {
  const empty = newSessionFold();
  return { ...empty, ...session, ledger: soundLedger({ ...empty.ledger, ...session.ledger }, empty.ledger) };
}

function entriesOf<T extends object>(
  entries: unknown,
): readonly (readonly [string, Partial<T>])[] | undefined {
  if (!Array.isArray(entries)) return undefined;
  const isEntry = (entry: unknown): entry is readonly [string, Partial<T>] =>
    Array.isArray(entry) && typeof entry[0] === 'string' && isObject(entry[1]);
  return entries.every(isEntry) ? entries : undefined;
}
