import type { Clock } from '../../clock.ts';
import type { GroupEventBody } from '../journal/events.ts';

/** The tools of one attempt that are running, so that their end can be told with name and duration. */
export class ToolLog {
  readonly #sessionId: string;
  readonly #clock: Clock;
  readonly #running = new Map<string, { readonly tool: string; readonly since: number }>();

  constructor(sessionId: string, clock: Clock) {
    this.#sessionId = sessionId;
    this.#clock = clock;
  }

  started(tool: string, toolUseId: string): GroupEventBody {
    this.#running.set(toolUseId, { tool, since: this.#clock.monotonic() });
    return { type: 'tool_started', sessionId: this.#sessionId, tool, toolUseId };
  }

  finished(toolUseId: string, isError: boolean): GroupEventBody {
    const started = this.#running.get(toolUseId);
    this.#running.delete(toolUseId);
    return {
      type: 'tool_finished',
      sessionId: this.#sessionId,
      tool: started?.tool ?? 'unknown',
      toolUseId,
      ...(started ? { durationMs: Math.round(this.#clock.monotonic() - started.since) } : {}),
      isError,
    };
  }

  clear(): void {
    this.#running.clear();
  }
}
