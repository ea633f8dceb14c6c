import { given } from '../../given.ts';
import type { ByHand, ConversationPlace } from '../by-hand.ts';
import { withoutOuterClient } from './environment.ts';
import { findClaude, nameOf } from './executable.ts';

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
