import type { SessionProgress } from '../../sdk/group/progress/progress.ts';

/**
 * Which sessions changed, for viewers that last looked at different moments: each session keeps the version at which
 * it last changed. What only says that time goes by is no change.
 */
export class SessionDelta {
  #version = 0;
  #sessions: readonly SessionProgress[] = [];
  readonly #texts = new Map<string, { readonly text: string; readonly version: number }>();

  get version(): number {
    return this.#version;
  }

  /** Takes in a newer picture; costs O(sessions). */
  take(sessions: readonly SessionProgress[]): void {
    this.#version += 1;
    this.#sessions = sessions;
    for (const session of sessions) {
      const text = essence(session);
      if (this.#texts.get(session.id)?.text !== text) {
        this.#texts.set(session.id, { text, version: this.#version });
      }
    }
  }

  /** Those that changed after that version; all of them for 0. */
  since(version: number): readonly SessionProgress[] {
    if (version === 0) return this.#sessions;
    return this.#sessions.filter(({ id }) => (this.#texts.get(id)?.version ?? 0) > version);
  }
}

/** Everything of a session but the time that it has taken: that comes with what else changed. */
function essence({ durationMs: _ticks, ...rest }: SessionProgress): string {
  return JSON.stringify(rest);
}
