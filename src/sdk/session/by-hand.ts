import { isBuiltIn, type ResolvedAgent } from './agent-config.ts';
import type { AgentKind } from './agent-kinds.ts';
import { claudeByHand } from './claude-code/by-hand.ts';

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

const KINDS: Readonly<Partial<Record<AgentKind, (place: ConversationPlace) => ByHand>>> = {
  claude: claudeByHand,
};

/** Undefined for kinds of agents whose conversations only the engine can go on with. */
export const byHand = (place: ConversationPlace): ByHand | undefined =>
  isBuiltIn(place.agent.kind) ? KINDS[place.agent.kind]?.(place) : undefined;
