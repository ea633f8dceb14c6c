import type { Clock } from '../sdk/clock.ts';
import type { Channel, NumberedText, Writer } from './channel.ts';

export interface ReportOutboxOptions {
  readonly channel: Pick<Channel, 'report'>;
  readonly writer: Writer;
  readonly clock: Clock;
  /** No report is heard any more: another attempt has taken over, or the channel has lost what was said before. Called once. */
  readonly onCutOff: (why: 'fenced' | 'gap') => void;
}

const MOST_AT_ONCE = 1_000;
const MOST_CHARACTERS_AT_ONCE = 262_144;
const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 1_000;

/**
 * What one attempt has to report: numbered in the order in which it came, and kept until the channel has it.
 *
 * REPORTS-1 nothing overtakes anything: one call is under way at a time.
 * REPORTS-2 what the channel may or may not have, because no answer came, is sent again under the same number.
 * REPORTS-3 a channel that is full or away is asked again, at most every 20 ms and at least every second.
 * REPORTS-4 once it is cut off, nothing is kept and nothing is sent.
 */
export class ReportOutbox {
  readonly #options: ReportOutboxOptions;
  #kept: NumberedText[] = [];
  #last = 0;
  #sending = false;
  #cutOff = false;
  #timer: unknown;
  #waitMs = FIRST_WAIT_MS;
  #emptied: (() => void)[] = [];

  constructor(options: ReportOutboxOptions) {
    this.#options = options;
  }

  /** How many reports the channel does not have yet: whoever produces them waits while there are too many. */
  get waiting(): number {
    return this.#kept.length;
  }

  add(text: string): void {
    if (this.#cutOff) return;
    this.#last += 1;
    this.#kept.push({ n: this.#last, text });
    this.#send();
  }

  /** Resolves once the channel has everything, or hears nothing any more. */
  empty(): Promise<void> {
    if (this.#kept.length === 0) return Promise.resolve();
    return new Promise(resolve => this.#emptied.push(resolve));
  }

  /** Nothing is sent any more. */
  close(): void {
    this.#end();
  }

  #send(): void {
    if (this.#sending || this.#timer !== undefined || this.#kept.length === 0) return;
    this.#sending = true;
    void this.#sendAll();
  }

  async #sendAll(): Promise<void> {
    const { channel, writer } = this.#options;
    await Promise.resolve(); // all that comes in this turn goes together
    while (this.#kept.length > 0 && !this.#cutOff) {
      const some = firstOf(this.#kept);
      const answer = await channel.report(writer, some).catch(() => ({ kind: 'full' as const }));
      if (this.#cutOff) break;
      if (answer.kind === 'kept') {
        this.#kept = this.#kept.slice(some.length);
        this.#waitMs = FIRST_WAIT_MS;
      } else if (answer.kind === 'full') {
        this.#again();
        break;
      } else this.#isCutOff(answer.kind);
    }
    this.#sending = false;
    if (this.#kept.length === 0) this.#announceEmpty();
  }

  #again(): void {
    this.#timer = this.#options.clock.setTimeout(() => {
      this.#timer = undefined;
      this.#send();
    }, this.#waitMs);
    this.#waitMs = Math.min(2 * this.#waitMs, LONGEST_WAIT_MS);
  }

  /** A gap can only be the channel's: here, nothing is dropped before it was kept. */
  #isCutOff(why: 'fenced' | 'gap'): void {
    this.#end();
    this.#options.onCutOff(why);
  }

  #end(): void {
    this.#cutOff = true;
    this.#kept = [];
    this.#options.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#announceEmpty();
  }

  #announceEmpty(): void {
    for (const resolve of this.#emptied.splice(0)) resolve();
  }
}

/** As many as go together; at least one. */
function firstOf(reports: readonly NumberedText[]): readonly NumberedText[] {
  let characters = 0;
  let count = 0;
  for (const { text } of reports) {
    characters += text.length;
    if (count > 0 && (count >= MOST_AT_ONCE || characters > MOST_CHARACTERS_AT_ONCE)) break;
    count += 1;
  }
  return reports.slice(0, count);
}
