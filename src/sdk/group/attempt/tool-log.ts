import type { Clock } from '../../clock.ts';
import type { GroupEventBody } from '../journal/events.ts';

/** Of more than these, the oldest are forgotten: they end without a name and a duration. */
const MOST_RUNNING = 1_000;

/** The running tools of one attempt, so that their end can be recorded with name and duration. */
export class ToolLog {
  readonly #sessionId: string;
  readonly #clock: Clock;
  readonly #running = new Map<string, { readonly tool: string; readonly since: number | undefined }>();

  constructor(sessionId: string, clock: Clock) {
    this.#sessionId = sessionId;
    this.#clock = clock;
  }

  /** It was started before, nobody knows when. */
  goesOn(tool: string, toolUseId: string): void {
    this.#running.set(toolUseId, { tool, since: undefined });
  }

  started(tool: string, toolUseId: string, input: string | undefined): GroupEventBody {
    this.#running.set(toolUseId, { tool, since: this.#clock.monotonic() });
    const [oldest] = this.#running.size > MOST_RUNNING ? this.#running.keys() : [];
    if (oldest !== undefined) this.#running.delete(oldest);
    const started = { type: 'tool_started', sessionId: this.#sessionId, tool, toolUseId } as const;
    return input === undefined ? started : { ...started, input };
  }

  finished(toolUseId: string, isError: boolean): GroupEventBody {
    const { tool = 'unknown', since } = this.#running.get(toolUseId) ?? {};
    this.#running.delete(toolUseId);
    return {
      type: 'tool_finished',
      sessionId: this.#sessionId,
      tool,
      toolUseId,
      ...(since === undefined ? {} : { durationMs: Math.round(this.#clock.monotonic() - since) }),
      isError,
    };
  }
}
