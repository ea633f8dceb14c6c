import { given } from '../../given.ts';
import type { ResolvedAgent } from '../agent-config.ts';
import { withoutOuterClient } from './environment.ts';
import { findClaude, nameOf } from './executable.ts';

/** Where a conversation is. */
export interface ConversationPlace {
  readonly agent: ResolvedAgent;
  readonly conversationId: string;
  /** This process's environment, with what its session sets. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What its session sets of that. */
  readonly own: Readonly<Record<string, string | undefined>>;
  /** The session's own config folder. Default: the user's. */
  readonly configDir?: string | undefined;
}

/** A program with which a person goes on with a conversation. */
export interface ByHand {
  /** As the user has it: a command on PATH, or a path. */
  readonly name: string;
  /** As it is found now; undefined if it is not. */
  readonly path: string | undefined;
  readonly args: readonly string[];
  /** The variables that say where the conversation is. */
  readonly variables: Readonly<Record<string, string>>;
  /** What of its session's environment it gets. */
  environment(all: Readonly<Record<string, string>>): Record<string, string>;
}

/** Claude Code in a terminal, in the conversation of a session. */
export function claudeByHand({ agent, conversationId, env, own, configDir }: ConversationPlace): ByHand {
  return {
    name: nameOf(agent, env),
    path: findClaude(agent, env),
    args: ['--resume', conversationId],
    variables: given({ HOME: own.HOME, CLAUDE_CONFIG_DIR: configDir ?? env.CLAUDE_CONFIG_DIR }),
    environment: all => withoutOuterClient(all, configDir),
  };
}
