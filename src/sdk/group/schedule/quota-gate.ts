import type { Clock } from '../../clock.ts';

/** A limit without a reset time closes the gate for 1, 2, 4, 8 and then 15 minutes (spec-session-groups.md §5, "Quota"). */
const BLIND_WAIT_MS = 60_000;
const LONGEST_BLIND_WAIT_MS = 15 * 60_000;
const JITTER_MS = 5_000;

/** What a group uses of a gate. */
export type AccountGate = Pick<QuotaGate, keyof QuotaGate>;

/**
 * Which accounts have reached their usage limit, and until when. One gate serves all groups of a process that use the
 * same account, so that the second group doesn't have to run into the limit itself.
 */
export class QuotaGate {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #accounts = new Map<string, { until: number; blind: number }>();
  readonly #listeners = new Set<(account: string) => void>();

  /** @param random returns a number in [0, 1), for the jitter after a reset. Default: Math.random. */
  constructor(clock: Clock, random: () => number = Math.random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Closes the account's gate, or extends its closing; returns when it opens, in epoch milliseconds. */
  close(account: string, resetAt: number | undefined): number {
    const now = this.#clock.now();
    const before = this.#accounts.get(account);
    // Several sessions that hit the same limit count once: the wait grows only after the gate has opened.
    const again = before !== undefined && before.until > now && before.blind > 0;
    const blind = resetAt === undefined ? (before?.blind ?? 0) + (again ? 0 : 1) : 0;
    const wait = Math.min(LONGEST_BLIND_WAIT_MS, BLIND_WAIT_MS * 2 ** (blind - 1));
    const opens =
      resetAt === undefined ? now + wait : Math.max(now, resetAt) + Math.round(this.#random() * JITTER_MS);
    const until = Math.max(opens, before?.until ?? 0);
    this.#accounts.set(account, { until, blind });
    for (const listener of this.#listeners) listener(account);
    return until;
  }

  /** Closes it until then, as another engine has found. */
  keepClosed(account: string, until: number): void {
    if (until <= this.#clock.now() || until <= (this.closedUntil(account) ?? 0)) return;
    this.#accounts.set(account, { until, blind: this.#accounts.get(account)?.blind ?? 0 });
    for (const listener of this.#listeners) listener(account);
  }

  /** Epoch milliseconds; undefined if the account is open. Once it has opened, a clock that is set back does not close it. */
  closedUntil(account: string): number | undefined {
    const limit = this.#accounts.get(account);
    if (limit === undefined || limit.until > this.#clock.now()) return limit?.until;
    limit.until = 0;
    return undefined;
  }

  /** The account answered: the next wait without a reset time is short again. */
  answered(account: string): void {
    if (this.closedUntil(account) === undefined) this.#accounts.delete(account);
  }

  onClose(listener: (account: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
