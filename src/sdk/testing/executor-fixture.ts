import type { SessionExecutor } from '../group/attempt/executor/executor.ts';
import type { StepAnswer, StepOrder } from '../group/attempt/executor/step.ts';
import type { PuppetAgent } from './puppet-agent.ts';

/** Carries out steps in sessions' trees as a test says. */
export interface PuppetTrees {
  /** Resolves with the next step that has begun. */
  begun(): Promise<PuppetStep>;
}

/** A step that is being carried out. */
export interface PuppetStep {
  readonly order: StepOrder;
  /** Nobody has cut it off, and it has not been answered. */
  readonly live: boolean;
  answer(answer: StepAnswer): void;
}

/** What an executor's suite needs of it. Cases that need a function that is absent are left out. */
export interface ExecutorFixture {
  /** Plays the agent of kind `claude` wherever attempts are carried out. */
  readonly agent: PuppetAgent;
  /** The group, which every executor of the fixture has. */
  readonly groupId: string;
  /** A new executor of the group, beside those that were made before. */
  executor(): SessionExecutor;
  /** Lets time pass until the promise settles, and returns its value; on the real clock: `promise => promise`. */
  drive<T>(promise: Promise<T>): Promise<T>;
  /** Lets everything happen that does not wait for the agent. */
  settle(): Promise<void>;
  /** Plays the trees of sessions wherever steps are carried out. Absent: the executor takes no steps. */
  readonly trees?: PuppetTrees;
  /** From now on attempts and steps are placed, also after a loss; before that, they wait. Absent: each is placed at once. */
  serve?(): void;
  /** Ends the worker that has the attempts so that nothing of it is left, and nothing more is heard of it. */
  lose?(): void;
}

/** One rule of the port, as a test that throws if an executor breaks it. */
export interface ExecutorConformanceCase {
  readonly name: string;
  /** Whether the fixture provides what this case needs. */
  applies(fixture: ExecutorFixture): boolean;
  run(fixture: ExecutorFixture): Promise<void>;
}
