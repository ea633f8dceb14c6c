import { isBuiltIn } from './agent-config.ts';
import type { AgentKind } from './agent-kinds.ts';
import { type ByHand, type ConversationPlace, claudeByHand } from './claude-code/by-hand.ts';

export type { ByHand } from './claude-code/by-hand.ts';

const KINDS: Readonly<Partial<Record<AgentKind, (place: ConversationPlace) => ByHand>>> = {
  claude: claudeByHand,
};

/** Undefined for kinds of agents whose conversations only the engine can go on with. */
export const byHand = (place: ConversationPlace): ByHand | undefined =>
  isBuiltIn(place.agent.kind) ? KINDS[place.agent.kind]?.(place) : undefined;
