import type { Diagnostic } from '../sdk/group/diagnostics.ts';
import type { SessionGroupHandle, SessionGroupOptions } from '../sdk/group/handle.ts';
import type { SessionGroupDefinition, SessionGroupInput } from '../sdk/group/types.ts';
import type { AgentCheck } from '../sdk/session/agent.ts';
import type { CliIo } from './io.ts';

/** A definition that was read and found valid. */
export interface LoadedGroup {
  readonly definition: SessionGroupDefinition;
  readonly warnings: readonly Diagnostic[];
}

/** What a command needs of a group that it runs. */
export type DrivenGroup = Pick<
  SessionGroupHandle,
  | 'id'
  | 'group'
  | 'events$'
  | 'progress$'
  | 'getProgress'
  | 'getResult'
  | 'run'
  | 'pause'
  | 'resume'
  | 'stop'
  | 'why'
  | 'dispose'
>;

/** What the commands call in the library; tests put their own in its place. */
export interface CliServices {
  loadDefinition(file: string): LoadedGroup | Promise<LoadedGroup>;
  createGroup(definition: SessionGroupInput, options: SessionGroupOptions): Promise<DrivenGroup>;
  /** Looks for the `claude` program; starts no work. */
  checkClaude(env: CliIo['env']): Promise<AgentCheck>;
}
