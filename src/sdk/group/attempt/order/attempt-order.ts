import type { AttemptSpec } from '../../../session/agent.ts';
import type { GeneratedConfig } from '../../config-generator.ts';
import type { OrderedTree } from '../../tree/tree-call.ts';
import type { SessionDefinition } from '../../types.ts';

/**
 * An attempt as its group orders it, which any machine can carry out: plain JSON of names and contents.
 *
 * ATTEMPT-ORDER-1 it has no path of a machine, and no value of a variable: what refers to one is resolved where the agent works.
 */
export interface AttemptOrder
  extends Omit<AttemptSpec, 'cwd' | 'config' | 'env' | 'secrets' | 'logDir'>,
    Pick<SessionDefinition, 'env' | 'envPolicy'> {
  /** What was generated for the session. Default: nothing. */
  readonly config?: OrderedConfig;
  /** The session's own tree, and the place that has it. Default: it has none. */
  readonly tree?: OrderedTree;
  /**
   * The place that has the conversation that is resumed, of a session without a tree: a worker elsewhere begins it anew.
   * Default: none is known.
   */
  readonly place?: string;
  /** Texts of other sessions that are too long for a prompt, by names of files; its texts name them by a mark. Default: none. */
  readonly results?: Readonly<Record<string, string>>;
  /** Whether the agent writes stderr and transcript. */
  readonly logs: boolean;
}

/** A session's configuration, as contents. */
export interface OrderedConfig extends Pick<GeneratedConfig, 'files' | 'mcpServers' | 'variables'> {
  /** The session has a config folder of its own, instead of the user's. */
  readonly isolated: boolean;
  /** The conversation began with a different configuration. */
  readonly changed: boolean;
}
