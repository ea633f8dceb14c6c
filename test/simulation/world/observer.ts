import type { GroupProgress } from '../../../src/sdk/group/progress/progress.ts';
import { viewGroup } from '../../../src/sdk/group/standing/view.ts';
import { waitWords } from '../../../src/words/wait-words.ts';
import type { Happening, Picture, Pid, SeenSession, Via } from '../history.ts';
import type { Machine } from './machine.ts';
import { isUnknown } from './outcome.ts';
import { DATA, isNeighbour, type SimulatedProcess } from './process.ts';

/** Turns what the engine shows into plain data. */
export class Observer {
  readonly #machine: Machine;
  readonly #tell: (happening: Happening) => void;
  #text = '';
  #lines: readonly string[] = [];
  readonly #last = new Map<string, string>();
  /** Somebody has asked to delete it: it is looked for by its id also when its folder has gone. */
  #asked: string | undefined;
  #isThere = true;

  constructor(machine: Machine, tell: (happening: Happening) => void) {
    this.#machine = machine;
    this.#tell = tell;
  }

  /** The group's id, once its folder is there; also of a group that has been deleted. */
  get groupId(): string | undefined {
    return this.#folder ?? this.#asked;
  }

  get isGone(): boolean {
    return this.#asked !== undefined && this.#folder === undefined;
  }

  mayGo(): void {
    this.#asked ??= this.#folder;
  }

  get #folder(): string | undefined {
    const { disk } = this.#machine;
    const groups = `${DATA}/groups`;
    if (!disk.exists(groups)) return undefined;
    return disk.list(groups).find(({ name }) => !name.startsWith('.') && !isNeighbour(name))?.name;
  }

  /** Tells of the journal if it has changed; returns the lines that were added. */
  journal(): readonly string[] {
    const { disk } = this.#machine;
    const folder = this.#folder;
    if ((this.#text !== '' || this.#asked !== undefined) && this.#isThere !== (folder !== undefined)) {
      this.#isThere = !this.#isThere;
      this.#tell({ kind: 'folder', there: this.#isThere });
    }
    const path = `${DATA}/groups/${folder}/journal.ndjson`;
    if (folder === undefined || !disk.exists(path)) return [];
    const file = disk.open(path, 'r');
    const bytes = Buffer.allocUnsafe(file.size());
    file.read(bytes, 0);
    const text = bytes.toString('utf8');
    if (text === this.#text) return [];
    const grows = text.startsWith(this.#text) && (this.#text === '' || this.#text.endsWith('\n'));
    const added = linesOf(grows ? text.slice(this.#text.length) : text);
    this.#lines = grows ? [...this.#lines, ...added] : added;
    this.#text = text;
    this.#tell({ kind: 'journal', lines: this.#lines, ...(grows ? { added: added.length } : {}) });
    return added;
  }

  picture(pid: Pid, via: Via | 'disk', progress: GroupProgress | undefined, always = false): void {
    if (progress === undefined) return;
    const picture = pictureOf(progress, this.#machine.now());
    const text = JSON.stringify(picture, withoutTime);
    if (!always && this.#last.get(`${pid} ${via}`) === text) return;
    this.#last.set(`${pid} ${via}`, text);
    this.#tell({ kind: 'picture', pid, via, picture });
  }

  async status(reader: SimulatedProcess): Promise<string> {
    const stored = await reader.store.read(this.groupId ?? '');
    return viewGroup(stored, reader.clock).progress.status;
  }

  /** What a process that does not own the group reads from disk. */
  async fromDisk(reader: SimulatedProcess, always = false): Promise<void> {
    const id = this.groupId;
    if (id === undefined || !reader.alive) return;
    try {
      const stored = await reader.store.read(id);
      this.picture(reader.pid, 'disk', viewGroup(stored, reader.clock).progress, always);
    } catch (error) {
      if (!isUnknown(error)) throw error;
      await this.unknown(reader, 'disk');
    }
  }

  /** A process has been told that there is no such group. */
  async unknown({ store, pid }: SimulatedProcess, via: 'disk' | 'http'): Promise<void> {
    const listed = (await store.list({ archived: true })).some(({ id }) => id === this.groupId);
    this.#tell({ kind: 'unknown', pid, via, listed });
  }
}

function pictureOf(progress: GroupProgress, now: number): Picture {
  const { status, why, totalCostUsd, limitUsd, elapsedMs, sessions } = progress;
  const { totalSessions, pending, paused, completed, failed, skipped, stopped } = progress;
  return {
    status,
    ...(why ? { why: waitWords(why, now) } : {}),
    totalCostUsd,
    ...(limitUsd === undefined ? {} : { limitUsd }),
    elapsedMs,
    counts: { totalSessions, pending, paused, completed, failed, skipped, stopped },
    sessions: sessions.map(
      ({
        id,
        forEach,
        status,
        why,
        skipReason,
        error,
        costUsd,
        estimated,
        attempts,
        durationMs,
      }): SeenSession => ({
        id,
        ...(forEach === undefined ? {} : { forEach }),
        status,
        ...(why ? { why: waitWords(why, now) } : {}),
        ...(skipReason === undefined ? {} : { skipReason }),
        ...(error === undefined ? {} : { errorCode: error.code }),
        costUsd,
        estimated,
        attempts,
        ...(durationMs === undefined ? {} : { durationMs }),
      }),
    ),
  };
}

/** What only the passage of time changes is no news. */
const withoutTime = (key: string, value: unknown): unknown =>
  key === 'elapsedMs' || key === 'durationMs' ? undefined : value;

function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
