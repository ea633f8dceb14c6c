import type { SessionProgress } from '../../sdk/group/progress/progress.ts';

/**
 * Tracks the version at which each session last changed, for viewers at different versions. The passage of time alone
 * does not count as a change.
 */
export class SessionDelta {
  #version = 0;
  #sessions: readonly SessionProgress[] = [];
  readonly #texts = new Map<string, { readonly text: string; readonly version: number }>();

  get version(): number {
    return this.#version;
  }

  /** Takes the current sessions; costs O(sessions). */
  take(sessions: readonly SessionProgress[]): void {
    this.#version += 1;
    this.#sessions = sessions;
    for (const session of sessions) {
      const text = comparable(session);
      if (this.#texts.get(session.id)?.text !== text) {
        this.#texts.set(session.id, { text, version: this.#version });
      }
    }
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
