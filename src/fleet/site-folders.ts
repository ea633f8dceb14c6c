import { mkdirSync, renameSync, statSync, utimesSync } from 'node:fs';
import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../sdk/clock.ts';
import { isCode } from '../sdk/disk/disk-files.ts';
import { isTreeFolder } from '../sdk/workspace/names.ts';

/** Which session of which group. */
interface SessionName {
  readonly groupId: string;
  readonly sessionId: string;
}

export interface SweepOptions {
  /** Whether a group was deleted. @throws if nobody knows. */
  readonly hasEnded: (groupId: string) => Promise<boolean>;
  /** How long what nobody uses is kept; milliseconds. */
  readonly keepMs: number;
}

/** What lies below the folder and is named otherwise is not ours. */
const GROUP = /^\d{8}-\d{6}-[\w.-]+$/;
const GONE = '.gone-';

/**
 * The folders of sessions on this machine, which all of its workers share: `FOLDER/GROUP/SESSION`, and beside them the trees.
 *
 * FOLDERS-1 the folder of an attempt that lives here, or in another worker of this machine, is never removed before its group was
 *    deleted: each worker marks those that it uses, and none removes what was marked within `keepMs`.
 * FOLDERS-2 a tree is never removed before its group was deleted.
 * FOLDERS-3 no link is followed, and nothing is removed but folders of sessions.
 */
export class SiteFolders {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #used = new Map<string, number>();

  constructor(folder: string, clock: Clock) {
    this.#folder = folder;
    this.#clock = clock;
  }

  /** Makes it, if it isn't there; it is in use until `leave`. */
  enter({ groupId, sessionId }: SessionName): string {
    const path = join(this.#folder, groupId, sessionId);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    this.#used.set(path, (this.#used.get(path) ?? 0) + 1);
    this.#mark(path);
    return path;
  }

  leave({ groupId, sessionId }: SessionName): void {
    const path = join(this.#folder, groupId, sessionId);
    const users = (this.#used.get(path) ?? 1) - 1;
    if (users > 0) this.#used.set(path, users);
    else this.#used.delete(path);
    this.#mark(path);
  }

  /** Removes what nobody needs any more. */
  async sweep({ hasEnded, keepMs }: SweepOptions): Promise<void> {
    for (const path of this.#used.keys()) this.#mark(path);
    for (const group of await foldersIn(this.#folder)) {
      if (!GROUP.test(group)) continue;
      const isOver = await hasEnded(group).catch(() => false);
      for (const session of await foldersIn(join(this.#folder, group)))
        await this.#removeUnused(
          join(this.#folder, group),
          session,
          isOver ? 0 : isTreeFolder(session) ? Number.POSITIVE_INFINITY : keepMs,
        );
      await rmdir(join(this.#folder, group)).catch(() => {}); // another session is there
    }
  }

  /** Under another name first: who enters it meanwhile makes a new one. */
  async #removeUnused(group: string, session: string, keepMs: number): Promise<void> {
    const path = join(group, session);
    const gone = session.startsWith(GONE) ? path : join(group, `${GONE}${session}`);
    try {
      if (gone !== path) {
        if (this.#used.has(path) || this.#clock.now() - statSync(path).mtimeMs < keepMs) return;
        renameSync(path, gone);
      }
      await rm(gone, { recursive: true, force: true });
    } catch {
      // The next look finds it again.
    }
  }

  #mark(path: string): void {
    const now = this.#clock.now() / 1_000;
    try {
      utimesSync(path, now, now);
    } catch {
      // Its group was deleted, and the folder with it.
    }
  }
}

/** Without links. */
async function foldersIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter(entry => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return [];
    throw error;
  }
}
