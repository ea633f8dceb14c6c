const LIVE = /^group_(started|resumed|pausing|stopping)$/;
const AT_REST = /^group_(paused|stopped|completed|failed)$/;
const STARTS = /^session_(started|resumed)$/;
const SETTLES = /^session_(completed|failed|stopped|skipped)$/;

/** How long the group of a scene was live, and its sessions took, event by event. */
export class Stopwatch {
  #ms = 0;
  #last = 0;
  #ticks = false;
  readonly #started = new Map<string, number>();
  readonly #settled = new Map<string, number>();

  /** Its engine has died. */
  stop(): void {
    this.#ticks = false;
  }

  at(now: number): number {
    return this.#ms + (this.#ticks ? now - this.#last : 0);
  }

  of(session: string, now: number): number | undefined {
    const started = this.#started.get(session);
    return started === undefined ? undefined : (this.#settled.get(session) ?? this.at(now)) - started;
  }

  event(type: string, fields: Readonly<Record<string, unknown>>, now: number): void {
    this.#ms = this.at(now);
    this.#last = now;
    if (LIVE.test(type) || type === 'group_retried') this.#ticks = true;
    if (AT_REST.test(type)) this.#ticks = false;
    const session = String(fields.sessionId);
    if (STARTS.test(type) && !this.#started.has(session)) this.#started.set(session, this.#ms);
    if (STARTS.test(type)) this.#settled.delete(session);
    if (SETTLES.test(type)) this.#settled.set(session, this.#ms);
  }
}
