import { extname, join } from 'node:path';
import type { Disk } from '../sdk/disk/disk.ts';
import { isCode, makeFolders, readIfThere, replaceFile, writeFile } from '../sdk/disk/disk-files.ts';
import { SessionGroupsError } from '../sdk/errors.ts';
import { given } from '../sdk/given.ts';
import { readMeta, slugPart } from '../sdk/group/store/group-meta.ts';
import type { GroupMeta, NewDefinition } from '../sdk/group/store/store.ts';
import { SESSION_ID, type SessionGroup, SessionGroupDefinition } from '../sdk/group/types.ts';
import { hasPassed, writeCheck } from './definition-check.ts';
import { readGroupFiles, writeGroupFiles } from './stored-files.ts';

/** The files in a group's folder (design-docs/spec-session-groups.md §12). Folders have mode 0700, files 0600. */
export const JOURNAL_FILE = 'journal.ndjson';
export const RESERVE_FILE = 'journal.reserve';
export const META_FILE = 'meta.json';
const DEFINITION_FILE = 'definition.json';

/** Writes the resolved, self-contained definition and next to it the source as the user wrote it. */
export function writeDefinition(
  disk: Disk,
  dir: string,
  { definition, source, files, checked }: NewDefinition,
  durable: boolean,
): void {
  const options = { how: 'wx', durable } as const;
  const bytes = Buffer.from(`${definitionText(definition)}\n`);
  writeFile(disk, join(dir, DEFINITION_FILE), bytes, options);
  if (checked) writeCheck(disk, dir, bytes);
  if (files) writeGroupFiles(disk, dir, files, durable);
  if (source?.text === undefined) return;
  const name =
    extname(source.file).toLowerCase() === '.json' ? 'definition.source.json' : 'definition.source.yaml';
  writeFile(disk, join(dir, name), source.text, options);
}

/** @throws SessionGroupsError `definition_not_storable` for values that JSON cannot represent. */
function definitionText(definition: SessionGroupDefinition): string {
  try {
    return JSON.stringify(definition, undefined, 2);
  } catch (cause) {
    const text = 'the definition contains values that JSON cannot represent';
    throw new SessionGroupsError('definition_not_storable', text, { cause });
  }
}

/** Where the current definition is stored: see revisions.ts. */
export interface DefinitionPlace {
  readonly folder: string;
  /** 0: the definition that the group was created with. */
  readonly revision: number;
  readonly sourceFile: string | undefined;
}

/** @throws SessionGroupsError `definition_damaged`. */
export function readGroup(disk: Disk, id: string, meta: GroupMeta, place: DefinitionPlace): SessionGroup {
  const { folder, revision, sourceFile } = place;
  const path = join(folder, DEFINITION_FILE);
  const bytes = readIfThere(disk, path);
  const isChecked = bytes !== undefined && hasPassed(disk, folder, bytes);
  const definition = parseStoredDefinition(path, bytes?.toString('utf8'), isChecked);
  const slug = definition.slug ?? (meta.slug || slugPart(id));
  const { rehearsal, executor } = meta;
  const more = given({ sourceFile, revision: revision > 0 ? revision : undefined, rehearsal, executor });
  return { id, slug, createdAt: meta.createdAt, definition, ...more, files: readGroupFiles(disk, folder) };
}

function parseStoredDefinition(
  path: string,
  text: string | undefined,
  isChecked: boolean,
): SessionGroupDefinition {
  const damaged = (reason: string, cause?: unknown): SessionGroupsError =>
    new SessionGroupsError('definition_damaged', `${path}: ${reason}`, {
      cause,
      hint: 'Nothing was changed. Restore the file from a backup, or delete the group.',
    });
  if (text === undefined) throw damaged('missing');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw damaged('not JSON', cause);
  }
  if (isChecked) return value as SessionGroupDefinition;
  const parsed = SessionGroupDefinition.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw damaged(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`, parsed.error);
}

/** Never throws: falls back to defaults when the file cannot be read. */
export function readMetaFile(disk: Disk, dir: string, id: string): GroupMeta {
  try {
    return readMeta(id, readIfThere(disk, join(dir, META_FILE))?.toString('utf8'));
  } catch (error) {
    const meta = readMeta(id, undefined);
    return isCode(error, 'EACCES') || isCode(error, 'EPERM')
      ? { ...meta, unreadable: noPermission(dir) }
      : meta;
  }
}

const noPermission = (dir: string): string =>
  `cannot be read: no permission; use the account that created it, or let this one read ${dir} and its files`;

/**
 * @param durable whether it survives a power failure.
 * @param journal what the journal has by now: see lost-records.ts.
 */
export function writeMeta(
  disk: Disk,
  dir: string,
  meta: GroupMeta,
  durable: boolean,
  journal?: object,
): void {
  const text = JSON.stringify({ ...meta, journal }, undefined, 2);
  replaceFile(disk, join(dir, META_FILE), `${text}\n`, durable);
}

/**
 * The folder of a session, such as `sessions/001-shared-lib`: numbered by its position in the definition, found again
 * by its id alone. Each is looked up once.
 */
export function sessionFolders(disk: Disk, dir: string, ids: readonly string[]): (id: string) => string {
  const sessions = join(dir, 'sessions');
  const made = new Map<string, string>();
  let places: Map<string, number> | undefined;
  let known: Map<string, string> | undefined;
  return id => {
    const before = made.get(id);
    if (before !== undefined) return before;
    if (!SESSION_ID.test(id)) throw new SessionGroupsError('unknown_session', `${id} is not a session id`);
    if (known === undefined) {
      makeFolders(disk, sessions);
      known = new Map(disk.list(sessions).map(({ name }) => [name.replace(/^\d+-/, ''), name]));
    }
    places ??= new Map(ids.map((id, index) => [id, index + 1]));
    const place = places.get(id) ?? places.size + 1;
    const path = join(sessions, known.get(id) ?? `${String(place).padStart(3, '0')}-${id}`);
    makeFolders(disk, path);
    made.set(id, path);
    return path;
  };
}
