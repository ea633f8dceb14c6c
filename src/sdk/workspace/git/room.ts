import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isCode } from '../../disk/disk-files.ts';
import type { Site } from '../port.ts';
import { replaceText } from '../tree/files.ts';
import type { Repository } from './repository.ts';
import type { GitAnswer, GitCall, RunGit } from './run.ts';

/** The tree that a call in a room works on. */
export interface RoomTree {
  /** Absolute path of an index file. */
  readonly index: string;
  /** Absolute path of the top of a working tree. */
  readonly folder: string;
}

/**
 * A clean room: a bare repository of ours, with our configuration, that uses the objects of another one. What that one's
 * configuration names does not run in it.
 */
export interface Room {
  /** Absolute path. */
  readonly folder: string;
  readonly repository: Repository;
  git(...args: string[]): Promise<GitAnswer>;
  call(call: GitCall, tree?: RoomTree): Promise<GitAnswer>;
}

/** Keys that say how files are stored, and the values that are taken. */
const DATA: readonly (readonly [key: string, values: RegExp])[] = [
  ['core.filemode', /^(true|false)$/],
  ['core.autocrlf', /^(true|false|input)$/],
  ['core.eol', /^(lf|crlf|native)$/],
  ['core.ignorecase', /^(true|false)$/],
  ['core.symlinks', /^(true|false)$/],
  ['core.precomposeunicode', /^(true|false)$/],
  ['core.sharedrepository', /^(true|false|umask|group|all|world|everybody|0[0-7]{3})$/],
];

/** The room of a repository; makes it, and brings it up to date. */
export async function openRoom(
  run: RunGit,
  site: Site,
  repository: Repository,
  rooms: string,
): Promise<Room> {
  const folder = join(rooms, repository.facts.id);
  const environment = { GIT_DIR: folder, GIT_OBJECT_DIRECTORY: join(repository.common, 'objects') };
  if (read(join(folder, 'HEAD')) === undefined) {
    mkdirSync(rooms, { recursive: true, mode: 0o700 });
    const made = `${folder}.${randomBytes(4).toString('hex')}`;
    await run(
      {
        args: [
          'init',
          '--quiet',
          '--bare',
          '--template=',
          `--object-format=${repository.facts.format}`,
          made,
        ],
      },
      site,
    );
    mkdirSync(join(made, 'info'), { recursive: true });
    takePlace(made, folder);
  }
  write(join(folder, 'config'), configOf(repository));
  for (const name of ['shallow', 'info/exclude'])
    write(join(folder, name), read(join(repository.common, name)));
  const call = ({ env, ...what }: GitCall, tree?: RoomTree): Promise<GitAnswer> => {
    const places = tree && { GIT_INDEX_FILE: tree.index, GIT_WORK_TREE: tree.folder };
    return run({ ...what, env: { ...environment, ...places, ...env } }, site);
  };
  return { folder, repository, call, git: (...args) => call({ args }) };
}

function configOf({ facts, settings }: Repository): string {
  const sha256 = facts.format === 'sha256';
  const data = DATA.flatMap(([key, values]) => {
    const value = settings.get(key);
    return value !== undefined && values.test(value) ? [`\t${key.slice('core.'.length)} = ${value}`] : [];
  });
  return [
    '[core]',
    `\trepositoryformatversion = ${sha256 ? 1 : 0}`,
    '\tbare = true',
    ...data,
    ...(sha256 ? ['[extensions]', '\tobjectformat = sha256'] : []),
    '',
  ].join('\n');
}

/** Another process may have been faster: then its room is as good. */
function takePlace(made: string, folder: string): void {
  try {
    renameSync(made, folder);
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    if (!isCode(error, 'ENOTEMPTY') && !isCode(error, 'EEXIST')) throw error;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** Replaces a file, or removes it; only if it differs, so that parallel steps do not get in each other's way. */
function write(path: string, content: string | undefined): void {
  if (read(path) === content) return;
  if (content === undefined) {
    rmSync(path, { force: true });
    return;
  }
  replaceText(path, content);
}
