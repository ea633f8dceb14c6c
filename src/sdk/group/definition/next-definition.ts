import { dirname, resolve } from 'node:path';
import { SessionGroupsError } from '../../errors.ts';
import { given } from '../../given.ts';
import { type GroupFiles, NO_FILES } from '../document/group-files.ts';
import { isMap } from '../document/session-view.ts';
import { namedIds } from '../fan-out/members.ts';
import { PROJECT_KEYS } from '../findings/git-project-findings.ts';
import { absolutePath, absoluteProject } from '../findings/project-findings.ts';
import { PROMPT_KEYS } from '../findings/prompt-findings.ts';
import { inputError } from '../input/checked-sessions.ts';
import type { SessionGroup, SessionGroupInput, SessionInput } from '../types.ts';
import { type LoadedDefinition, type LoadOptions, loadDefinition, parseDefinition } from './definition.ts';

export type { SessionInput };

/** Keys of a session to change; `undefined` removes a key. */
export type SessionChanges = {
  readonly [K in Exclude<keyof SessionInput, 'id'>]?: SessionInput[K] | undefined;
};

/** The origin of a change that is given as an object. */
export interface ChangeOrigin {
  /** Base of relative paths. Default: the working directory. */
  readonly baseDir?: string;
}

/** The origin of a definition, for its relative paths and its templates. */
export interface UpdateOrigin extends ChangeOrigin {
  /** The file that a definition object was read from, with an absolute path; stored with it. Default: none. */
  readonly source?: { readonly file: string; readonly text: string };
  /** The files read with the definition when it was loaded; if given, no files are read again. */
  readonly files?: GroupFiles;
  /** Values for the `variables` that the definition declares. Default: those that the group was given before. */
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** A change of a group's definition. */
export type DefinitionChange =
  | {
      readonly kind: 'update';
      readonly definition: string | SessionGroupInput;
      readonly origin?: UpdateOrigin;
    }
  | { readonly kind: 'add'; readonly session: SessionInput; readonly origin?: ChangeOrigin }
  | { readonly kind: 'remove'; readonly id: string }
  | {
      readonly kind: 'change';
      readonly id: string;
      readonly changes: SessionChanges;
      readonly origin?: ChangeOrigin;
    };

/** A whole definition that replaces another. */
export type NextDefinition = Pick<LoadedDefinition, 'definition' | 'files' | 'warnings'> & {
  readonly source?: { readonly file: string; readonly text?: string };
};

/**
 * The whole definition that results from a change, checked as a whole. The group's templates keep their text unless the
 * whole definition is replaced.
 *
 * @throws DefinitionError with all its problems; SessionGroupsError `unknown_session`.
 */
export async function nextDefinition(
  group: SessionGroup,
  change: DefinitionChange,
  loading: LoadOptions,
): Promise<NextDefinition> {
  if (change.kind === 'update') return replaced(change, { ...loading, replaces: group.definition });
  const { definition, files = NO_FILES, sourceFile } = group;
  const sessions = changedSessions(definition.sessions, change);
  const baseDir = sourceFile === undefined ? baseDirOf(change) : dirname(sourceFile);
  const loaded = await parseDefinition({ ...definition, sessions }, { ...loading, baseDir, files });
  return { ...loaded, ...(sourceFile === undefined ? {} : { source: { file: sourceFile } }) };
}

async function replaced(
  { definition, origin = {} }: Extract<DefinitionChange, { kind: 'update' }>,
  loading: LoadOptions,
): Promise<NextDefinition> {
  const { baseDir, files, source, variables } = origin;
  const values = given({ variables });
  if (typeof definition === 'string') {
    const loaded = await loadDefinition(definition, { ...loading, ...values });
    return loaded.source
      ? { ...loaded, source: { ...loaded.source, file: resolve(loaded.source.file) } }
      : loaded;
  }
  return {
    ...(await parseDefinition(definition, { ...loading, ...values, ...given({ baseDir, files }) })),
    ...given({ source }),
  };
}

function changedSessions(
  sessions: SessionGroup['definition']['sessions'],
  change: Exclude<DefinitionChange, { kind: 'update' }>,
): readonly unknown[] {
  if (change.kind === 'add') {
    checkForEach(change.session, 'session');
    return [...sessions, absolute(change.session, baseDirOf(change))];
  }
  const named = change.kind === 'remove' ? namedIds(sessions, [change.id]) : [change.id];
  if (!sessions.some(({ id }) => named.includes(id))) {
    throw new SessionGroupsError('unknown_session', `there is no session "${change.id}"`);
  }
  if (change.kind === 'remove') {
    const ids = new Set(named);
    return sessions.filter(({ id }) => !ids.has(id));
  }
  checkForEach(change.changes, 'changes');
  const changes = absolute(change.changes, baseDirOf(change));
  return sessions.map(session => (session.id === change.id ? overlaid(session, changes) : session));
}

/**
 * A session that is added alone may be for a list of values: folders and globs are relative to a definition. A session
 * that is there stays one.
 * @throws DefinitionError.
 */
function checkForEach(input: unknown, what: 'session' | 'changes'): void {
  const { forEach }: { readonly forEach?: unknown } = isMap(input) ? input : {};
  if (forEach === undefined || (what === 'session' && Array.isArray(forEach))) return;
  const isAdded = what === 'session';
  const message = isAdded ? 'a session that is added takes a list of values' : 'forEach cannot be changed';
  const suggestion = 'write it into the definition, and update the group';
  throw inputError([{ code: 'for_each_in_change', message, path: ['forEach'], suggestion }], what);
}

/** A new prompt replaces the old one, in whichever form either is given; so does a new project. */
function overlaid(session: object, changes: object): object {
  const replaced = [PROMPT_KEYS, PROJECT_KEYS].filter(keys => keys.some(key => Object.hasOwn(changes, key)));
  const dropped = replaced.flatMap(keys => keys.map(key => [key, undefined] as const));
  const merged = { ...session, ...Object.fromEntries(dropped), ...changes };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined));
}

/** Paths in a change are relative to the caller's folder, not that of the group's definition. */
function absolute(session: unknown, baseDir: string): object {
  if (typeof session !== 'object' || session === null) return { session }; // rejected by the check of the whole definition
  const promptFile: unknown = Reflect.get(session, 'promptFile');
  const file = typeof promptFile === 'string' ? { promptFile: absolutePath(promptFile, baseDir) } : {};
  return { ...absoluteProject(session, baseDir), ...file };
}

const baseDirOf = (change: DefinitionChange): string =>
  resolve(('origin' in change ? change.origin?.baseDir : undefined) ?? '.');
