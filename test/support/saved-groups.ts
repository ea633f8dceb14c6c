import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as later } from 'node:timers/promises';
import type { GroupProgress } from '../../src/index.ts';
import { LAST_RELEASE } from './last-release.ts';
import type { Followed, Way } from './saved-group-ways.ts';

/** Definitions and journals contain absolute paths, so groups are always written and unpacked here. */
const PLACE = '/tmp/session-groups-saved-groups';
const LOCK = `${PLACE}.lock`;

/** Host name that replaces that of the host on which the groups were written. */
export const NO_HOST = 'saved-groups.invalid';
const ARCHIVE = join(LAST_RELEASE, 'saved-groups.tar.gz');
export const EXPECTATIONS = join(LAST_RELEASE, 'saved-groups.json');

/** What the last release reported about a group that it had saved, and what became of it there. */
export interface SavedGroup extends Shown {
  readonly id: string;
  /** Its slug, which names the state it was left in. */
  readonly state: string;
  /** Its sessions are programs, not scripts. */
  readonly programs?: boolean;
  readonly archived?: boolean;
  readonly ways: readonly ({ readonly way: Way } & Followed)[];
}

/** The parts of a group's status that don't change. */
interface Shown {
  readonly status: string;
  readonly why?: string;
  readonly totalCostUsd: number;
  readonly sessions: Readonly<Record<string, object>>;
}

/** The output of `group show --json`. */
export type ShownGroup = Omit<GroupProgress, 'status'> & { readonly status: string };

export function shownGroup({ status, why, totalCostUsd, sessions }: ShownGroup): Shown {
  const stand = sessions.map(session => {
    const { id, status, why, skipReason, error, costUsd, attempts, messageCount } = session;
    const reason = skipReason === undefined ? {} : { reason: skipReason };
    const failure = error === undefined ? {} : { error: error.code };
    return [id, { status, ...waiting(why), ...reason, ...failure, costUsd, attempts, messageCount }];
  });
  return { status, ...waiting(why), totalCostUsd, sessions: Object.fromEntries(stand) };
}

const waiting = (why: GroupProgress['why']): { readonly why?: string } =>
  why === undefined ? {} : { why: 'reason' in why ? `${why.kind}: ${why.reason}` : why.kind };

export interface SavedGroupsPlace {
  readonly folder: string;
  readonly dataDir: string;
  readonly configDir: string;
  /** The group's folder. */
  dirOf(id: string): string;
  /** Restores the group to its state after unpacking. */
  restore(id: string): void;
  /** Creates the file that the groups' programs look for; until one is restored. */
  mend(): void;
  /** Removes everything, and releases the place. */
  close(): void;
}

export const readExpectations = (): readonly SavedGroup[] => JSON.parse(readFileSync(EXPECTATIONS, 'utf8'));

/** Unpacks the saved groups, once no other process on this machine uses them. */
export async function openSavedGroups(): Promise<SavedGroupsPlace> {
  const place = await openEmptyPlace();
  try {
    unpack(place);
    return place;
  } catch (error) {
    place.close();
    throw error;
  }
}

/** The place without groups, for writing them. */
export async function openEmptyPlace(): Promise<SavedGroupsPlace> {
  await takeLock();
  const dataDir = join(PLACE, 'data');
  const dirOf = (id: string): string => join(dataDir, 'groups', id);
  const missing = ['broken', 'waiting'].map(project => join(PLACE, 'projects', project, 'mended'));
  const close = (): void => {
    rmSync(PLACE, { recursive: true, force: true });
    rmSync(LOCK, { recursive: true, force: true });
  };
  try {
    rmSync(PLACE, { recursive: true, force: true });
    mkdirSync(PLACE, { mode: 0o700 });
  } catch (error) {
    rmSync(LOCK, { recursive: true, force: true });
    throw error;
  }
  return {
    folder: PLACE,
    dataDir,
    configDir: join(PLACE, 'config'),
    dirOf,
    restore(id) {
      for (const path of [dirOf(id), ...missing]) rmSync(path, { recursive: true, force: true });
      cpSync(join(PLACE, 'unpacked', id), dirOf(id), { recursive: true });
    },
    mend() {
      for (const path of missing) writeFileSync(path, '');
    },
    close,
  };
}

/** Files sorted, without times and owners: the same groups produce the same archive. */
export function pack({ folder }: SavedGroupsPlace): void {
  const neutral = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];
  const left = ['./runtime', './home'].map(name => `--exclude=${name}`);
  const tar = execFileSync('tar', [...neutral, ...left, '-C', folder, '-cf', '-', '.'], {
    maxBuffer: 2 ** 28,
  });
  writeFileSync(ARCHIVE, execFileSync('gzip', ['-9n'], { input: tar, maxBuffer: 2 ** 28 }));
}

/** Groups that were killed get the name of this host as owner; otherwise they could not be taken over. */
export function unpack(place: SavedGroupsPlace): void {
  const { folder, dataDir, dirOf } = place;
  execFileSync('tar', ['-xzf', ARCHIVE, '-C', folder]);
  const groups = join(dataDir, 'groups');
  for (const id of readdirSync(groups)) rewriteOwner(dirOf(id), { host: hostname() });
  cpSync(groups, join(folder, 'unpacked'), { recursive: true });
}

/** Changes the content of `owner.json`, if it exists. */
export function rewriteOwner(dir: string, changes: object): void {
  const path = join(dir, 'owner.json');
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return;
  writeFileSync(path, `${JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...changes })}\n`);
}

const PATIENCE_MS = 60_000;
const PAUSE_MS = 50;
/** Longer than the time between creating the lock and writing its pid. */
const MAKING_MS = 10_000;

async function takeLock(): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!makeLock()) {
    if (removeDeadLock()) continue;
    if (performance.now() > deadline) {
      throw new Error(`${PLACE} is in use by process ${holder() ?? '?'}; if it is not, remove ${LOCK}`);
    }
    await later(PAUSE_MS);
  }
}

function makeLock(): boolean {
  if (!makeFolder(LOCK)) return false;
  writeFileSync(join(LOCK, 'pid'), String(process.pid));
  return true;
}

/** Of all processes that see a dead holder, only the one that creates the folder of that name may remove the lock. */
function removeDeadLock(): boolean {
  const dead = holder();
  if (dead === undefined ? !isOld(LOCK) : isAlive(dead)) return false;
  const right = `${LOCK}.after-${dead ?? 'nobody'}`;
  if (!makeFolder(right)) return false;
  try {
    if (holder() === dead) rmSync(LOCK, { recursive: true, force: true });
    return true;
  } finally {
    rmSync(right, { recursive: true, force: true });
  }
}

function holder(): number | undefined {
  try {
    return Number(readFileSync(join(LOCK, 'pid'), 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function isOld(path: string): boolean {
  const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return made !== undefined && Date.now() - made > MAKING_MS;
}

/** False if it exists. */
function makeFolder(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}
