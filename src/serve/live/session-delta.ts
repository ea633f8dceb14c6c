import type { SessionProgress } from '../../sdk/group/progress/progress.ts';

/**
 * Tracks the version at which a group, and each of its sessions, last changed, for viewers at different versions. The
 * passage of time alone is no change: viewers have clocks.
 */
export class SessionDelta {
  #version = 0;
  #group = '';
  #sessions: readonly SessionProgress[] = [];
  /** By id, as it was shown last, and the version in which that was new. */
  readonly #shown = new Map<string, { readonly session: SessionProgress; readonly version: number }>();

  get version(): number {
    return this.#version;
  }

  /**
   * Takes the current sessions, and what else is shown of the group; costs O(sessions).
   * @returns whether that is a new version.
   */
  take(
    sessions: readonly SessionProgress[],
    { elapsedMs: _ticks, ...group }: { readonly elapsedMs: number },
  ): boolean {
    const version = this.#version + 1;
    const shown = JSON.stringify(group);
    let differs = shown !== this.#group;
    this.#group = shown;
    this.#sessions = sessions;
    for (const session of sessions) {
      const before = this.#shown.get(session.id)?.session;
      if (before && isSame(before, session)) continue;
      this.#shown.set(session.id, { session, version });
      differs = true;
    }
    if (differs) this.#version = version;
    return differs;
  }

  /** The sessions that changed after that version; all of them for 0. */
  since(version: number): readonly SessionProgress[] {
    if (version === 0) return this.#sessions;
    return this.#sessions.filter(({ id }) => (this.#shown.get(id)?.version ?? 0) > version);
  }
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
  id: true,
  projectPath: true,
  project: true,
  status: true,
  skipReason: true,
  why: true,
  error: true,
  costUsd: true,
  estimated: true,
  guessedUsd: true,
  tokens: true,
  attempts: true,
  messageCount: true,
  currentTool: true,
  startedAt: true,
} satisfies Record<Compared, true>) as readonly Compared[];
