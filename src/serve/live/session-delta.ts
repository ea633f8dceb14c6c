import type { SessionProgress } from '../../sdk/group/progress/progress.ts';

/**
 * Tracks the version at which a group, and each of its sessions, last changed, for viewers at different versions. The
 * passage of time alone is no change: viewers have clocks.
 */
export class SessionDelta {
  #version = 0;
  #group = '';
  /** By id, in order: as it is, and the version in which that was new. */
  #shown = new Map<string, Shown>();

  get version(): number {
    return this.#version;
  }

  /**
   * Takes the current sessions, and what else is shown of the group; costs O(sessions).
   *
   * @param sessions all of them, in order, or those that may have changed since the last time, all of which are known.
   * @returns whether that is a new version.
   */
  take(
    sessions: readonly SessionProgress[],
    { elapsedMs: _ticks, ...group }: { readonly elapsedMs: number; readonly totalSessions: number },
  ): boolean {
    const version = this.#version + 1;
    const shown = JSON.stringify(group);
    let differs = shown !== this.#group;
    this.#group = shown;
    const before = this.#shown;
    if (sessions.length === group.totalSessions) this.#shown = new Map();
    for (const session of sessions) {
      const known = before.get(session.id);
      const isNew = known === undefined || !isSame(known.session, session);
      this.#shown.set(session.id, { session, version: isNew ? version : known.version });
      differs ||= isNew;
    }
    if (differs) this.#version = version;
    return differs;
  }

  /** The sessions that changed after that version; all of them for 0. */
  since(version: number): readonly SessionProgress[] {
    const sessions: SessionProgress[] = [];
    for (const shown of this.#shown.values()) if (shown.version > version) sessions.push(shown.session);
    return sessions;
  }
}

interface Shown {
  readonly session: SessionProgress;
  readonly version: number;
}

/** Apart from the duration, which is sent along with other changes. What is the same object is not looked into. */
function isSame(before: SessionProgress, now: SessionProgress): boolean {
  for (const key of KEYS) if (before[key] !== now[key] && !isEqual(before[key], now[key])) return false;
  return true;
}

const isEqual = (before: unknown, now: unknown): boolean =>
  typeof before === 'object' && typeof now === 'object' && JSON.stringify(before) === JSON.stringify(now);

type Compared = Exclude<keyof SessionProgress, 'durationMs'>;
const KEYS = Object.keys({
  // What changes most often is compared first.
  messageCount: true,
  currentTool: true,
  currentToolInput: true,
  status: true,
  id: true,
  projectPath: true,
  forEach: true,
  project: true,
  skipReason: true,
  why: true,
  error: true,
  costUsd: true,
  estimated: true,
  guessedUsd: true,
  tokens: true,
  attempts: true,
  worksOn: true,
  openedByHand: true,
  startedAt: true,
} satisfies Record<Compared, true>) as readonly Compared[];
