import type { GroupStatus } from '../../../../machines/vocabulary.ts';
import type { SessionRun } from '../attempt/session-run.ts';
import type { ProgressAggregator } from '../progress-aggregator.ts';
import type { GroupState } from './group-state.ts';
import type { Recorder } from './recorder.ts';

/** A running group as those see it who only read. */
export interface RunnerView {
  readonly groupId: string;
  readonly status: GroupStatus;
  readonly state: GroupState;
  readonly progress: ProgressAggregator;
  readonly recorder: Pick<Recorder, 'failure' | 'held'>;
  /** Undefined for a session that has not been in play. */
  findRun(id: string): SessionRun | undefined;
}
