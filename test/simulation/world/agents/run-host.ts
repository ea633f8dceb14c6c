import type { Clock } from '../../../../src/sdk/clock.ts';
import type { Happening } from '../../history.ts';
import type { PlannedRun } from '../../plan/plan.ts';
import type { Life } from '../machine.ts';
import type { AgentRun } from './agent-run.ts';

/** What all runs of a conversation have spent. */
export interface SimulatedConversation {
  readonly runs: AgentRun[];
  /** Ids of the messages that it has. */
  readonly messages: Set<string>;
}

export interface RunHost {
  readonly clock: (life: Life) => Clock;
  readonly conversation: SimulatedConversation;
  /** Whether its engine can hear it. */
  readonly heard: () => boolean;
  readonly frozen: () => boolean;
  /** Into a file of its tree, if it has one. */
  write(run: number, path: string): void;
  /** What its tree has of a conflict. */
  resolve(leaves: PlannedRun['leaves']): void;
  tell(happening: Happening): void;
}
