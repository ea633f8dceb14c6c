import type { GroupMachineEvent } from '../../../../machines/contract.ts';
import { pauseReasonOf } from '../../../../machines/vocabulary.ts';
import type { GroupFold } from '../journal/fold.ts';
import { stillInPlay } from '../journal/fold.ts';
import type { Recorder } from './recorder.ts';

/** What an engine had under way when it died: a run and a stop wait to be taken up, a pause ended with it. */
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

  /** Journals the end of what has ended. */
  restore(snapshot: GroupFold): void {
    this.#run = snapshot.status === 'running';
    this.#stop = snapshot.status === 'stopping';
    // A pause that was under way when the engine died has come to its end with it.
    if (snapshot.status === 'pausing') {
      this.#recorder.internal({ type: '_taken_over' });
      for (const sessionId of stillInPlay(snapshot)) {
        this.#recorder.internal({ type: '_status', sessionId, status: 'paused' });
        this.#recorder.record({ type: 'session_paused', sessionId });
      }
      this.#recorder.record({ type: 'group_paused', reason: pauseReasonOf(snapshot.reason) });
    }
    // So has the news of an update.
    for (const sessionId of [...snapshot.unannounced])
      this.#recorder.record({ type: 'session_added', sessionId });
    if (snapshot.reopened) this.#recorder.record({ type: 'group_paused', reason: 'manual' });
  }

  /** Before this request reaches the chart: it may carry out what was left. */
  takeUp(request: GroupMachineEvent['type']): void {
    const [recovers, ends] = [this.#run && request === 'run', this.#stop && request === 'stop'];
    if (recovers || ends) this.#recorder.internal({ type: '_taken_over' });
    if (recovers) this.#run = false;
    if (ends) this.#stop = false;
  }
}
