import { soundLedger } from '../cost/session-ledger.ts';
import { isMap } from '../document/session-view.ts';
import { type GroupFold, newGroupFold } from './fold.ts';
import { newSessionFold, type SessionFold } from './fold-session.ts';

/** Increment when the fold of existing records changes: saved folds are then discarded, and recomputed. */
export const FOLD_VERSION = 2;

/** The fold as JSON data, with its field names: a program with other fields recomputes the fold. */
export const packFold = (fold: GroupFold): object => ({
  version: FOLD_VERSION,
  fields: FIELDS,
  group: { ...fold, sessions: [...fold.sessions] },
});

/** Unpacks a fold of this version; undefined for anything else. */
export function unpackFold(packed: unknown): GroupFold | undefined {
  if (!isMap(packed)) return undefined;
  if (packed.version !== FOLD_VERSION || packed.fields !== FIELDS || !isMap(packed.group)) return undefined;
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
    Array.isArray(entry) && typeof entry[0] === 'string' && isMap(entry[1]);
  return entries.every(isEntry) ? entries : undefined;
}
