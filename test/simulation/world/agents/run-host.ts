import type { Clock } from '../../../../src/sdk/clock.ts';
import type { Happening } from '../../history.ts';
import type { Life } from '../machine.ts';
import type { AgentRun } from './agent-run.ts';

/** What all runs of a conversation have spent. */
export interface SimulatedConversation {
  readonly runs: AgentRun[];
}

export interface RunHost {
  readonly clock: (life: Life) => Clock;
  readonly conversation: SimulatedConversation;
  /** Whether its engine can hear it. */
  readonly heard: () => boolean;
  readonly frozen: () => boolean;
  tell(happening: Happening): void;
}
