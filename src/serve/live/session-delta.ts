import type { SessionProgress } from '../../sdk/group/progress/progress.ts';

/**
 * Tracks the version at which a group, and each of its sessions, last changed, for viewers at different versions. The
 * passage of time alone is no change: viewers have clocks.
 */
export class SessionDelta {
  #version = 0;
  #group = '';
  #sessions: readonly SessionProgress[] = [];
  readonly #texts = new Map<string, { readonly text: string; readonly version: number }>();

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
      const text = comparable(session);
      if (this.#texts.get(session.id)?.text === text) continue;
      this.#texts.set(session.id, { text, version });
      differs = true;
    }
    if (differs) this.#version = version;
    return differs;
  }

  /** The sessions that changed after that version; all of them for 0. */
  since(version: number): readonly SessionProgress[] {
    if (version === 0) return this.#sessions;
    return this.#sessions.filter(({ id }) => (this.#texts.get(id)?.version ?? 0) > version);
  }
}

/** A session without its duration, which is sent along with other changes. */
function comparable({ durationMs: _ticks, ...rest }: SessionProgress): string {
  return JSON.stringify(rest);
}
