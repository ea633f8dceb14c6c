import type { PermissionDenial } from '../usage.ts';
import type { ScriptedStep } from './script.ts';

/** What a scripted conversation remembers between its attempts (AGENT-5). */
export interface ScriptedConversation {
  readonly id: string;
  /** Index of the next step, or of the step that was interrupted. */
  step: number;
  /** Remaining wait of that step, ms; undefined if it hasn't begun. */
  leftMs: number | undefined;
  /** Over all attempts. */
  costMicroUsd: number;
  /** Counts replies, tool calls and permission requests, for their ids. */
  lastNumber: number;
  lastText: string;
  result: string | undefined;
  output: unknown;
  denials: PermissionDenial[];
  /** Ids of messages that it has taken. */
  readonly messages: Set<string>;
  /** How many attempts each `failure` or `limit` step has ended, by step index. */
  readonly hits: Map<number, number>;
  /** When each `limit` step resets, by step index; epoch ms. */
  readonly limitedUntil: Map<number, number>;
}

export function newConversation(id: string): ScriptedConversation {
  return {
    id,
    costMicroUsd: 0,
    lastNumber: 0,
    messages: new Set(),
    hits: new Map(),
    limitedUntil: new Map(),
    ...initialState(),
  };
}

/** A conversation resumed after its script has ended plays it again; its cost so far remains. */
export function startOver(conversation: ScriptedConversation): void {
  Object.assign(conversation, initialState());
}

/**
 * Of a conversation that another process has had: the attempts before this one are those that its steps have ended, as many
 * as each may, in their order.
 */
export function countBefore(
  { hits }: ScriptedConversation,
  steps: readonly ScriptedStep[],
  attempt: number,
): void {
  let left = attempt - 1;
  for (const [index, step] of steps.entries()) {
    if (!('attempts' in step) || step.attempts === undefined) continue;
    const ended = Math.min(left, step.attempts);
    if (ended > 0) hits.set(index, ended);
    left -= ended;
  }
}

export function advance(conversation: ScriptedConversation): void {
  conversation.step += 1;
  conversation.leftMs = undefined;
}

/** Unique within the conversation, and the same in every run. */
export function numberedId(conversation: ScriptedConversation, kind: string): string {
  conversation.lastNumber += 1;
  return `${conversation.id}-${kind}-${conversation.lastNumber}`;
}

function initialState() {
  return { step: 0, leftMs: undefined, lastText: '', result: undefined, output: undefined, denials: [] };
}
