import { readdirSync, readFileSync } from 'node:fs';
import { WorkspaceError } from '../error.ts';
import { bytesOf, fileIn, joined, parts, type RawPath, raw, shown } from '../git/output.ts';
import type { Room, RoomTree } from '../git/room.ts';
import type { ObjectId } from '../orders.ts';
import { statOf } from './files.ts';

/** A file in a commit or an index: `MODE ID`; undefined where there is none. */
type Version = string | undefined;

interface Move {
  readonly path: RawPath;
  readonly from: Version;
  readonly to: Version;
}

export interface MoveFilesWish {
  /** Commits or trees. */
  readonly from: ObjectId;
  readonly to: ObjectId;
  /** An earlier try may have been cut off while it wrote a file. */
  readonly again: boolean;
  /** Whether it only looks. Default: no. */
  readonly dry?: boolean;
}

/**
 * Moves files from one known state to another; only those that differ between the two are looked at. The index of
 * `place` has the old state, and the new one afterwards, with what else it contains unchanged.
 *
 * A file has to be as in the old state, or as in the new one, from an earlier try; what would be new must not be there.
 * @throws workspace_moved otherwise, with the files; then nothing has been written
 */
export async function moveFiles(
  room: Room,
  place: RoomTree,
  { from, to, again, dry }: MoveFilesWish,
): Promise<void> {
  const moves = await movesBetween(room, from, to);
  if (moves.length === 0) return;
  const inTheWay = new Set(
    moves.filter(move => isObstructed(move, moves, place.folder)).map(({ path }) => path),
  );
  refuse(inTheWay);
  const before = await versionsIn(room, place);
  for (const { path, from: old, to: next } of moves) {
    const staged = before.get(path);
    if (staged !== old && staged !== next) inTheWay.add(path);
  }
  refuse(inTheWay);
  const known = joined(moves.flatMap(({ path }) => (before.has(path) ? [bytesOf(path)] : [])));
  await room.call({ args: ['update-index', '--no-assume-unchanged', '-z', '--stdin'], input: known }, place);
  const files = moves.filter(
    move => !isLink(move) && !statOf(fileIn(place.folder, move.path))?.isDirectory(),
  );
  const look = ['update-index', '--add', '--remove', '--ignore-skip-worktree-entries', '-z', '--stdin'];
  await room.call({ args: look, input: joined(files.map(({ path }) => bytesOf(path))) }, place);
  const now = await versionsIn(room, place);
  const cutOff: Move[] = [];
  for (const move of moves) {
    const version = now.get(move.path);
    if (version === move.from || version === move.to) continue;
    if (again && (await isCutOff(room, place, move))) cutOff.push(move);
    else inTheWay.add(move.path);
  }
  refuse(inTheWay);
  if (dry) return;
  await writeWhole(room, place, cutOff);
  await room.call({ args: ['read-tree', '-m', '-u', from, to] }, place);
}

function refuse(inTheWay: ReadonlySet<RawPath>): void {
  if (inTheWay.size === 0) return;
  const files = [...inTheWay].map(shown).sort();
  const names = files.length === 1 ? files.join() : `${files.length} files, ${files[0]} among them,`;
  throw new WorkspaceError('workspace_moved', `${names} would be overwritten`, {
    files,
    hint: 'Commit, move or remove what is there, then try again.',
  });
}

async function movesBetween(room: Room, from: ObjectId, to: ObjectId): Promise<Move[]> {
  const rows = parts(
    (await room.git('diff-tree', '-r', '-z', '--raw', '--no-renames', '--no-abbrev', from, to)).stdout,
  );
  return Array.from({ length: Math.floor(rows.length / 2) }, (_, at) => {
    const [oldMode = '', newMode = '', oldId, newId] = (rows[2 * at] ?? '')
      .toString('latin1')
      .slice(1)
      .split(' ');
    const version = (mode: string, id = ''): Version => (/^0+$/.test(mode) ? undefined : `${mode} ${id}`);
    return { path: raw(rows[2 * at + 1] ?? ''), from: version(oldMode, oldId), to: version(newMode, newId) };
  });
}

async function versionsIn(room: Room, place: RoomTree): Promise<ReadonlyMap<RawPath, Version>> {
  const { stdout } = await room.call({ args: ['ls-files', '-s', '-z'] }, place);
  const versions = new Map<RawPath, Version>();
  for (const part of parts(stdout)) {
    const [about = '', path = ''] = raw(part).split(/\t(.*)/s);
    const [mode, id, stage] = about.split(' ');
    versions.set(path, stage === '0' ? `${mode} ${id}` : 'in conflict');
  }
  return versions;
}

/** The commit of a submodule: its files are not ours to move. */
const isLink = ({ from, to }: Move): boolean => [from, to].some(version => version?.startsWith('160000 '));

/** Git would remove ignored files for it: a file where a folder is needed, or files in a folder that a file replaces. */
function isObstructed({ path, from, to }: Move, moves: readonly Move[], folder: string): boolean {
  if (to === undefined || (from !== undefined && to.startsWith('160000 '))) return false;
  const leaving = new Set(moves.filter(move => move.to === undefined).map(move => move.path));
  const names = path.split('/');
  const above = names.slice(1).map((_, at) => names.slice(0, at + 1).join('/'));
  const blocked = above.some(part => {
    const stats = statOf(fileIn(folder, part));
    return stats !== undefined && !stats.isDirectory() && !leaving.has(part);
  });
  if (blocked || from !== undefined || to.startsWith('160000 ')) return blocked;
  return filesBelow(folder, path).some(file => !leaving.has(file));
}

/** All that is in a folder; nothing if the path is none. */
function filesBelow(folder: string, path: RawPath): RawPath[] {
  if (!statOf(fileIn(folder, path))?.isDirectory()) return [];
  const entries = readdirSync(fileIn(folder, path), { withFileTypes: true, encoding: 'buffer' });
  return entries.flatMap(entry => {
    const inner = `${path}/${raw(entry.name)}`;
    return entry.isDirectory() ? filesBelow(folder, inner) : [inner];
  });
}

/** Whether git was ended while it replaced the file: it is not there, or the beginning of what it was to become. */
async function isCutOff(room: Room, place: RoomTree, { path, to }: Move): Promise<boolean> {
  if (to === undefined) return false;
  const file = fileIn(place.folder, path);
  const stats = statOf(file);
  if (stats === undefined) return true;
  if (!stats.isFile()) return false;
  const whole = (await room.git('cat-file', 'blob', to.slice(to.indexOf(' ') + 1))).stdout;
  return stats.size < whole.length && whole.subarray(0, stats.size).equals(readFileSync(file));
}

async function writeWhole(room: Room, place: RoomTree, moves: readonly Move[]): Promise<void> {
  if (moves.length === 0) return;
  const rows = moves.map(({ path, to }) => Buffer.concat([Buffer.from(`${to} 0\t`), bytesOf(path)]));
  await room.call({ args: ['update-index', '-z', '--index-info'], input: joined(rows) }, place);
  const input = joined(moves.map(({ path }) => bytesOf(path)));
  await room.call({ args: ['checkout-index', '-f', '-u', '-z', '--stdin'], input }, place);
}
