import type { GroupMachineEvent } from '../../../../machines/contract.ts';
import { pauseReasonOf } from '../../../../machines/vocabulary.ts';
import type { GroupFold } from '../journal/fold.ts';
import { stillInPlay } from '../journal/fold.ts';
import type { Recorder } from './recorder.ts';

/** What was in progress when the engine died: a run or a stop waits to be continued, a pause is finished at once. */
export class Unfinished {
  readonly #recorder: Recorder;
  #run = false;
  #stop = false;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  get run(): boolean {
    return this.#run;
  }

  get stop(): boolean {
    return this.#stop;
  }

  /** Journals the end of a pause or update that was in progress. */
  restore(fold: GroupFold): void {
    this.#run = fold.status === 'running';
    this.#stop = fold.status === 'stopping';
    // The engine's death completed its pause.
    if (fold.status === 'pausing') {
      this.#recorder.internal({ type: '_taken_over' });
      for (const sessionId of stillInPlay(fold)) {
        this.#recorder.internal({ type: '_status', sessionId, status: 'paused' });
        this.#recorder.record({ type: 'session_paused', sessionId });
      }
      this.#recorder.record({ type: 'group_paused', reason: pauseReasonOf(fold.reason) });
    }
    // An update may not have been announced completely.
    for (const sessionId of [...fold.unannounced])
      this.#recorder.record({ type: 'session_added', sessionId });
    if (fold.reopened) this.#recorder.record({ type: 'group_paused', reason: 'manual' });
  }

  /** Call before this request reaches the chart: it may continue what was in progress. */
  continueWith(request: GroupMachineEvent['type']): void {
    const [recovers, ends] = [this.#run && request === 'run', this.#stop && request === 'stop'];
    if (recovers || ends) this.#recorder.internal({ type: '_taken_over' });
    if (recovers) this.#run = false;
    if (ends) this.#stop = false;
  }
}
